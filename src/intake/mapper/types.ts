import type { JsonObject } from '../../domain/json.ts';
import type { PackagingLevels } from '../../domain/packaging/index.ts';
import type { Gs1Code } from '../gs1/index.ts';
import type { ExpressionEvaluator } from './expression.ts';
import type { QuarantineReason } from './quarantine.ts';

/** One scan, whatever device it came from. */
export interface Scan {
  /** The device's own name for this scan: event id, or `<device>:<sequence>`. Without it the scan is at-least-once. */
  readonly transportId?: string;
  readonly deviceId?: string;
  readonly operatorId?: string;
  /** Where, as far as the message says so; the topic's variables stand in. */
  readonly area?: string;
  readonly station?: string;
  /** What stood in the code, as the device sent it; only line ends and STX/ETX around it are taken away. */
  readonly code: string;
  /** When the device says it scanned: ISO 8601, UTC. */
  readonly occurredAt?: string;
  /** What the code says, when it is a GS1 code. */
  readonly gs1?: Gs1Code;
  /** Purchase order and line: of the message, else AI 400 of the code. */
  readonly po?: string;
  readonly line?: string;
  /** Decimal string without needless zeros, never negative: of the message, else AI 37 or 30 of the code. */
  readonly quantity?: string;
  /** Base units in one of what was scanned, as the message says so: decimal string. */
  readonly baseUnits?: string;
  /** The same goods in base units, as far as packaging levels or the message say so. */
  readonly base?: ScanBase;
  /** There are packaging levels, and what was scanned is not among them. */
  readonly unknownPack?: boolean;
  readonly deliveryNote?: string;
  /** The last receipt of its purchase order line. */
  readonly final?: boolean;
  /** Takes an earlier receipt back. */
  readonly reverse?: boolean;
  /** Whatever else the message held. */
  readonly extra: JsonObject;
}

/** Goods in base units. */
export interface ScanBase {
  /** GTIN of the base unit, 14 digits; absent when the message alone says how many there are. */
  readonly gtin?: string;
  /** Decimal string; absent when nobody says how many packs there are (AI 02 without 37). */
  readonly quantity?: string;
  /** Unit of measure of the base unit, where the packaging levels name it. */
  readonly unit?: string;
}

/** One scan, or one whole message, that could not be read. */
export interface Rejection {
  readonly reason: QuarantineReason;
  /** One sentence for a person, from the one table. */
  readonly message: string;
  /** What exactly was wrong, for the person who looks after the device. */
  readonly detail?: string;
  /** Position in a batch, from 0. */
  readonly index: number;
  /** The code, when one was found. */
  readonly code?: string;
  readonly deviceId?: string;
  readonly transportId?: string;
  /** Whatever else the message held. */
  readonly extra?: JsonObject;
}

/**
 * What became of one message. A batch can hold both: whoever acknowledges the message must have stored the scans *and*
 * put the rejections into quarantine. A message without a single readable scan is `ok: false`.
 */
export type MapResult =
  | { readonly ok: true; readonly scans: readonly Scan[]; readonly rejections: readonly Rejection[] }
  | ({ readonly ok: false } & Rejection);

/** What is known about a message besides its bytes. */
export interface MessageContext {
  /** Variables of the topic; `device` and `operator` stand in for what the message does not say. */
  readonly topic?: Readonly<Record<string, string>>;
  /** When the message came in, epoch milliseconds; the year of it judges two-digit years. */
  readonly receivedAt: number;
}

/** `leave`: taken as it is, and said. `quarantine`: put aside until the levels know it. */
export type UnknownPacks = 'leave' | 'quarantine';

export type MapperPreset = 'auto' | 'plain-text' | 'proglove' | 'zebra-rfd' | 'waybill' | 'custom' | 'jsonata';

/** JSON pointers (RFC 6901) of the `custom` preset. */
export interface FieldPointers {
  /** Where the list of scans is; without it the message is one scan. The other pointers start from an entry of it. */
  readonly items?: string;
  readonly code: string;
  readonly id?: string;
  readonly sequence?: string;
  readonly device?: string;
  readonly operator?: string;
  readonly area?: string;
  readonly station?: string;
  readonly time?: string;
  readonly po?: string;
  readonly line?: string;
  readonly quantity?: string;
  readonly baseUnits?: string;
  readonly deliveryNote?: string;
  readonly final?: string;
  readonly reverse?: string;
}

export interface MapperOptions {
  readonly preset: MapperPreset;
  /** Payloads above it go to quarantine; 65,536 bytes by default. */
  readonly maxPayloadBytes?: number;
  /** What the scanners send in the place of FNC1 besides ASCII 29. */
  readonly fnc1Substitutes?: readonly string[];
  /** `gs1` (default) quarantines what is no GS1 code; `any` lets other labels pass, but never a damaged GS1 code. */
  readonly codes?: 'gs1' | 'any';
  /** What packs hold; without it nothing is converted. */
  readonly packaging?: PackagingLevels;
  /** What becomes of a trade item that is not among the packaging levels; `leave` when absent. */
  readonly unknownPacks?: UnknownPacks;
  /** Needed by `custom`. */
  readonly pointers?: FieldPointers;
  /** Needed by `jsonata`. */
  readonly evaluate?: ExpressionEvaluator;
}

/** A scan as a preset found it in a message, before anything was checked. */
export interface RawScan {
  readonly code?: unknown;
  readonly id?: unknown;
  readonly sequence?: unknown;
  readonly device?: unknown;
  readonly operator?: unknown;
  readonly area?: unknown;
  readonly station?: unknown;
  readonly time?: unknown;
  readonly po?: unknown;
  readonly line?: unknown;
  readonly quantity?: unknown;
  readonly baseUnits?: unknown;
  readonly deliveryNote?: unknown;
  readonly final?: unknown;
  readonly reverse?: unknown;
  readonly extra?: JsonObject;
  /** The code is the hexadecimal EPC of an RFID tag. */
  readonly epc?: boolean;
}

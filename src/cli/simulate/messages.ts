/** What the shift's devices put on the wire. */
import { seedAt, type Random } from './demo-data/index.ts';

/** A label for an SSCC, as scanners of different settings send it. */
export function ssccLabel(sscc: string, random: Random): string {
  const style = random.next();
  if (style < 0.85) return `]C100${sscc}`;
  if (style < 0.92) return `00${sscc}`;
  return style < 0.97 ? `(00)${sscc}` : sscc;
}

/** A label for an article: EAN-13, or GS1-128 with the lot. */
export function gtinLabel(gtin: string, lot: string | undefined): string {
  return lot === undefined ? `]E0${gtin.slice(1)}` : `]C101${gtin}10${lot}`;
}

export interface MessageFields {
  readonly id: string;
  readonly code: string;
  readonly device: string;
  readonly operator?: string;
  readonly time: string;
  readonly po?: string;
  readonly line?: string;
  readonly quantity?: string;
  readonly deliveryNote?: string;
  readonly final?: boolean;
  readonly reverse?: boolean;
  /** Of a sorter. */
  readonly lane?: string;
}

/** Waybill's own form of a scan message. */
export function waybillMessage(fields: MessageFields): Buffer {
  return Buffer.from(JSON.stringify(fields));
}

/** ProGlove Streams API scan event; it names no operator. */
export function progloveMessage(fields: Pick<MessageFields, 'id' | 'code' | 'device' | 'time'>): Buffer {
  return Buffer.from(`${JSON.stringify({
    api_version: '1.0', event_type: 'scan', event_id: fields.id, time_created: Date.parse(fields.time), scan_code: fields.code,
    device_serial: fields.device, gateway_serial: 'PGGW000000058',
  })}\n`);
}

/** A UUID-shaped id that is the same for the same seed and number, and different for any other number. */
export function eventId(seed: number, number: number): string {
  const hex = [0, 1, 2, 3].map((part) => seedAt(seed + part * 7919, number).toString(16).padStart(8, '0')).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** Bytes that are no UTF-8, as a scanner in a wrong mode sends them. */
export function binaryNoise(random: Random): Buffer {
  return Buffer.from([0xff, ...Array.from({ length: random.between(8, 48) }, () => random.between(0, 255))]);
}

/** The label with another check digit. */
export function wrongCheckDigit(sscc: string): string {
  return `${sscc.slice(0, 17)}${(Number(sscc.charAt(17)) + 1) % 10}`;
}

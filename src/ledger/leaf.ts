import type { Actor, Envelope, RecordedEvent } from '../domain/envelope.ts';
import { eventTypeVersion } from '../domain/events.ts';
import type { EventType } from '../domain/events.ts';
import type { JsonObject } from '../domain/json.ts';
import { canonicalJson } from './canonical.ts';
import { commitmentOf, jsonOf, saltedText } from './commitment.ts';
import type { SaltSource } from './commitment.ts';
import { knownMember, leafFrame, leafVersion } from './leaf-frame.ts';
import { LedgerError } from './port.ts';
import type { NewEvent } from './port.ts';
import { upcast } from './upcasters.ts';

/** A leaf's most bytes: entry bundles give its length in two bytes (C2SP tlog-tiles). */
export const maxLeafBytes = 65_535;

/** A new event, encoded but for the time of recording, which the batch decides. */
export interface EncodedEvent {
  /** Leaf text before and after the value of `recordedAt`. */
  readonly head: string;
  readonly tail: string;
  /** Stored form (salt and JSON text) of the erasable parts, null when the event has none. */
  readonly content: string | null;
  readonly personal: string | null;
  /** Bytes this event takes in queue and database, roughly (exact for ASCII). */
  readonly bytes: number;
}

/** What stands in a leaf. Business keys and personal data never do, only commitments to them (PROTOCOL §6). */
export interface Leaf {
  readonly v: number;
  /** `Type@version`. */
  readonly type: string;
  readonly eventId: string;
  readonly ledgerId: string;
  readonly streamId: string;
  readonly version: number;
  readonly epoch: number;
  readonly occurredAt: string;
  readonly recordedAt: string;
  readonly clockSource: Envelope['clockSource'];
  readonly actor: Actor;
  readonly site: string;
  readonly data: JsonObject;
  /** Commitments (base64 of SHA-256 over salt and bytes) by retention class. */
  readonly commit?: { readonly business?: string; readonly personal?: string };
  readonly instance?: string;
  readonly stepId?: string;
  readonly [field: string]: unknown;
}

const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const typeForm = /^([A-Z][A-Za-z]*)@([1-9]\d*)$/;

function bad(event: NewEvent, what: string, cause?: unknown): LedgerError {
  return new LedgerError('bad-event', `${event.type} ${event.eventId} of stream ${event.streamId}: ${what}`, { cause });
}

function storedPart(event: NewEvent, part: JsonObject | undefined, salt: SaltSource): string | null {
  if (part === undefined) return null;
  try {
    return saltedText(salt(), JSON.stringify(part));
  } catch (error) {
    throw bad(event, `its content has no JSON form (${(error as Error).message})`, error);
  }
}

/**
 * Encodes a new event. The leaf is canonical JSON (keys in code-unit order, see canonical.ts); the envelope's
 * members are written out in that order by hand (leaf-frame.ts) because this runs once per event on the main thread.
 * @throws LedgerError `bad-event` for what has no JSON form, `leaf-too-large` over 65,535 bytes
 */
export function encodeEvent(event: NewEvent, ledgerId: string, salt: SaltSource): EncodedEvent {
  if (!isoTime.test(event.occurredAt)) throw bad(event, `occurredAt ${event.occurredAt} is not ISO 8601 UTC with milliseconds`);
  const content = storedPart(event, event.content as JsonObject | undefined, salt);
  const personal = storedPart(event, event.personal as JsonObject | undefined, salt);
  let data: string;
  try {
    data = canonicalJson(event.data);
  } catch (error) {
    throw bad(event, `its data has no JSON form (${(error as Error).message})`, error);
  }
  const business = content === null ? '' : `"business":"${commitmentOf(content)}"`;
  const person = personal === null ? '' : `"personal":"${commitmentOf(personal)}"`;
  const commit = business === '' && person === '' ? '' : `"commit":{${business}${business !== '' && person !== '' ? ',' : ''}${person}},`;
  const frame = leafFrame(event, ledgerId);
  const { address } = event;
  const head = `${frame.start}${commit}${frame.beforeData}${data}${frame.beforeId}${JSON.stringify(event.eventId)},${knownMember('family', event.family)}${knownMember('instance', address?.instance)}${frame.beforeTime}`;
  const tail = `${frame.afterTime}${knownMember('stepId', address?.stepId)}${frame.stream}${knownMember('template', event.template)}${frame.beforeType}${event.type}@${eventTypeVersion(event.type)}","v":${leafVersion},"version":${event.version}}`;
  // A character is at most three bytes of UTF-8, so most leaves need no count.
  const length = head.length + tail.length + event.occurredAt.length;
  if (length * 3 > maxLeafBytes) {
    const bytes = Buffer.byteLength(head) + Buffer.byteLength(tail) + event.occurredAt.length;
    if (bytes > maxLeafBytes) {
      throw new LedgerError('leaf-too-large', `${event.type} of stream ${event.streamId} takes ${bytes} bytes in its leaf; at most ${maxLeafBytes} fit. Put what is bulky into content.`);
    }
  }
  return { head, tail, content, personal, bytes: length + (content?.length ?? 0) + (personal?.length ?? 0) };
}

/** The leaf's whole text. */
export function leafText(event: EncodedEvent, recordedAt: string): string {
  return event.head + recordedAt + event.tail;
}

function damaged(what: string, cause?: unknown): LedgerError {
  return new LedgerError('corrupt', `A leaf cannot be read: ${what}`, { cause });
}

/**
 * Reads a leaf without its erasable parts.
 * @throws LedgerError `corrupt` when it is not of this form, or newer than this program
 */
export function parseLeaf(text: string): Leaf {
  let leaf: Leaf;
  try {
    leaf = JSON.parse(text) as Leaf;
  } catch (error) {
    throw damaged('it is no JSON', error);
  }
  if (typeof leaf !== 'object' || leaf === null) throw damaged('it is no object');
  if (leaf.v !== leafVersion) throw damaged(`its form has version ${String(leaf.v)}, this program reads ${leafVersion}`);
  const strings = [leaf.type, leaf.eventId, leaf.ledgerId, leaf.streamId, leaf.occurredAt, leaf.recordedAt, leaf.clockSource, leaf.site];
  if (strings.some((value) => typeof value !== 'string')) throw damaged('a member that must be text is missing');
  if (!Number.isSafeInteger(leaf.version) || leaf.version < 1 || !Number.isSafeInteger(leaf.epoch)) throw damaged('version or epoch is no whole number');
  if (typeof leaf.actor !== 'object' || typeof leaf.data !== 'object' || leaf.actor === null || leaf.data === null) throw damaged('actor or data is missing');
  return leaf;
}

/** Members of a leaf that an event has under the same name, and that may be absent. */
const optionalMembers = [
  'legalEntity', 'family', 'template', 'caseId', 'rootCaseId', 'parentCaseId', 'causationId', 'correlationId', 'command',
  'tokenId', 'attempt', 'policyVersion', 'paramsHash', 'reasonCode',
] as const;

function parsePart(stored: string | null, what: string): JsonObject | undefined {
  if (stored === null) return undefined;
  try {
    return JSON.parse(jsonOf(stored)) as JsonObject;
  } catch (error) {
    throw damaged(`its ${what} is no JSON`, error);
  }
}

/**
 * Puts a recorded event together again from what is stored, and brings it to the version that is written today.
 * @param text the leaf's bytes as text
 * @param content,personal stored forms; null when the event had none or they were erased
 * @throws LedgerError `corrupt`
 */
export function decodeLeaf(text: string, content: string | null, personal: string | null, position?: number): RecordedEvent {
  const leaf = parseLeaf(text);
  const [, type, written] = typeForm.exec(leaf.type) ?? [];
  if (type === undefined) throw damaged(`${leaf.type} is no event type`);
  const typeVersion = eventTypeVersion(type as EventType);
  if (Number(written) > typeVersion) throw damaged(`${leaf.type} is newer than this program, which writes ${type}@${typeVersion}`);
  const stored = { data: leaf.data, content: parsePart(content, 'content'), personal: parsePart(personal, 'personal content') };
  const parts = Number(written) === typeVersion ? stored : upcast(type as EventType, Number(written), typeVersion, {
    data: stored.data, ...(stored.content === undefined ? {} : { content: stored.content }), ...(stored.personal === undefined ? {} : { personal: stored.personal }),
  });
  const event: Record<string, unknown> = {
    type, typeVersion, eventId: leaf.eventId, ledgerId: leaf.ledgerId, streamId: leaf.streamId, version: leaf.version, site: leaf.site,
    epoch: leaf.epoch, occurredAt: leaf.occurredAt, recordedAt: leaf.recordedAt, clockSource: leaf.clockSource, actor: leaf.actor, data: parts.data,
  };
  for (const name of optionalMembers) if (leaf[name] !== undefined) event[name] = leaf[name];
  if (leaf.instance !== undefined && leaf.stepId !== undefined) event['address'] = { instance: leaf.instance, stepId: leaf.stepId };
  if (parts.content !== undefined) event['content'] = parts.content;
  if (parts.personal !== undefined) event['personal'] = parts.personal;
  if (position !== undefined) event['position'] = position;
  const erased = (leaf.commit?.business !== undefined && content === null) || (leaf.commit?.personal !== undefined && personal === null);
  if (erased) event['erased'] = true;
  return event as unknown as RecordedEvent;
}

import type { EventType, EventContent, EventData, EventPersonal } from './events.ts';

/** Who or what caused an event. `id` is a pseudonym for persons; the name behind it is personal content. */
export interface Actor {
  readonly kind: 'person' | 'system' | 'device' | 'model';
  readonly id: string;
  readonly role?: string;
  readonly onBehalfOf?: string;
}

/** A business key of a case, for example `{type: 'sscc', value: '…'}`. Never in clear in a leaf. */
export interface BusinessKey { readonly type: string; readonly value: string }

/**
 * Where a governed node stands: `instance` + `stepId`. Stable over restarts, redeploys,
 * moved tabs and sites (PROTOCOL §1).
 */
export interface Address { readonly instance: string; readonly stepId: string }

/** Text form of an address, used as a key in projections: `instance/stepId`. */
export function addressKey(address: Address): string {
  return `${address.instance}/${address.stepId}`;
}

/** What a decider adds to an event beyond its data; the engine fills in the rest of the envelope. */
export interface EventContext {
  readonly address?: Address;
  readonly tokenId?: string;
  readonly attempt?: number;
  readonly policyVersion?: string;
  readonly paramsHash?: string;
  readonly reasonCode?: string;
}

/**
 * An event as a decider returns it.
 * - `data` stands in the leaf: state-bearing values that are not personal; all that `evolve` may rely on.
 * - `content` is of the retention class *business*, `personal` of the class *personal*: both are
 *   committed to by a salted hash in the leaf and may be erased later (PROTOCOL §6).
 */
export interface DomainEvent<T extends EventType = EventType> extends EventContext {
  readonly type: T;
  readonly data: EventData[T];
  readonly content?: EventContent[T];
  readonly personal?: EventPersonal[T];
}

/** Union of all domain events, discriminated by `type`. */
export type AnyEvent = { [T in EventType]: DomainEvent<T> }[EventType];

/** The whole envelope of a recorded event (PROTOCOL §5). Times are ISO 8601 UTC with milliseconds. */
export interface Envelope {
  readonly eventId: string;
  readonly ledgerId: string;
  /** Stream; equals the case id for events of a case. */
  readonly streamId: string;
  /** 1 for the first event of the stream. */
  readonly version: number;
  readonly site: string;
  readonly legalEntity?: string;
  readonly family?: string;
  /** `name@version` of the template. */
  readonly template?: string;
  readonly caseId?: string;
  readonly rootCaseId?: string;
  readonly parentCaseId?: string;
  readonly epoch: number;
  readonly occurredAt: string;
  readonly recordedAt: string;
  readonly clockSource: 'server' | 'device';
  readonly actor: Actor;
  readonly causationId?: string;
  readonly correlationId?: string;
  /** Name of the command that led to the event. */
  readonly command?: string;
}

/** A recorded event: envelope, decider's context and payload. `content`/`personal` are absent when erased. */
export type RecordedEvent = Envelope & AnyEvent & {
  /** Version of the event type; a released type never changes meaning. */
  readonly typeVersion: number;
  /** Global position in the ledger, 1 for the first; absent before the commit. Tree index = position - 1 on SQLite. */
  readonly position?: number;
  /** True when a retention class was erased. */
  readonly erased?: boolean;
};

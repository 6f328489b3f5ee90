import type { JsonObject, Json } from '../../../domain/json.ts';
import type { ServiceDefinition } from '../../../domain/service/index.ts';
import type { RecordedEvent } from '../../../domain/envelope.ts';

/** A node of a Node-RED flow file. */
export type FlowNode = Readonly<Record<string, unknown>> & { readonly id: string; readonly type: string };

/** A person of a scenario with an account of their own. */
export interface ScenarioPerson { readonly name: string; readonly displayName?: string; readonly roles: readonly string[]; readonly sites: readonly string[]; readonly badge?: string }

export interface OpenHome {
  readonly home: string;
  /** Virtual time at which the engine is opened, ISO 8601. */
  readonly at: string;
  readonly site: string;
  readonly timeZone: string;
  readonly people: readonly ScenarioPerson[];
  readonly flows: readonly FlowNode[];
  /** What the site's catalogue has of services. */
  readonly services: readonly ServiceDefinition[];
  readonly env: Readonly<Record<string, string>>;
  readonly tuning: JsonObject;
}

/** An account with the token that speaks for it. */
export interface PersonAccess { readonly userId: string; readonly pseudonym: string; readonly token: string }

/** What the runtime is asked for; each is answered once, with the virtual time after it. */
export interface Requests {
  open: { readonly ask: OpenHome; readonly answer: { readonly state: string; readonly reason: string | undefined; readonly url: string; readonly people: Readonly<Record<string, PersonAccess>> } };
  inject: { readonly ask: { readonly node: string; readonly msg: JsonObject }; readonly answer: null };
  /** As a device would: acknowledged when this is answered. */
  scan: { readonly ask: { readonly topic: string; readonly payload: string }; readonly answer: null };
  deploy: { readonly ask: { readonly flows: readonly FlowNode[]; readonly type: string }; readonly answer: null };
  /** Resolves when everything has come to rest. */
  settle: { readonly ask: object; readonly answer: null };
  advance: { readonly ask: { readonly to: number }; readonly answer: null };
  look: { readonly ask: object; readonly answer: Look };
  /** In order: flows stop, the engine drains and seals. */
  close: { readonly ask: object; readonly answer: null };
}
export type RequestName = keyof Requests;

type Row = Readonly<Record<string, Json | undefined>>;

/** What there is, as expectations see it: rows with their columns in camel case, oldest first. */
export interface Look {
  readonly now: string;
  readonly events: readonly RecordedEvent[];
  readonly cases: readonly Row[];
  readonly tasks: readonly Row[];
  readonly exceptions: readonly Row[];
  readonly deadLetters: readonly Row[];
  readonly quarantine: readonly Row[];
  readonly timers: readonly Row[];
  /** Messages that nodes have received since this runtime opened the home, by node id. */
  readonly received: Readonly<Record<string, readonly Json[]>>;
  /** What nodes show below themselves, by node id. */
  readonly statuses: Readonly<Record<string, Json>>;
}

export type ToRuntime =
  | { [N in RequestName]: { readonly kind: 'ask'; readonly id: number; readonly name: N; readonly ask: Requests[N]['ask'] } }[RequestName]
  /** How many requests the scripted systems leave without an answer at the moment. */
  | { readonly kind: 'held'; readonly id: number; readonly count: number };

export type FromRuntime =
  | { readonly kind: 'up' }
  /** Node-RED or the engine cannot be started here. */
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'answer'; readonly id: number; readonly now: number; readonly value?: unknown; readonly error?: string }
  | { readonly kind: 'held?'; readonly id: number };

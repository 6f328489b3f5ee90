import type { BusinessKey } from '../domain/envelope.ts';
import type { IntakeKind } from '../domain/events.ts';
import type { Json, JsonObject } from '../domain/json.ts';

/** What is turned into a case, whatever it came from: the opening, without the step that opens it. */
export interface Opening {
  readonly process: string;
  readonly template: string;
  readonly site: string;
  readonly title: string;
  readonly keys: readonly BusinessKey[];
  /** The first facts of the case. */
  readonly document: JsonObject;
  /** What goes along the first wire. */
  readonly message: { readonly payload: Json; readonly topic: string };
  readonly unique?: { readonly scope: string; readonly key: string };
  /** Names what came, so that the same opens one case however often it comes; absent where nobody can tell. */
  readonly transportId?: string;
  readonly device: string;
  /** What was reported. `kind`: by what, a scanner when absent; `code`: what a person reads of it first. */
  readonly scan: { readonly kind?: IntakeKind; readonly code: string; readonly topic: string; readonly fields: JsonObject };
  readonly occurredAt?: string;
}

/** What a configuration says of the cases that are opened. */
export interface OpeningOptions {
  readonly process: string;
  readonly template: string;
  readonly site: string;
  /** A key opens one case within it; '' for as often as it comes. */
  readonly uniqueScope: string;
}

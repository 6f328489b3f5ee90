import type { Json, JsonObject } from '../json.ts';
import type { BusinessUse } from './business.ts';
import type { ServiceCost } from './cost.ts';
import type { Offer } from './offer.ts';

/** How a service is spoken to. */
export const PROTOCOLS = ['rest', 'odata', 'json-rpc', 'xml-rpc', 'soap', 'edi', 'file', 'queue', 'sql'] as const;
export type Protocol = typeof PROTOCOLS[number];

/**
 * What a system offers, as central IT has approved it: one version, signed in the catalogue as
 * `services/<family>/<name>/<version>.json`. A site's `system` binds it to an address and to credentials.
 */
export interface ServiceDefinition {
  /** `family/name`. */
  readonly id: string;
  /** Semantic version. */
  readonly version: string;
  readonly title: string;
  readonly description?: string;
  /** Who answers for it: an account or a group. */
  readonly owner: string;
  /** The kind of system that offers it, for example `erp`: a site's `system` says which kind it is. */
  readonly system: string;
  readonly protocol: Protocol;
  /** Published conventions that the driver goes by, for example `sap-s4hana`, `tryton`. */
  readonly preset?: string;
  /** Which business objects it touches, and whether this system is the one that counts for them. */
  readonly objects: readonly BusinessObject[];
  readonly operations: Readonly<Record<string, ServiceOperation>>;
  readonly authentication: Authentication;
  readonly limits: ServiceLimits;
  readonly timeouts: ServiceTimeouts;
  readonly retry: ServiceRetry;
  readonly circuit: { readonly failures: number; readonly openSeconds: number };
  /** What a call does while the service is stopped: `wait` (the default) waits for it, `exception` asks a person at once. */
  readonly whenStopped?: 'wait' | 'exception';
  readonly classification: Classification;
  /** JSON Pointers into requests and answers; what stands there is masked wherever an exchange is shown. */
  readonly masked?: readonly string[];
  /** What a call that is answered costs; absent: nothing, or nobody knows. */
  readonly cost?: ServiceCost;
  /** Waybill itself offers it: a `service in` node answers at a site. What else the definition says is for those who call. */
  readonly offered?: Offer;
  /** What the protocol needs for all operations: metadata of OData, schemas of an OpenAPI document. */
  readonly binding?: JsonObject;
  /** What each version changed for those who call it, the newest first; every published version has its entry. */
  readonly changelog?: readonly ServiceChange[];
}

export interface ServiceChange {
  readonly version: string;
  /** Day, ISO 8601. */
  readonly date: string;
  readonly changes: readonly string[];
}

export interface BusinessObject {
  /** For example `stock`, `purchase-order`, `price`. */
  readonly object: string;
  readonly authoritative: boolean;
  /** Data steward: who decides what is right. */
  readonly steward: string;
}

/** How data may be shown and kept, from `public` to `restricted`. */
export const CLASSIFICATIONS = ['public', 'internal', 'confidential', 'restricted'] as const;
export type Classification = typeof CLASSIFICATIONS[number];

export interface ServiceOperation {
  readonly title: string;
  /** `reads` changes nothing over there: it may be repeated at will. */
  readonly effect: 'reads' | 'writes';
  /** JSON Schema (2020-12) of the document that a flow gives; absent: none is needed. */
  readonly request?: JsonObject | boolean;
  /** JSON Schema of what comes back. */
  readonly answer?: JsonObject | boolean;
  /** Where the idempotency key lives over there. */
  readonly idempotency?: IdempotencyPlace;
  readonly recovery: Recovery;
  /** What it is for a business, with ready mappings to canonical contracts. */
  readonly business?: BusinessUse;
  /** What the protocol needs: method and path of REST, entity set or action of OData, model and method of JSON-RPC. */
  readonly binding: JsonObject;
}

export interface IdempotencyPlace {
  readonly in: 'header' | 'field' | 'query';
  /** Name of the header or parameter; JSON Pointer into the request for `field`. */
  readonly name: string;
  /** How many characters the system keeps; a longer key is shortened by hash. */
  readonly maxLength?: number;
}

/**
 * What is done when nobody knows whether a call happened: `same-key` sends it again under its key, `query` asks another
 * operation of the service (its request is made from the key), `safe` sends it again since it changes nothing,
 * `none` asks a person.
 */
export type Recovery =
  | { readonly by: 'same-key' | 'safe' | 'none' }
  /**
   * In `document` the text `{key}` is the idempotency key; a text that is nothing but `{/json/pointer}` is what stands there
   * in the request. `found` is a JSON Pointer into the answer: it happened when something stands there; absent: when the
   * answer holds anything. A 404 says that it did not.
   */
  | { readonly by: 'query'; readonly operation: string; readonly document: Json; readonly found?: string };

/** What a system asks for; the secrets themselves are credentials of the site's `system`. */
export type Authentication =
  | { readonly kind: 'none' }
  | { readonly kind: 'bearer' }
  | { readonly kind: 'basic' }
  | { readonly kind: 'api-key'; readonly in: 'header' | 'query'; readonly name: string }
  | { readonly kind: 'oauth2-client-credentials'; readonly tokenUrl: string; readonly scope?: string; readonly audience?: string; readonly clientAuthentication?: 'basic' | 'body' }
  | { readonly kind: 'mtls' }
  /** The driver signs in by itself with name and password (Tryton, Odoo). */
  | { readonly kind: 'session' };

/** Bounds for one site; 0: none. */
export interface ServiceLimits {
  /** Calls at the same time. */
  readonly concurrency: number;
  /** Token bucket: calls a second on average, and how many at once after a pause. */
  readonly perSecond: number;
  readonly burst: number;
  readonly quota?: { readonly calls: number; readonly per: 'hour' | 'day' };
}

/** Milliseconds. */
export interface ServiceTimeouts {
  readonly connectMs: number;
  /** From the request's end to the answer's headers. */
  readonly headersMs: number;
  /** The whole exchange. */
  readonly totalMs: number;
}

export interface ServiceRetry {
  readonly maxAttempts: number;
  readonly maxMinutes: number;
  readonly baseDelaySeconds: number;
  readonly maxDelaySeconds: number;
}

import type { Texts } from '../texts.ts';

/** Answers of the endpoints below `waybill-editor/governance`, as src/editor/governance makes them. */
export interface SiteAnswer {
  readonly site: string;
  readonly enterprise: string;
  readonly governed: boolean;
  readonly gate: { readonly state: 'active' | 'ungated' | 'missing' | 'refusing'; readonly code: string; readonly storage: boolean; readonly mode: 'enforce' | 'warn'; readonly reason: string; readonly baseline?: { readonly takenAt: string; readonly findings: number } };
  /** Rules that two people let deploys pass until then. */
  readonly breakGlass: readonly { readonly rules: readonly string[]; readonly until?: string; readonly reason: string }[];
  readonly policyVersion?: string;
  readonly ring: string;
  readonly catalogue: CatalogueAnswer;
  /** Address of inbox and console, with a slash at the end. */
  readonly console?: string;
}

export interface CatalogueAnswer {
  readonly state: 'none' | 'fresh' | 'stale' | 'refused';
  readonly checkedAt?: string;
  readonly since?: string;
  readonly code?: string;
  readonly reason?: string;
  readonly source?: string;
}

export type LifeCycle = 'published' | 'deprecated' | 'retired';

export interface VersionAnswer {
  readonly version: string;
  readonly status: LifeCycle;
  readonly sunset?: string;
  readonly ring: string;
  readonly publishedAt: string;
}

/** A template with its versions, the newest first. */
export interface TemplateAnswer {
  readonly id: string;
  readonly title: string;
  readonly summary: string;
  readonly owner: string;
  readonly kind: 'block' | 'flow';
  readonly versions: readonly VersionAnswer[];
}

export interface TemplatesAnswer {
  readonly catalogue: CatalogueAnswer;
  readonly templates: readonly TemplateAnswer[];
}

export interface ServiceCallerAnswer {
  readonly node: string;
  readonly name: string;
  readonly place: string;
  readonly operation: string;
}

export interface ServiceVersionAnswer {
  readonly version: string;
  readonly status: LifeCycle;
  readonly sunset?: string;
  readonly successor?: string;
  readonly reason?: string;
  /** Not called at the moment: by its owners or at this site, why, and until when (ISO 8601) where that is known. */
  readonly stopped?: { readonly by: 'catalogue' | 'site'; readonly reason: string; readonly until?: string };
  readonly operations: readonly { readonly name: string; readonly title: string; readonly effect: 'reads' | 'writes' }[];
  /** Nodes of the running flows. */
  readonly callers: readonly ServiceCallerAnswer[];
}

/** A service with its versions, the newest first. */
export interface ServiceAnswer {
  readonly id: string;
  readonly title: string;
  readonly owner: string;
  readonly system: string;
  readonly versions: readonly ServiceVersionAnswer[];
}

export interface ServicesAnswer {
  readonly services: readonly ServiceAnswer[];
  /** What is called and is not in the catalogue. */
  readonly strangers: readonly { readonly reference: string; readonly callers: readonly ServiceCallerAnswer[] }[];
}

export interface ParameterAnswer {
  readonly name: string;
  readonly title: string;
  readonly description?: string;
  readonly type: 'string' | 'number' | 'integer' | 'boolean';
  readonly scope: 'central' | 'site';
  readonly default?: string | number | boolean;
  readonly required: boolean;
  readonly secret: boolean;
  readonly unit?: string;
  readonly enum?: readonly (string | number)[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly multipleOf?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
}

export interface TemplateDetail {
  readonly id: string;
  readonly version: string;
  readonly title: string;
  readonly summary: string;
  readonly owner: string;
  readonly kind: 'block' | 'flow';
  readonly status: LifeCycle;
  readonly sunset?: string;
  readonly contentHash: string;
  readonly publishedAt: string;
  readonly signedBy: readonly { readonly keyId: string; readonly name: string; readonly function?: string }[];
  readonly parameters: readonly ParameterAnswer[];
  readonly changelog: readonly { readonly version: string; readonly date: string; readonly changes: readonly string[] }[];
  readonly readme: string;
}

/** Nodes as the editor imports them. */
export interface ImportAnswer {
  readonly kind: 'block' | 'flow';
  readonly nodes: readonly ExportedNode[];
  /** Config nodes that the template brings, for those of which the site has none. */
  readonly configs: readonly { readonly id: string; readonly type: string; readonly name: string }[];
}

export interface ExportedNode {
  readonly id: string;
  readonly type: string;
  readonly z?: string;
  readonly [property: string]: unknown;
}

/** What a template that stands in these flows is worth. */
export interface InstalledAnswer {
  /** Subflow definition, or the first tab. */
  readonly container: string;
  readonly id: string;
  readonly version: string;
  /** `draining`: it takes nothing in any more and finishes its cases. `unknown`: the catalogue does not have it. */
  readonly state: 'as-published' | 'draining' | 'drifted' | 'unknown';
  readonly status?: LifeCycle;
  readonly sunset?: string;
  readonly title?: string;
  /** The newest published version, when it is a later one. */
  readonly update?: string;
  /** The newest of the earlier published versions. */
  readonly earlier?: string;
}

/** What another version of an installed template would change. */
export interface UpgradeAnswer {
  readonly title: string;
  readonly from: string;
  readonly to: string;
  readonly changelog: TemplateDetail['changelog'];
  readonly difference: readonly { readonly kind: 'added' | 'removed' | 'changed'; readonly node: string; readonly property: string; readonly before: unknown; readonly after: unknown }[];
  readonly marks: readonly { readonly id: string; readonly said: 'changed' | 'removed' }[];
  readonly parameters: {
    readonly kept: readonly { readonly name: string; readonly title: string; readonly value: string }[];
    readonly dropped: readonly { readonly name: string; readonly message: string }[];
    readonly added: readonly { readonly name: string; readonly title: string; readonly value: string }[];
  };
  readonly cases: readonly { readonly address: string; readonly step: string; readonly count: number; readonly becomes: 'go-on' | 'move' | 'drain' | 'refuse'; readonly to?: string }[];
  readonly way: 'in-place' | 'beside' | 'refused';
  readonly reason?: string;
  readonly remove: readonly string[];
  readonly put: readonly ExportedNode[];
}

export interface Finding {
  readonly rule: string;
  readonly level: 'error' | 'warn';
  readonly message: string;
  readonly mend: string;
  readonly node?: { readonly id: string; readonly type: string; readonly name: string; readonly tab?: string; readonly tabLabel?: string };
  readonly property?: string;
  readonly fingerprint: string;
  /** Template of the node, `family/name@version`. */
  readonly template?: string;
  /** Of what is being deployed, and not of what ran before. */
  readonly yours?: boolean;
  readonly admitted?: { readonly by: 'baseline' | 'waiver' | 'break-glass'; readonly id?: string; readonly until?: string };
}

export interface FindingsAnswer {
  readonly findings: readonly Finding[];
  readonly truncated?: boolean;
  /** When the flows were judged, and whether they were let in. */
  readonly at?: string;
  readonly refused?: boolean;
  /** What runs although something else was to, in words. */
  readonly note?: string;
  /** Of a deploy that was tried in another editor, or before this page was loaded. */
  readonly elsewhere?: boolean;
  /** Only looked at, nothing was deployed. */
  readonly checked?: boolean;
}

export interface ChangeAnswer {
  readonly id: string;
  readonly kind: 'change' | 'waiver';
  readonly state: string;
  readonly title: string;
  readonly at: string;
  readonly template?: string;
  readonly rule?: string;
  readonly expiresAt?: string;
  /** Version that has the change. */
  readonly version?: string;
  /** Owners who have to agree. */
  readonly needed: number;
}

export interface ChangesAnswer {
  readonly changes: readonly ChangeAnswer[];
}

/** Why there is no answer: not allowed, no engine, it cannot be told now, or no connection. */
export type Silence = 'refused' | 'noEngine' | 'unavailable' | 'unreachable';

/** An answer, or why there is none; `message` is the server's own sentence, when it had one. */
export type Asked<T> = { readonly answer: T } | Silent;

export interface Silent {
  readonly silence: Silence;
  readonly message?: string;
}

/** Why there is no answer: in the server's own sentence, or in ours. */
export function silenceInWords({ silence, message }: Silent, text: Texts): string {
  return message ?? text(`trouble.${silence}`);
}

const BY_STATUS: Readonly<Record<number, Silence>> = { 401: 'refused', 403: 'refused', 404: 'noEngine', 503: 'unavailable' };

interface Failed {
  readonly status: number;
  readonly responseJSON?: { readonly message?: unknown };
}

function failed({ status, responseJSON }: Failed): Silent {
  const message = responseJSON?.message;
  return { silence: BY_STATUS[status] ?? (status === 0 ? 'unreachable' : 'unavailable'), ...(typeof message === 'string' ? { message } : {}) };
}

/** Asks one endpoint. Never rejects: a Node-RED that is just restarting is a state and no error. */
export function ask<T>(path: string): Promise<Asked<T>> {
  return new Promise((resolve) => {
    $.ajax({ url: `waybill-editor/governance/${path}`, dataType: 'json', timeout: 15_000 }).then(
      (answer: T) => { resolve({ answer }); },
      (xhr: Failed) => { resolve(failed(xhr)); },
    );
  });
}

/** Sends JSON to one endpoint; as {@link ask}. */
export function send<T>(path: string, body: object): Promise<Asked<T>> {
  return new Promise((resolve) => {
    $.ajax({ url: `waybill-editor/governance/${path}`, type: 'POST', data: JSON.stringify(body), contentType: 'application/json; charset=utf-8', dataType: 'json', timeout: 30_000 }).then(
      (answer: T) => { resolve({ answer }); },
      (xhr: Failed) => { resolve(failed(xhr)); },
    );
  });
}

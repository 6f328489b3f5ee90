import type { JsonObject } from '../../domain/json.ts';

/** `template.json`: resources/template.schema.json is its JSON Schema. */
export interface TemplateManifest {
  readonly $schema?: string;
  /** `family/name`, each kebab-case. */
  readonly id: string;
  /** Semver. */
  readonly version: string;
  readonly family: string;
  readonly title: string;
  /** One sentence for lists. */
  readonly summary: string;
  /** Who answers for it: a person or a department. */
  readonly owner: string;
  /** `block` is a subflow, `flow` one tab or several. */
  readonly kind: 'block' | 'flow';
  /** JSON Schema (2020-12) of an object; each property has `x-waybill: {scope, bounds?}`. */
  readonly parameters: { readonly type: 'object'; readonly properties: Readonly<Record<string, TemplateParameter>>; readonly required?: readonly string[] };
  readonly requires: {
    /** Packages by semver range. */
    readonly nodes: Readonly<Record<string, string>>;
    /** Contracts as `name@version`. */
    readonly contracts?: readonly string[];
  };
  /** What becomes of cases that are open on an older version. */
  readonly migrations?: readonly TemplateMigration[];
  readonly changelog: readonly { readonly version: string; readonly date: string; readonly changes: readonly string[] }[];
}

/** A JSON Schema with what Waybill adds. */
export interface TemplateParameter {
  readonly title: string;
  readonly description?: string;
  readonly type: 'string' | 'number' | 'integer' | 'boolean';
  readonly default?: string | number | boolean;
  readonly enum?: readonly (string | number)[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly pattern?: string;
  readonly format?: string;
  /** Read from Node-RED's credentials, never stored in the flow. */
  readonly writeOnly?: boolean;
  /** `central`: shown, not to be changed at a site. `bounds`: JSON Schema members that are merged over the parameter's own. */
  readonly 'x-waybill': { readonly scope: 'central' | 'site'; readonly bounds?: JsonObject; readonly unit?: string };
}

export interface TemplateMigration {
  /** Semver range of the versions that it comes from. */
  readonly from: string;
  /** By step id of the old version: the step id that takes its cases over, `drain` (the old version finishes them) or `refuse`. */
  readonly steps: Readonly<Record<string, string>>;
}

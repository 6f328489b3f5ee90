import type { CatalogueState, PublishedTemplate, SiteCatalogue } from '../../../governance/catalogue/site-catalogue.ts';
import type { TemplateParameter } from '../../../governance/template/manifest.ts';
import { parameterSchema } from '../../../governance/template/parameters.ts';
import { compareVersions } from '../../../governance/gate/rules/versions.ts';

/** A template with its versions, the newest first. */
export interface TemplateRow {
  readonly id: string;
  readonly title: string;
  readonly summary: string;
  readonly owner: string;
  readonly family: string;
  readonly kind: 'block' | 'flow';
  readonly versions: readonly { readonly version: string; readonly status: PublishedTemplate['status']; readonly sunset?: string; readonly ring: PublishedTemplate['ring']; readonly publishedAt: string }[];
}

export interface TemplateList {
  readonly catalogue: CatalogueState;
  readonly templates: readonly TemplateRow[];
}

/** What the catalogue has for this site, by title; each template is described by its newest version. */
export function templateList(catalogue: SiteCatalogue): TemplateList {
  const byId = new Map<string, PublishedTemplate[]>();
  for (const published of catalogue.templates()) byId.set(published.manifest.id, [...byId.get(published.manifest.id) ?? [], published]);
  const templates = [...byId.values()].map((versions) => row(versions.sort((a, b) => compareVersions(b.manifest.version, a.manifest.version))));
  return { catalogue: catalogue.state(), templates: templates.sort((a, b) => a.title.localeCompare(b.title, 'en')) };
}

function row(versions: readonly PublishedTemplate[]): TemplateRow {
  const { id, title, summary, owner, family, kind } = versions[0]!.manifest;
  return {
    id, title, summary, owner, family, kind,
    versions: versions.map(({ manifest: { version }, status, sunset, ring, publishedAt }) => ({ version, status, ring, publishedAt, ...(sunset === undefined ? {} : { sunset }) })),
  };
}

/** A parameter as a form asks for it: its own bounds and the central ones in one. */
export interface ParameterView {
  readonly name: string;
  readonly title: string;
  readonly description?: string;
  readonly type: TemplateParameter['type'];
  readonly scope: 'central' | 'site';
  readonly default?: string | number | boolean;
  readonly required: boolean;
  /** Kept as a credential. */
  readonly secret: boolean;
  readonly unit?: string;
  /** Members of JSON Schema: enum, minimum, maximum, pattern and the like. */
  readonly [member: string]: unknown;
}

export interface TemplateDetail extends Pick<PublishedTemplate, 'status' | 'ring' | 'publishedAt' | 'contentHash' | 'readme' | 'signedBy'> {
  readonly id: string;
  readonly version: string;
  readonly title: string;
  readonly summary: string;
  readonly owner: string;
  readonly kind: 'block' | 'flow';
  readonly sunset?: string;
  readonly parameters: readonly ParameterView[];
  readonly changelog: PublishedTemplate['manifest']['changelog'];
}

export function templateDetail(published: PublishedTemplate): TemplateDetail {
  const { manifest: { id, version, title, summary, owner, kind, changelog }, status, sunset, ring, publishedAt, contentHash, readme, signedBy } = published;
  return { id, version, title, summary, owner, kind, status, ring, publishedAt, contentHash, readme, signedBy, parameters: parameterViews(published), changelog, ...(sunset === undefined ? {} : { sunset }) };
}

/** Members of a schema that a form can show and ask for. */
const SHOWN = ['enum', 'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf', 'minLength', 'maxLength', 'pattern'] as const;

function parameterViews({ manifest: { parameters } }: Pick<PublishedTemplate, 'manifest'>): readonly ParameterView[] {
  return Object.entries(parameters.properties).map(([name, parameter]) => {
    const schema = parameterSchema(parameter);
    const { title, description, type, default: preset, writeOnly, 'x-waybill': { scope, unit } } = parameter;
    return {
      name, title, type, scope, required: parameters.required?.includes(name) === true, secret: writeOnly === true,
      ...(description === undefined ? {} : { description }), ...(preset === undefined ? {} : { default: preset }), ...(unit === undefined ? {} : { unit }),
      ...Object.fromEntries(SHOWN.flatMap((member) => (schema[member] === undefined ? [] : [[member, schema[member]]]))),
    };
  });
}

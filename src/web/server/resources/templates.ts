import { siteTemplates } from '../../../engine/governance/installing/site-templates.ts';
import type { SiteTemplate } from '../../../engine/governance/installing/site-templates.ts';
import { operation } from '../operation.ts';
import { array, choice, flag, nullable, object, pageOf, pageQuery, text, time } from '../schemas.ts';
import type { PageQuery } from '../schemas.ts';
import { pageAt } from '../scope.ts';

const string = { type: 'string' } as const;
const place = object({
  container: { ...string, description: 'Node id of the subflow, or of the first tab.' },
  state: { ...choice('as-published', 'draining', 'drifted', 'unknown'), description: '`drifted`: what runs is not what was signed. `draining`: it finishes its cases without its intake. `unknown`: the catalogue of this site does not have the version.' },
});
const row = object({
  id: { ...string, description: '`family/name`.' }, version: string, family: string, title: nullable(string), kind: choice('block', 'flow'), owner: nullable(string),
  status: { ...choice('published', 'deprecated', 'retired', 'unknown'), description: '`unknown`: it is installed, and the catalogue of this site does not have it.' },
  sunset: nullable(string), ring: nullable(choice('test', 'pilot', 'all')), publishedAt: nullable(time), contentHash: nullable({ ...string, description: 'Hash of the content that its owners have signed.' }),
  signedBy: array(object({ keyId: string, name: string, function: string }, ['function'])), update: nullable({ ...string, description: 'The newest version that is published for this site, when it is a later one.' }), installed: array(place),
});

function templateView({ id, version, published, installed, update }: SiteTemplate): object {
  const manifest = published?.manifest;
  return {
    id, version, family: id.split('/')[0] ?? '', title: manifest?.title ?? null, kind: manifest?.kind ?? installed[0]?.kind ?? 'flow', owner: manifest?.owner ?? null, status: published?.status ?? 'unknown', sunset: published?.sunset ?? null,
    ring: published?.ring ?? null, publishedAt: published?.publishedAt ?? null, contentHash: published?.contentHash ?? null, update: update ?? null,
    signedBy: (published?.signedBy ?? []).map(({ keyId, name, function: office }) => ({ keyId, name, ...(office === undefined ? {} : { function: office }) })),
    installed: installed.map(({ container, state }) => ({ container, state })),
  };
}

export const listTemplates = operation<object, PageQuery & { readonly family?: string; readonly installed?: boolean }>({
  id: 'listTemplates', method: 'get', path: '/templates', tag: 'Governance', access: 'findings.read',
  summary: 'Templates of the catalogue, and those that are installed',
  description: 'Every version that this site may see, with who has signed which content, and where it runs: as it was published, drifted, or finishing its cases. By id, newest version first.',
  query: { ...pageQuery, family: text(64, 'Process family.'), installed: { ...flag, description: 'Only those that run here.' } },
  success: { status: 200, description: 'A page of templates.', schema: pageOf(row) },
  handle: ({ query, services: { waybill } }) => {
    const rows = siteTemplates(waybill.governance).filter(({ id, installed }) => (query.family === undefined || id.startsWith(`${query.family}/`)) && (query.installed !== true || installed.length > 0));
    const { items, ...rest } = pageAt(rows, query);
    return Promise.resolve({ status: 200, json: { items: items.map(templateView), ...rest } });
  },
});

export const templatesResource = [listTemplates];

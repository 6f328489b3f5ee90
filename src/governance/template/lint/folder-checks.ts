import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Json } from '../../../domain/json.ts';
import type { FlowNode } from '../../gate/rules/flows.ts';
import { PICTURE_FILE, flowPicture, isDrawn } from '../flow-picture.ts';
import type { TemplateFolder } from '../folder.ts';
import { isRange } from '../../gate/rules/ranges.ts';
import { compareVersions } from '../../gate/rules/versions.ts';
import type { LintFinding } from './finding.ts';
import { migrationChecks } from './migration-checks.ts';

/** Scenarios that a template has at the least when it is published. */
const SCENARIOS = 8;

/** How many scenarios a file holds: one, or those of a set. */
function scenariosIn(file: Json): number {
  const set = (file as { readonly scenarios?: Json } | null)?.scenarios;
  return Array.isArray(set) ? set.length : 1;
}

function* tests({ tests: files, manifest }: TemplateFolder): Generator<LintFinding> {
  const count = Object.values(files).reduce((sum: number, file) => sum + scenariosIn(file), 0);
  if (count >= SCENARIOS) return;
  // Before 1.0.0, and before a release, a template is still being made.
  const early = /^0\.|-/.test(manifest.version);
  yield { code: 'few-scenarios', level: early ? 'warn' : 'error', file: 'tests/', message: `${count} of at least ${SCENARIOS} scenarios are there.`, mend: 'Write what happens, and what must not, on each way through the flow; docs/scenarios.md says how.' };
}

/** Whether the folder itself has the file that a picture is shown from: what lies elsewhere does not go along. */
function isInside(folder: string, picture: string): boolean {
  const name = picture.split('#')[0]!.replace(/%20/g, ' ');
  const way = path.relative(folder, path.join(folder, name));
  return !way.startsWith('..') && existsSync(path.join(folder, way));
}

function* readme({ readme: text, folder }: TemplateFolder): Generator<LintFinding> {
  const base = { level: 'error' as const, file: 'README.md' };
  if (text.trim() === '') {
    yield { ...base, code: 'no-readme', message: 'It is missing or empty.', mend: 'Say what the template does, what a site needs and what each parameter means.' };
    return;
  }
  const pictures = [...text.matchAll(/!\[[^\]]*\]\(\s*<?([^)\s>]+)/g), ...text.matchAll(/<img\b[^>]*\bsrc\s*=\s*["']([^"']+)/gi)].map(([, source]) => source!);
  if (pictures.length === 0) yield { ...base, code: 'no-picture', message: 'It has no picture of the flow.', mend: 'Draw one with "waybill template picture" and the folder, and show it: ![The flow](flow.svg).' };
  for (const picture of pictures) {
    if (/^[a-z][a-z0-9+.-]*:/i.test(picture) || isInside(folder, picture)) continue;
    yield { ...base, code: 'picture-missing', where: picture, message: `There is no picture ${picture}.`, mend: picture === PICTURE_FILE ? 'Draw it with "waybill template picture" and the folder.' : 'Put it into the folder, or mend the path.' };
  }
}

function* picture({ folder, flow, manifest }: TemplateFolder): Generator<LintFinding> {
  const file = path.join(folder, PICTURE_FILE);
  const svg = existsSync(file) ? readFileSync(file, 'utf8').replaceAll('\r\n', '\n') : '';
  if (!isDrawn(svg) || svg === flowPicture(flow, manifest.title)) return;
  yield { level: 'warn', code: 'picture-old', file: PICTURE_FILE, message: 'The flow has changed since this picture was drawn.', mend: 'Draw it anew with "waybill template picture" and the folder.' };
}

function* versions({ manifest: { version, changelog } }: TemplateFolder): Generator<LintFinding> {
  const base = { level: 'error' as const, file: 'template.json' };
  if (!changelog.some((entry) => entry.version === version)) {
    yield { ...base, code: 'version-without-changes', where: 'changelog', message: `The changelog says nothing of version ${version}.`, mend: 'Add an entry that says what this version changes for a site.' };
  }
  const newest = changelog.map((entry) => entry.version).filter((each) => each !== version).find((each) => compareVersions(each, version) >= 0);
  if (newest !== undefined) yield { ...base, code: 'version-not-newest', where: 'version', message: `Version ${version} is not above ${newest}, which the changelog has already.`, mend: 'Raise the version; a site takes nothing that is older than what it has.' };
}

/** Families of the processes; a catalogue may have others, which is rare enough to be asked about. */
const FAMILIES: readonly string[] = ['order-to-cash', 'procure-to-pay', 'inventory-movement', 'returns', 'intercompany'];

function* family({ manifest }: TemplateFolder): Generator<LintFinding> {
  if (FAMILIES.includes(manifest.family)) return;
  yield { code: 'family-unknown', level: 'warn', file: 'template.json', where: 'family', message: `"${manifest.family}" is none of the process families: ${FAMILIES.join(', ')}.`, mend: 'Choose one of them, or see that the catalogue knows this family and its owners; nobody can sign it otherwise.' };
}

function* requirements({ manifest: { requires } }: TemplateFolder, nodes: readonly FlowNode[]): Generator<LintFinding> {
  const base = { level: 'error' as const, file: 'template.json' };
  if (nodes.some(({ type }) => type.startsWith('waybill-')) && !Object.hasOwn(requires.nodes, '@waybill/node-red')) {
    yield { ...base, code: 'requirement-missing', where: 'requires.nodes', message: 'The flow uses nodes of Waybill, and the package is not required.', mend: 'Add "@waybill/node-red" with the versions that it runs with.' };
  }
  for (const [name, range] of Object.entries(requires.nodes)) {
    if (!isRange(range)) yield { ...base, code: 'requirement-range', where: `requires.nodes.${name}`, message: `"${range}" is no range of versions.`, mend: 'Write one such as ">=1.2.0" or "^3.0.0".' };
  }
  const used = new Set(nodes.map((node) => node['contract']).filter((contract): contract is string => typeof contract === 'string' && contract !== ''));
  for (const contract of used) if (!(requires.contracts ?? []).includes(contract)) yield { ...base, level: 'warn', code: 'contract-missing', where: 'requires.contracts', message: `The flow checks against the contract ${contract}, which is not named.`, mend: `Add "${contract}".` };
  // A contract may as well be what a service that is called agrees to.
  for (const { service } of nodes.map((node) => ({ service: node['service'] }))) if (typeof service === 'string') used.add(service);
  for (const contract of requires.contracts ?? []) if (!used.has(contract)) yield { ...base, level: 'warn', code: 'contract-unused', where: 'requires.contracts', message: `No node checks against the contract ${contract}, or calls a service of it.`, mend: 'Take it out, or check against it.' };
}

/** What a template's files lack beside its flow. */
export function* folderChecks(folder: TemplateFolder, nodes: readonly FlowNode[]): Generator<LintFinding> {
  yield* family(folder);
  yield* versions(folder);
  yield* migrationChecks(folder, nodes);
  yield* requirements(folder, nodes);
  yield* tests(folder);
  yield* readme(folder);
  yield* picture(folder);
}

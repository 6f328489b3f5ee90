import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import type { JsonObject } from '../../domain/json.ts';
import type { FlowNode } from '../../governance/gate/rules/flows.ts';
import { changedVariables, kindOf, smallFlow, templateFrom } from '../../governance/template/begin.ts';
import { PICTURE_FILE, flowPicture } from '../../governance/template/flow-picture.ts';
import { readExport } from '../../governance/template/folder.ts';
import { counted } from '../../governance/gate/rules/words.ts';
import { lintTemplate } from '../../governance/template/lint/lint.ts';
import type { TemplateManifest } from '../../governance/template/manifest.ts';
import { TemplateError } from '../../governance/template/template-error.ts';
import { UsageError } from '../accounts.ts';
import { answers } from '../ask.ts';
import type { TemplateArguments } from './arguments.ts';
import { findingLines } from './lint.ts';

const inPackage = (file: string): string => fileURLToPath(import.meta.resolve(`#package/${file}`));

const line = (what: string, most: number) => (answer: string): string | undefined => (answer === '' || answer.length > most || answer.includes('\n') ? `${what} is one line of at most ${most} characters.` : undefined);

function kindProblem(answer: string): string | undefined {
  return answer === 'block' || answer === 'flow' ? undefined : 'It is "block" (a subflow that sites wire) or "flow" (one tab or several).';
}

function readme({ title, summary, parameters }: TemplateManifest): string {
  const rows = Object.entries(parameters.properties).map(([name, { title: label, 'x-waybill': { scope, unit }, default: value }]) => `| ${label.replaceAll('|', '\\|')} (\`${name}\`) | ${scope} | ${value === undefined ? '' : `\`${String(value)}\``}${unit === undefined ? '' : ` ${unit}`} | |`);
  const table = rows.length === 0 ? 'None.' : ['| Parameter | Set by | Default | Means |', '|---|---|---|---|', ...rows].join('\n');
  return `# ${title}\n\n${summary}\n\n![The flow](${PICTURE_FILE})\n\n## What happens\n\n## What a site needs\n\n## Parameters\n\n${table}\n`;
}

/** What stands around a block while it is tried: a tab, an instance of it, and a node that messages are given to. */
function around(flow: readonly FlowNode[]): { readonly change: JsonObject } {
  const block = flow.find(({ type }) => type === 'subflow')!;
  return {
    change: {
      around: { type: 'tab', label: 'Around the block' },
      start: { type: 'link in', z: 'around', name: '', links: [], x: 100, y: 80, wires: [['block']] },
      block: { type: `subflow:${block.id}`, z: 'around', name: '', env: [], x: 260, y: 80, wires: [] },
    },
  };
}

/** A first scenario for the small flow: it opens a case and closes it. */
function firstScenario({ title, kind }: TemplateManifest, flow: readonly FlowNode[]): JsonObject | undefined {
  const opened = flow.find(({ type }) => type === 'waybill-case-open');
  if (opened === undefined) return undefined;
  return {
    title: `${title}: a case is opened and closed`, flow: '../flow.json', clock: { start: '2026-03-02T08:00:00+01:00', timeZone: 'Europe/Berlin' },
    ...(kind === 'block' ? around(flow) : {}),
    steps: [{ inject: { node: kind === 'block' ? 'start' : opened.id, msg: { payload: { quantity: 1 } } }, expect: { outcome: 'done' } }],
  };
}

function write(folder: string, files: Readonly<Record<string, string>>): void {
  if (existsSync(path.join(folder, 'template.json'))) throw new TemplateError('unreadable', `${folder} holds a template already; nothing was written.`);
  // All or nothing: half a template would be in the way of the next try.
  const there = Object.keys(files).map((name) => path.join(folder, name)).find((file) => existsSync(file));
  if (there !== undefined) throw new TemplateError('unreadable', `${there} is there already; nothing was written. Take it away, or give another folder.`);
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    try {
      writeFileSync(file, content, { flag: 'wx' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      throw new TemplateError('unreadable', `${file} is there already, and was left as it is. Take it away, or give another folder.`, [], { cause: error });
    }
  }
}

const json = (value: unknown): string => `${JSON.stringify(value, undefined, 1)}\n`;

/** `waybill template new …`: makes the folder of a template, from an export or with a small flow. */
export async function newCommand({ values, positionals: [given, ...more] }: TemplateArguments): Promise<number> {
  if (more.length > 0) throw new UsageError('Say one folder, or none.');
  const exported = values.from === undefined ? undefined : readExport(values.from);
  if (values.kind !== undefined && kindProblem(values.kind) !== undefined) throw new UsageError(`--kind: ${kindProblem(values.kind)!}`);
  const [id = '', title = '', summary = '', owner = '', asked] = await answers([
    { option: 'id', text: 'Id (family/name, such as procure-to-pay/goods-receipt)', given: values.id, problem: (answer) => (/^[a-z0-9]+(-[a-z0-9]+)*\/[a-z0-9]+(-[a-z0-9]+)*$/.test(answer) && answer.length <= 128 ? undefined : 'It is family/name, each of small letters, digits and single dashes.') },
    { option: 'title', text: 'Title', given: values.title, problem: line('The title', 120) },
    { option: 'summary', text: 'What it does, in one sentence', given: values.summary, problem: line('The summary', 400) },
    { option: 'owner', text: 'Who answers for it (a person or a department)', given: values.owner, problem: line('The owner', 120) },
    ...(exported === undefined ? [{ option: 'kind', text: 'Kind (flow or block)', given: values.kind, problem: kindProblem }] : []),
  ]);
  const kind = (values.kind ?? asked ?? kindOf(exported!)) as TemplateManifest['kind'];
  const { version } = JSON.parse(readFileSync(inPackage('package.json'), 'utf8')) as { readonly version: string };
  const changed = exported === undefined ? [] : changedVariables(exported, kind);
  const nodes = exported ?? smallFlow({ id, title }, kind, () => randomBytes(8).toString('hex'));
  const { manifest, flow } = templateFrom({ id, title, summary, owner, date: new Date().toISOString().slice(0, 10), waybill: `>=${version}` }, nodes, kind);
  const folder = given ?? path.join('templates', ...id.split('/'));
  const schema = path.relative(path.resolve(folder), inPackage('resources/template.schema.json')).split(path.sep).join('/');
  const scenario = exported === undefined ? firstScenario(manifest, flow) : undefined;
  write(folder, {
    'template.json': json({ ...manifest, $schema: schema }), 'flow.json': json(flow), 'README.md': readme(manifest), [PICTURE_FILE]: flowPicture(flow, manifest.title),
    ...(scenario === undefined ? {} : { 'tests/first.json': json(scenario) }),
  });
  const findings = lintTemplate(folder);
  const dropped = (exported ?? []).filter((node) => Object.hasOwn(node, 'credentials')).length;
  process.stdout.write([
    `${folder}: ${manifest.id}@${manifest.version}, a ${kind} with ${counted(flow.length, 'node')} and ${counted(Object.keys(manifest.parameters.properties).length, 'parameter')}.`,
    ...(dropped > 0 ? [`Credentials of ${counted(dropped, 'node')} in the export were left out. Give them new values where they are in use if the file went around.`] : []),
    ...(changed.length > 0 ? [`A parameter is a text, a number, a switch or a secret. These were something else and are texts now: ${changed.map(({ name, type }) => `${name} (${type})`).join(', ')}. Look at what reads them.`] : []),
    ...(findings.length > 0 ? ['', 'Before it can be published:', ...findingLines(findings, folder, process.stdout)] : []), '',
  ].join('\n'));
  return 0;
}

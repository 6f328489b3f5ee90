import type { FlowNode } from '../gate/rules/flows.ts';
import { isOpener } from '../gate/rules/governed.ts';
import { nodesOfTemplate } from '../gate/rules/installed.ts';
import { envOf } from '../gate/rules/provenance.ts';
import { readFlows } from '../gate/rules/read-flows.ts';
import { PARAMETER_NAME, nameProblem } from './check-manifest.ts';
import type { TemplateManifest, TemplateParameter } from './manifest.ts';
import { containersIn } from './shape.ts';
import { TemplateError } from './template-error.ts';

/** What its author says of a new template. */
export interface Beginning {
  readonly id: string;
  readonly title: string;
  readonly summary: string;
  readonly owner: string;
  /** ISO day, of the changelog's first entry. */
  readonly date: string;
  /** Range of Waybill that it is written for. */
  readonly waybill: string;
}

/** Whether an export is one of a block or of a flow: a tab makes a flow. @throws TemplateError `wrong-flow` */
export function kindOf(exported: readonly FlowNode[]): TemplateManifest['kind'] {
  if (exported.some(({ type }) => type === 'tab')) return 'flow';
  if (exported.some(({ type }) => type === 'subflow')) return 'block';
  throw new TemplateError('wrong-flow', 'The export has neither a tab nor a subflow. Export the whole tab ("current flow"), or the subflow.');
}

type Row = { readonly label?: Readonly<Record<string, string>>; readonly type?: string; readonly opts?: { readonly min?: number; readonly max?: number; readonly opts?: readonly { readonly v?: string }[] } } | undefined;

/** `overReceipt_limit` → `Over receipt limit`. */
function words(name: string): string {
  const spaced = name.replace(/([a-z0-9])([A-Z])/g, '$1 $2').replaceAll('_', ' ').trim().toLowerCase();
  return `${spaced.slice(0, 1).toUpperCase()}${spaced.slice(1)}`;
}

/** A parameter of what the editor has of a variable: its type, its value as the default, and what its form's row takes. */
function parameterOf(name: string, type: string, value: unknown, ui: Row): TemplateParameter {
  const site = { 'x-waybill': { scope: 'site' } } as const;
  const title = Object.values(ui?.label ?? {}).find((label) => label.trim() !== '')?.slice(0, 120) ?? words(name);
  switch (type) {
    case 'cred': return { title, type: 'string', writeOnly: true, ...site };
    case 'bool': return { title, type: 'boolean', default: value === true || value === 'true', ...site };
    case 'num': {
      const given = Number(value);
      const bounds = { ...(typeof ui?.opts?.min === 'number' ? { minimum: ui.opts.min } : {}), ...(typeof ui?.opts?.max === 'number' ? { maximum: ui.opts.max } : {}) };
      return { title, type: ui?.type === 'spinner' ? 'integer' : 'number', ...(value === '' || Number.isNaN(given) ? {} : { default: given }), ...bounds, ...site };
    }
    default: {
      const choices = ui?.type === 'select' ? (ui.opts?.opts ?? []).flatMap(({ v }) => (typeof v === 'string' && v !== '' ? [v] : [])) : [];
      // What is worked out when the flow runs has no value to begin with.
      return { title, type: 'string', ...(type === 'str' && typeof value === 'string' && value !== '' ? { default: value } : {}), ...(choices.length > 0 ? { enum: choices } : {}), ...site };
    }
  }
}

/** Types of Node-RED's variables that a parameter can keep. */
const KEPT_TYPES: ReadonlySet<string> = new Set(['str', 'num', 'bool', 'cred']);

/** Variables of an export that become texts although they were something else: JSON, expressions, references. */
export function changedVariables(exported: readonly FlowNode[], kind: TemplateManifest['kind']): readonly { readonly name: string; readonly type: string }[] {
  return containersIn(readFlows(exported), kind).flatMap(envOf).filter(({ name, type }) => !name.startsWith('WAYBILL_') && !KEPT_TYPES.has(type)).map(({ name, type }) => ({ name, type }));
}

/** Parameters that the containers of an export already have as variables. */
function parametersIn(containers: readonly FlowNode[]): TemplateManifest['parameters'] {
  const rows = containers.flatMap((container) => {
    const ui = new Map((Array.isArray(container['env']) ? container['env'] as readonly { readonly name?: string; readonly ui?: Row }[] : []).map((entry) => [entry.name, entry.ui]));
    return envOf(container).map((entry) => ({ ...entry, ui: ui.get(entry.name) }));
  }).filter(({ name }) => !name.startsWith('WAYBILL_'));
  const bad = [...new Set(rows.map(({ name }) => name).filter((name) => !PARAMETER_NAME.test(name)))];
  if (bad.length > 0) throw new TemplateError('wrong-flow', 'The export has variables that cannot be parameters.', bad.map((name) => `${nameProblem(name)}.`));
  const properties = Object.fromEntries(rows.map(({ name, type, value, ui }): [string, TemplateParameter] => [name, parameterOf(name, type, value, ui)]));
  return { type: 'object', properties, required: Object.entries(properties).filter(([, each]) => each.default !== undefined).map(([name]) => name) };
}

/**
 * A new template from an export of the editor: what does not belong to it is left out, with the credentials; what its
 * containers have as variables becomes its parameters.
 * @throws TemplateError `wrong-flow`
 */
export function templateFrom(beginning: Beginning, exported: readonly FlowNode[], kind: TemplateManifest['kind']): { readonly manifest: TemplateManifest; readonly flow: readonly FlowNode[] } {
  const flows = readFlows(exported);
  if (flows.malformed.length > 0) throw new TemplateError('wrong-flow', 'The export is no flow of Node-RED.', flows.malformed.map(({ message }) => message));
  const containers = containersIn(flows, kind);
  const own = new Set(nodesOfTemplate(flows, containers));
  const flow = exported.filter((node) => own.has(flows.byId.get(node.id)!)).map((node): FlowNode => {
    const { credentials: _credentials, ...rest } = node;
    const env = envOf(node).some(({ name }) => name.startsWith('WAYBILL_')) && node.type === 'tab' ? { env: (node['env'] as readonly { readonly name?: string }[]).filter(({ name }) => name?.startsWith('WAYBILL_') !== true) } : {};
    // Its cases are those of the new template.
    const opens = isOpener(node) ? { template: `${beginning.id}@0.1.0` } : {};
    return { ...rest, ...env, ...opens } as unknown as FlowNode;
  });
  const contracts = [...new Set(flow.flatMap(({ contract }) => (typeof contract === 'string' && /^[^@\s]+@[^@\s]+$/.test(contract) ? [contract] : [])))].sort();
  const { id, title, summary, owner, date, waybill } = beginning;
  return {
    flow,
    manifest: {
      $schema: 'https://json-schema.org/draft/2020-12/schema', id, version: '0.1.0', family: id.split('/')[0] ?? '', title, summary, owner, kind, parameters: parametersIn(containers),
      requires: { nodes: flow.some(({ type }) => type.startsWith('waybill-')) ? { '@waybill/node-red': waybill } : {}, ...(contracts.length > 0 ? { contracts } : {}) },
      changelog: [{ version: '0.1.0', date, changes: ['First version.'] }],
    },
  };
}

/** A small flow to begin with: what comes in by a link opens a case, which is closed. */
export function smallFlow({ id, title }: Pick<Beginning, 'id' | 'title'>, kind: TemplateManifest['kind'], newId: (of: string) => string): readonly FlowNode[] {
  const name = id.split('/')[1] ?? id;
  const [container, into, opened, closed] = [newId('container'), newId('in'), newId('open'), newId('close')];
  const first = kind === 'flow' ? into : opened;
  const around: FlowNode = kind === 'flow' ? { id: container, type: 'tab', label: title, disabled: false, info: '', env: [] }
    : { id: container, type: 'subflow', name: title, info: '', category: '', in: [{ x: 60, y: 80, wires: [{ id: first }] }], out: [], env: [], color: '#DDAA99' };
  return [
    around,
    ...(kind === 'flow' ? [{ id: into, type: 'link in', z: container, name: 'in', links: [], x: 95, y: 80, wires: [[opened]] }] : []),
    {
      id: opened, type: 'waybill-case-open', z: container, name: '', stepId: `${name}-open`, requires: '', site: '', process: id.split('/')[0] ?? '', template: `${id}@0.1.0`, keyName: '', key: '', keyType: 'msg', unique: false, uniqueScope: '',
      facts: 'payload', factsType: 'msg', title: '', titleType: 'str', operator: '', operatorType: 'msg', transportId: '', transportIdType: 'msg', reversalsOf: '', configVersion: 1, x: 250, y: 80, wires: [[closed], []],
    },
    { id: closed, type: 'waybill-case-close', z: container, name: '', stepId: `${name}-close`, requires: '', outcome: 'done', outcomeType: 'str', cancelOpen: false, compensate: 'auto', configVersion: 1, x: 450, y: 80, wires: [] },
  ];
}

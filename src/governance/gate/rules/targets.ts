import { addressIn } from './address.ts';
import type { NetAddress } from './address.ts';
import { partlyFilled } from './env-values.ts';
import type { FlowNode, Flows } from './flows.ts';
import { textOf } from './property.ts';
import type { RuleContext } from './rule.ts';

/** What names the host when the flow runs: `{{host}}`, `${ERP_URL}`, `msg.url`. `scheme` is '' when that says it as well. */
export interface OpenTarget { readonly known: false; readonly scheme: string; readonly by: string; readonly from: 'message' | 'machine' }

/** Where a node connects to, as far as the flows say it. */
export type Target = { readonly known: true; readonly address: NetAddress } | OpenTarget;

/** Where an address is that cannot be known here, as the end of a sentence. */
export const whereabouts = ({ by, from }: OpenTarget): string => (from === 'message' ? `comes with the message (${by})` : `is a variable of the machine (${by}) that is not known here`);

const SCHEME = /^([a-z][a-z0-9+.-]{0,30}):\/\//i;
const OPEN = /\{\{[^}]{0,200}\}?\}?\}?|\$\{[^}]{0,200}\}?/;
/** A host that stands there, and a port that does not. */
const OPEN_PORT = /^([^@{}$/]{1,300}):(?:\{\{[^{}]{0,200}\}\}|\$\{[^{}]{0,200}\})$/;

/** A text that is an address, or that something is to be filled into. */
export function addressOfText(text: string, port = ''): Target | undefined {
  const scheme = SCHEME.exec(text)?.[1]?.toLowerCase() ?? '';
  const authority = /^[^/?#\\]*/.exec(scheme === '' ? text : text.slice(scheme.length + 3))![0];
  const open = OPEN.exec(authority);
  if (open === null) {
    const address = addressIn(text, port);
    return address === undefined ? undefined : { known: true, address };
  }
  const host = OPEN_PORT.exec(authority)?.[1];
  const address = host === undefined ? undefined : addressIn(scheme === '' ? host : `${scheme}://${host}`);
  // The port that is filled in is none of the scheme's.
  if (address !== undefined) return { known: true, address: { ...address, port: '' } };
  return { known: false, scheme, by: open[0], from: open[0].startsWith('${') ? 'machine' : 'message' };
}

/** Where a property leads: variables are filled in as far as flows and the machine say what they are. */
export function targetsOf(flows: Flows, context: RuleContext, node: FlowNode, property: string, port = ''): readonly Target[] {
  const text = textOf(node, property).trim();
  return text === '' ? [] : targetsIn(flows, context, node, text, port);
}

function targetsIn(flows: Flows, context: RuleContext, node: FlowNode, text: string, port: string): readonly Target[] {
  return partlyFilled(flows, node, text, context.machine).flatMap((each) => addressOfText(each, port) ?? []);
}

/** Nodes that can put an address into a message. */
const WRITERS: ReadonlySet<string> = new Set(['function', 'change', 'template', 'inject']);

/** How far back a request without an address is followed. */
const MAX_BACK = 50;

/** Writers on the ways to a node, through whatever is no step. */
export function writersBefore(flows: Flows, node: FlowNode): readonly FlowNode[] {
  const seen = new Set([node]);
  for (const at of seen) {
    for (const before of flows.into(at.id)) {
      if (seen.size >= MAX_BACK) break;
      if (!before.type.startsWith('waybill-')) seen.add(before);
    }
  }
  return [...seen].filter((at) => WRITERS.has(at.type));
}

const ASSIGNED = /\burl["'`]?\]?\s*[:=]\s*(["'`])([^"'`\n]{1,500})/g;

const listOf = (value: unknown): readonly Readonly<Record<string, unknown>>[] =>
  (Array.isArray(value) ? value as readonly unknown[] : []).filter((each): each is Readonly<Record<string, unknown>> => typeof each === 'object' && each !== null);

/** What a node writes to `msg.url`, as far as it stands there. */
function urlsWritten(node: FlowNode): readonly string[] {
  switch (node.type) {
    case 'function': return [...textOf(node, 'func').matchAll(ASSIGNED)].map(([, , text]) => text!);
    case 'template': return node['field'] === 'url' ? [textOf(node, 'template')] : [];
    case 'change': return listOf(node['rules']).flatMap(({ p, to, tot, pt }) => (p === 'url' && (pt ?? 'msg') === 'msg' && typeof to === 'string' && (tot ?? 'str') === 'str' ? [to] : []));
    default: return listOf(node['props']).flatMap(({ p, v, vt }) => (p === 'url' && vt === 'str' && typeof v === 'string' ? [v] : []));
  }
}

/** Addresses of one writer, and of one request, that are looked at. */
const MAX_WRITTEN = 20;

/** What was worked out in one run of the rules: several requests have the same writers before them, and two rules ask. */
const found = new WeakMap<RuleContext, Map<FlowNode, readonly Target[]>>();

function once(context: RuleContext, node: FlowNode, work: () => readonly Target[]): readonly Target[] {
  const run = found.get(context) ?? new Map<FlowNode, readonly Target[]>();
  found.set(context, run);
  const known = run.get(node) ?? work();
  run.set(node, known);
  return known;
}

/** Whether anything comes to a node, so that it does something. */
const isFed = (flows: Flows, node: FlowNode): boolean => flows.into(node.id).length > 0 || flows.byId.get(node.z ?? '')?.type === 'subflow';

/** Where a *http request* leads: by its own address, else by what nodes before it write into the message. */
function requestTargets(flows: Flows, context: RuleContext, node: FlowNode): readonly Target[] {
  if (textOf(node, 'url').trim() !== '') return targetsOf(flows, context, node, 'url');
  if (!isFed(flows, node)) return [];
  return once(context, node, () => {
    const written = new Set<Target>();
    for (const writer of writersBefore(flows, node)) {
      if (written.size >= 10 * MAX_WRITTEN) break;
      for (const target of once(context, writer, () => [...new Set(urlsWritten(writer))].slice(0, MAX_WRITTEN).flatMap((text) => targetsIn(flows, context, writer, text, '')))) written.add(target);
    }
    return written.size > 0 ? [...written] : [{ known: false, scheme: '', by: 'msg.url', from: 'message' }];
  });
}

/** Where another node of Node-RED leads that takes a host from the message when it has none. */
function hostTargets(flows: Flows, context: RuleContext, node: FlowNode, property: string, message: string): readonly Target[] {
  const said = targetsOf(flows, context, node, property, textOf(node, 'port'));
  return said.length > 0 || textOf(node, property).trim() !== '' || !isFed(flows, node) ? said : [{ known: false, scheme: '', by: message, from: 'message' }];
}

/** A node of Node-RED's own that connects somewhere: where to, and the property that says it. */
export interface Client { readonly property: string; readonly targets: readonly Target[] }

/** Undefined for any other node, and for one that waits until somebody connects to it. */
export function clientOf(flows: Flows, context: RuleContext, node: FlowNode): Client | undefined {
  const tcp = (): Client => ({ property: 'host', targets: targetsOf(flows, context, node, 'host', textOf(node, 'port')) });
  switch (node.type) {
    case 'http request': return { property: 'url', targets: requestTargets(flows, context, node) };
    case 'websocket-client': return { property: 'path', targets: targetsOf(flows, context, node, 'path') };
    case 'tcp out': return node['beserver'] === 'client' ? tcp() : undefined;
    case 'tcp in': return node['server'] === 'client' ? tcp() : undefined;
    case 'tcp request': return { property: 'server', targets: hostTargets(flows, context, node, 'server', 'msg.host') };
    case 'udp out': return { property: 'addr', targets: hostTargets(flows, context, node, 'addr', 'msg.ip') };
    default: return undefined;
  }
}

import { addressIn, isLoopback, isSameSystem, urlsIn } from './address.ts';
import type { NetAddress } from './address.ts';
import { partlyFilled } from './env-values.ts';
import type { FlowNode, Flows } from './flows.ts';
import { levelOption, listOption } from './options.ts';
import { textOf } from './property.ts';
import type { Breach, Level, Rule, RuleContext } from './rule.ts';
import { clientOf, whereabouts, writersBefore } from './targets.ts';
import type { OpenTarget } from './targets.ts';
import { called, Called } from './words.ts';

/** Waybill's nodes that call other systems. */
const CONNECTORS: readonly string[] = ['waybill-call', 'waybill-event-out', 'waybill-erp', 'waybill-wms', 'waybill-system'];

/** Properties in which nodes keep where they connect to. */
const PROPERTIES: readonly string[] = ['url', 'host', 'server', 'hostname', 'address', 'addr', 'endpoint', 'broker', 'path', 'baseUrl', 'serverUrl', 'uri'];

/** Nodes that have such a property for something else. */
const NOT_CALLS: ReadonlySet<string> = new Set([
  'tab', 'subflow', 'group', 'comment', 'debug', 'inject', 'change', 'switch', 'template', 'function', 'http in', 'http response', 'link in', 'link out', 'websocket-listener', 'http proxy',
]);

/** The systems that connectors call: their addresses, and the variables that hold addresses. */
interface Governed {
  readonly addresses: readonly NetAddress[];
  readonly variables: ReadonlySet<string>;
  /** What writers write, once found out. */
  readonly writers: Map<FlowNode, string | undefined>;
}

const VARIABLE = /\$\{([A-Za-z_]\w*)\}|\$?\benv(?:\.get)?\(\s*["']([A-Za-z_]\w*)["']\s*\)/g;

const variablesIn = (text: string): readonly string[] => [...text.matchAll(VARIABLE)].map(([, braces, call]) => (braces ?? call)!);

function governedBy(flows: Flows, context: RuleContext, said: readonly string[]): Governed {
  const texts = CONNECTORS.flatMap((type) => flows.ofType(type)).flatMap((node) => ['url', 'queryUrl'].map((property) => ({ node, property, text: textOf(node, property) })));
  const filled = texts.flatMap(({ node, property, text }) => (node[`${property}Type`] === 'jsonata' ? urlsIn(text) : partlyFilled(flows, node, text, context.machine).flatMap((each) => addressIn(each) ?? [])));
  const variables = texts.flatMap(({ node, property, text }) => (node[`${property}Type`] === 'env' ? [text] : variablesIn(text)));
  return { addresses: [...filled, ...said.flatMap((text) => addressIn(text) ?? [])], variables: new Set(variables), writers: new Map() };
}

/** The system of connectors that a text leads to; undefined when to none. */
function systemIn(governed: Governed, text: string, bare: string, port: string): string | undefined {
  const variable = variablesIn(text).find((name) => governed.variables.has(name));
  if (variable !== undefined) return `\${${variable}}`;
  // Most texts name none of these hosts, and need not be taken apart.
  const lower = text.toLowerCase();
  const named = governed.addresses.some(({ host }) => lower.includes(host) || isLoopback(host));
  const found = [...(named ? urlsIn(text) : []), ...(bare === '' ? [] : [addressIn(bare, port) ?? []].flat())];
  // Without a port many things of this machine are alike.
  const meant = found.find((address) => governed.addresses.some((other) => isSameSystem(address, other) && (!isLoopback(address.host) || (address.port !== '' && other.port !== ''))));
  return meant === undefined ? undefined : `${meant.host}${meant.port === '' ? '' : `:${meant.port}`}`;
}

/** A text that a node can put into a message. */
const written = (node: FlowNode): string => JSON.stringify([node['func'], node['rules'], node['template'], node['props'], node['payload']]).replaceAll('\\"', '"');

/** A request that takes its address from the message: which writer before it names a governed system. */
function fromMessage(flows: Flows, node: FlowNode, governed: Governed): string | undefined {
  for (const at of writersBefore(flows, node)) {
    const system = governed.writers.has(at) ? governed.writers.get(at) : systemIn(governed, written(at), '', '');
    governed.writers.set(at, system);
    if (system !== undefined) return system;
  }
  return undefined;
}

function* at(flows: Flows, context: RuleContext, node: FlowNode, governed: Governed, level: Level): Generator<Breach> {
  const port = textOf(node, 'port');
  for (const property of PROPERTIES) {
    const raw = textOf(node, property);
    const system = raw === '' ? undefined : partlyFilled(flows, node, raw, context.machine).map((text) => systemIn(governed, text, text, port) ?? systemIn(governed, raw, '', '')).find((each) => each !== undefined);
    if (system !== undefined) {
      yield breach(node, property, system);
      return;
    }
  }
  const open = node.type === 'http request' && textOf(node, 'url') === '';
  const system = open ? fromMessage(flows, node, governed) : undefined;
  if (system !== undefined) {
    yield breach(node, 'url', system);
    return;
  }
  // Beside a case alone: everywhere else a request to anywhere is nobody's affair. What a "tcp in" connects to is listened to, not called.
  const client = level === 'off' || !flows.isGoverned(node) || node.type === 'tcp in' ? undefined : clientOf(flows, context, node);
  const unknown = client?.targets.find((target) => !target.known);
  if (client !== undefined && unknown !== undefined) yield unchecked(node, client.property, unknown, level);
}

function unchecked(node: FlowNode, property: string, target: OpenTarget, level: Level): Breach {
  return {
    node, property, about: `unchecked ${target.by}`, level,
    message: `It cannot be checked whether ${called(node)} calls a governed system past its connector: its address ${whereabouts(target)}.`,
    mend: 'Write the host into the node, or use "call".',
  };
}

function breach(node: FlowNode, property: string, system: string): Breach {
  return {
    node, property, about: system,
    message: `${Called(node)} calls ${system} past its connector: without an idempotency key, a limit, or an entry in the ledger.`,
    mend: 'Use "call" for this system, so that nothing is done twice and everything is on record.',
  };
}

export const noCallAroundConnector: Rule = {
  code: 'no-call-around-connector',
  title: 'Governed systems are called by their connector',
  level: 'error',
  elsewhere: 'warn',
  options: { addresses: [], unknown: 'warn' },
  *check(flows, context, options) {
    const governed = governedBy(flows, context, listOption(options, 'addresses'));
    if (governed.addresses.length === 0 && governed.variables.size === 0) return;
    for (const node of flows.nodes) {
      if (node.type.startsWith('waybill-') || node.type.startsWith('subflow:') || NOT_CALLS.has(node.type)) continue;
      yield* at(flows, context, node, governed, levelOption(options, 'unknown', 'warn'));
    }
  },
};

import type { JsonObject } from '../../../domain/json.ts';
import { isLoopback, urlsIn } from './address.ts';
import { textsWithValues } from './env-values.ts';
import type { FlowNode, Flows } from './flows.ts';
import { opcUaOutside } from './opc-ua-outside.ts';
import { levelOption } from './options.ts';
import { textOf } from './property.ts';
import type { Breach, Level, Rule, RuleContext } from './rule.ts';
import { addressOfText, clientOf, targetsOf, whereabouts } from './targets.ts';
import type { Target } from './targets.ts';
import { called, Called } from './words.ts';

/** Schemes that carry everything in clear. */
const CLEAR: ReadonlySet<string> = new Set(['http', 'ws', 'mqtt', 'amqp', 'tcp', 'ftp']);

/** Where a node connects to, and whether it speaks in clear where no scheme is said. */
interface Connection {
  readonly node: FlowNode; readonly property: string; readonly targets: readonly Target[];
  readonly bare: 'clear' | 'encrypted';
}

const VARIABLE = /\$env\(\s*(["'])([^"'{}]+)\1\s*\)/g;

/** A typed input: a text as it is; of an expression the URLs that stand in it, and the variables of the flows that it reads. */
function typed(flows: Flows, context: RuleContext, node: FlowNode, property: string): readonly Target[] {
  if (node[`${property}Type`] !== 'jsonata') return targetsOf(flows, context, node, property);
  const text = textOf(node, property);
  const variables = [...text.matchAll(VARIABLE)].flatMap(([, , name]) => textsWithValues(flows, node, `\${${name!}}`) ?? []);
  return [...urlsIn(text).map((address): Target => ({ known: true, address })), ...variables.flatMap((each) => addressOfText(each) ?? [])];
}

/** Whether TLS settings that a node names are there; Node-RED goes on without them where they are not. */
const hasTls = (flows: Flows, node: FlowNode): boolean => flows.byId.get(textOf(node, 'tls'))?.type === 'tls-config';

/** Node-RED's own nodes that connect somewhere, and whether they speak in clear where no scheme is said. */
const CLIENTS: readonly (readonly [type: string, bare: (flows: Flows, node: FlowNode) => Connection['bare']])[] = [
  // A http request without a scheme takes http, or https where it has settings for TLS.
  ['http request', (flows, node) => (hasTls(flows, node) ? 'encrypted' : 'clear')],
  ['websocket-client', () => 'encrypted'],
  // Without its TLS settings, should they be missing, a tcp node does not connect.
  ...['tcp out', 'tcp in', 'tcp request'].map((type) => [type, (_flows: Flows, node: FlowNode) => (node['tls'] ? 'encrypted' : 'clear')] as const),
  ['udp out', () => 'clear'],
];

/** What connects somewhere, by its own settings. */
function* connections(flows: Flows, context: RuleContext): Generator<Connection> {
  for (const node of flows.ofType('waybill-broker')) yield { node, property: 'url', targets: targetsOf(flows, context, node, 'url').filter(({ known }) => known), bare: 'encrypted' };
  for (const node of flows.ofType('mqtt-broker')) {
    // An address of its own, where there is one, goes before the form's.
    const property = textOf(node, 'url') === '' ? 'broker' : 'url';
    yield { node, property, targets: targetsOf(flows, context, node, property, textOf(node, 'port')), bare: node['usetls'] ? 'encrypted' : 'clear' };
  }
  for (const node of flows.ofType('waybill-call')) {
    // What the machine says is for the connector to look at, where it is used.
    for (const property of ['url', 'queryUrl']) yield { node, property, targets: typed(flows, context, node, property).filter(({ known }) => known), bare: 'encrypted' };
  }
  for (const node of flows.ofType('waybill-system')) {
    // What is called there over HTTP, the connector looks at.
    yield { node, property: 'url', targets: targetsOf(flows, context, node, 'url').filter((target) => target.known && target.address.scheme === 'amqp'), bare: 'encrypted' };
  }
  for (const node of flows.ofType('waybill-event-out')) {
    if (node['to'] === 'http') yield { node, property: 'url', targets: typed(flows, context, node, 'url').filter(({ known }) => known), bare: 'encrypted' };
  }
  for (const [type, bare] of CLIENTS) {
    for (const node of flows.ofType(type)) {
      const client = clientOf(flows, context, node);
      if (client !== undefined) yield { node, ...client, bare: bare(flows, node) };
    }
  }
}

const mendOf = ({ type }: FlowNode): string => {
  if (type.includes('broker')) return 'Connect with TLS (mqtts), and switch its plain port off.';
  if (type === 'waybill-system') return 'Use an address with TLS (amqps), and switch the plain port of the broker off.';
  if (type.startsWith('tcp ')) return 'Give the node TLS settings, or put a gateway on this machine in front of a device that has none.';
  if (type === 'websocket-client') return 'Use an address with TLS (wss).';
  return type === 'udp out' ? 'UDP has no TLS: send it to a gateway on this machine, or ask for a waiver that names the device.' : 'Use an address with TLS, for example https.';
};

function inClear({ node, property, targets, bare }: Connection): Breach | undefined {
  for (const target of targets) {
    const { scheme } = target.known ? target.address : target;
    if (!(CLEAR.has(scheme) || (scheme === '' && bare === 'clear'))) continue;
    if (target.known && !isLoopback(target.address.host)) {
      const { host } = target.address;
      return { node, property, about: host, message: `${Called(node)} talks to ${host} in clear: whoever is on the network reads along, and can answer in its place.`, mend: mendOf(node) };
    }
    if (!target.known && scheme !== '' && target.from === 'message') {
      return { node, property, about: target.by, message: `${Called(node)} talks in clear (${scheme}) to whatever host ${target.by} names when it runs.`, mend: 'Use https, or write the host into the node when it is this machine.' };
    }
  }
  return undefined;
}

/** Encrypted, but to whoever answers: TLS settings that do not look at the certificate of the other side. */
function unverified(flows: Flows, { node, targets }: Connection): Breach | undefined {
  const outside = targets.find((target) => !target.known || !isLoopback(target.address.host));
  if (outside === undefined || flows.byId.get(textOf(node, 'tls'))?.['verifyservercert'] !== false) return undefined;
  const host = outside.known ? outside.address.host : 'the other side';
  return {
    node, property: 'tls', about: `unverified ${host}`,
    message: `${Called(node)} does not check the certificate of ${host}: anybody on the network can answer in its place.`,
    mend: 'Tick "Verify server certificate" in its TLS settings, and give them the authority that signed the certificate.',
  };
}

/** What cannot be known: the host or the scheme comes with the message, or from the machine that the flows run on. */
function unchecked({ node, property, targets, bare }: Connection, level: Level): Breach | undefined {
  const open = targets.find((target) => !target.known && (CLEAR.has(target.scheme) || (target.scheme === '' && (bare === 'clear' || node.type === 'http request'))));
  if (open === undefined || open.known || level === 'off') return undefined;
  return {
    node, property, about: `unchecked ${open.by}`, level,
    message: `It cannot be checked whether ${called(node)} talks in clear: its address ${whereabouts(open)}.`,
    mend: open.from === 'machine' ? 'Make sure that it names an address with TLS where the flows run.'
      : node.type === 'http request' ? 'Write scheme and host into the node (https://erp.example.com/{{id}}), or call the system with "call".' : 'Write the host into the node, or send it to a gateway on this machine.',
  };
}

export const tlsOutside: Rule = {
  code: 'tls-outside',
  title: 'What leaves the machine is encrypted',
  level: 'error',
  elsewhere: 'off',
  options: { unknown: 'warn' },
  *check(flows, context, options: JsonObject) {
    for (const connection of connections(flows, context)) {
      const breach = inClear(connection) ?? unverified(flows, connection) ?? unchecked(connection, levelOption(options, 'unknown', 'warn'));
      if (breach !== undefined) yield breach;
    }
    yield* opcUaOutside(flows, context, levelOption(options, 'unknown', 'warn'));
  },
};

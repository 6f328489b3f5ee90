import { addressIn, isLoopback, urlsIn } from './address.ts';
import type { NetAddress } from './address.ts';
import { textsWithValues } from './env-values.ts';
import type { FlowNode, Flows } from './flows.ts';
import { textOf, textsOf } from './property.ts';
import type { Rule } from './rule.ts';
import { Called } from './words.ts';

/** Schemes that carry everything in clear. */
const CLEAR: ReadonlySet<string> = new Set(['http', 'ws', 'mqtt', 'tcp', 'ftp']);

interface Connection { readonly node: FlowNode; readonly property: string; readonly addresses: readonly NetAddress[] }

const addresses = (texts: readonly string[], port = ''): readonly NetAddress[] => texts.flatMap((text) => addressIn(text, port) ?? []);

const VARIABLE = /\$env\(\s*(["'])([^"'{}]+)\1\s*\)/g;

/** Addresses of a typed input: a text as it is; of an expression the URLs that stand in it, and the variables of the flows that it reads. */
function typed(flows: Flows, node: FlowNode, property: string): readonly NetAddress[] {
  const text = textOf(node, property);
  if (node[`${property}Type`] !== 'jsonata') return addresses(textsOf(flows, node, property));
  return [...urlsIn(text), ...[...text.matchAll(VARIABLE)].flatMap(([, , name]) => addresses(textsWithValues(flows, node, `\${${name!}}`) ?? []))];
}

/** What connects in clear by its own settings. Where nothing is said, Node-RED's nodes speak without TLS. */
function* clear(flows: Flows): Generator<Connection> {
  const inClear = (found: readonly NetAddress[]): readonly NetAddress[] => found.filter(({ scheme }) => CLEAR.has(scheme));
  const orBare = (found: readonly NetAddress[]): readonly NetAddress[] => found.filter(({ scheme }) => scheme === '' || CLEAR.has(scheme));
  for (const node of flows.ofType('waybill-broker')) yield { node, property: 'url', addresses: inClear(addresses(textsOf(flows, node, 'url'))) };
  for (const node of flows.ofType('mqtt-broker')) {
    if (node['usetls'] !== true) yield { node, property: 'broker', addresses: orBare(addresses(textsOf(flows, node, 'broker'), textOf(node, 'port'))) };
  }
  for (const node of flows.ofType('waybill-call')) {
    for (const property of ['url', 'queryUrl']) yield { node, property, addresses: inClear(typed(flows, node, property)) };
  }
  // A http request without a scheme takes http.
  for (const node of flows.ofType('http request')) yield { node, property: 'url', addresses: node['tls'] ? [] : orBare(addresses(textsOf(flows, node, 'url'))) };
  for (const node of flows.ofType('websocket-client')) yield { node, property: 'path', addresses: inClear(addresses(textsOf(flows, node, 'path'))) };
  for (const [type, property] of [['tcp out', 'host'], ['tcp in', 'host'], ['tcp request', 'server']] as const) {
    for (const node of flows.ofType(type)) {
      const connects = type === 'tcp request' || node[type === 'tcp out' ? 'beserver' : 'server'] === 'client';
      if (connects && !node['tls']) yield { node, property, addresses: addresses(textsOf(flows, node, property), textOf(node, 'port')) };
    }
  }
}

export const tlsOutside: Rule = {
  code: 'tls-outside',
  title: 'What leaves the machine is encrypted',
  level: 'error',
  elsewhere: 'off',
  options: {},
  *check(flows) {
    for (const { node, property, addresses: found } of clear(flows)) {
      const outside = found.find(({ host }) => !isLoopback(host));
      if (outside === undefined) continue;
      yield {
        node, property, about: outside.host,
        message: `${Called(node)} talks to ${outside.host} in clear: whoever is on the network reads along, and can answer in its place.`,
        mend: node.type.includes('broker') ? 'Connect with TLS (mqtts), and switch its plain port off.' : 'Use an address with TLS, for example https.',
      };
    }
  },
};

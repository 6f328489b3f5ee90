import type { Waybill } from '../../engine/api.ts';
import type { BrokerNode } from '../../engine/intake/broker-node.ts';
import type { RunningIntake } from '../../engine/intake/scan-in-node.ts';
import { EDITOR_PATH } from '../here/editor-path.ts';
import { record } from '../here/record.ts';
import type { AdminApi } from '../here/routes.ts';
import { mountOpcUaRoutes } from './opcua-routes.ts';
import { mountPlcRoutes } from './plc.ts';
import { mountSparkplugRoutes } from './sparkplug.ts';
import { mountSystemRoutes } from '../systems/system-routes.ts';
import type { SystemAdminApi } from '../systems/form-system.ts';
import { messagesOf, textOf, trying } from './trying.ts';
import { isTimeZone } from '../../engine/sites.ts';
import { suggestFor, tryMessages, type TriedConfig } from '../../engine/intake/tryout.ts';

/** The part of Node-RED's runtime API that the form of an intake needs. */
export interface IntakeAdminApi extends AdminApi, SystemAdminApi {
  readonly nodes: { getNode(id: string): unknown };
}

const MOST_MESSAGES = 20;
const LONGEST = 65_536;
const PRESETS = ['auto', 'plain-text', 'proglove', 'zebra-rfd', 'waybill', 'custom', 'jsonata'] as const;

/** Serves what the form of an intake node shows: what arrives, and what pasted messages would become. Nothing is stored. */
export function mountIntakeRoutes(RED: IntakeAdminApi, waybill: Waybill): void {
  if (!RED.httpAdmin || RED.auth === undefined) return;
  mountOpcUaRoutes(RED, waybill);
  mountPlcRoutes(RED, waybill);
  mountSparkplugRoutes(RED, waybill);
  mountSystemRoutes(RED, waybill);
  RED.httpAdmin.get(`${EDITOR_PATH}/intake`, RED.auth.needsPermission('waybill.read'), (request, response) => {
    const { node } = request.query;
    const running = typeof node === 'string' ? (RED.nodes.getNode(node) as { readonly intake?: RunningIntake } | null)?.intake : undefined;
    response.set('Cache-Control', 'no-store').json(running === undefined ? { running: false } : {
      running: true, now: waybill.clock.now(), state: running.state(), counters: running.source.counters,
      lastProblem: running.source.lastProblem, samples: running.samples.list(),
    });
  });
  RED.httpAdmin.get(`${EDITOR_PATH}/intake/broker`, RED.auth.needsPermission('waybill.read'), (request, response) => {
    const { node } = request.query;
    const broker = typeof node === 'string' ? (RED.nodes.getNode(node) as Partial<BrokerNode> | null)?.broker : undefined;
    response.set('Cache-Control', 'no-store').json(brokerView(broker));
  });
  RED.httpAdmin.post(`${EDITOR_PATH}/intake/try`, RED.auth.needsPermission('waybill.write'), trying((body) => {
    const messages = messagesOf(body['messages']);
    if (messages.length > MOST_MESSAGES) throw new RangeError(`${messages.length} messages are too many to try; take ${MOST_MESSAGES} at most.`);
    if (messages.some((message) => message.length > LONGEST)) throw new RangeError(`A message of more than ${LONGEST} characters is too long to try.`);
    const now = waybill.clock.now();
    return body['suggest'] === true ? { suggestion: suggestFor(messages, now) } : { tried: tryMessages(configOf(body['config'], waybill), textOf(body['topic']), messages, now) };
  }));
}

/** Where a deployed broker stands, with the topics that its nodes take and those that it does not give. */
function brokerView(broker: BrokerNode['broker'] | undefined): object {
  if (broker === undefined) return { running: false };
  if ('problem' in broker) return { running: true, now: Date.now(), state: { kind: 'refused', reason: broker.problem }, counters: {}, topics: [] };
  const { state, counters, inFlight, lastProblem, kind, protocolVersion } = broker.source;
  const refused = new Map(state.refused?.map(({ filter, reason }) => [filter, reason]));
  return {
    running: true, now: Date.now(), state, counters, inFlight, lastProblem, kind, protocolVersion,
    topics: broker.source.filters().map((filter) => ({ filter, ...(refused.has(filter) ? { refused: refused.get(filter) } : {}) })),
  };
}

/** What the form sent, as far as an intake has it; nothing of it is trusted. */
function configOf(value: unknown, waybill: Waybill): TriedConfig {
  const given = record(value);
  const pointers = Object.fromEntries(Object.entries(record(given['pointers'])).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
  return {
    pattern: textOf(given['pattern']), preset: PRESETS.find((preset) => preset === given['preset']) ?? 'auto', pointers: pointers as unknown as TriedConfig['pointers'],
    expression: textOf(given['expression'], LONGEST),
    fnc1: textOf(given['fnc1']), maxBytes: Number(given['maxBytes']) || LONGEST, operatorRequired: given['operatorRequired'] === true, uniqueScope: textOf(given['uniqueScope']),
    packaging: (Array.isArray(given['packaging']) ? given['packaging'] : []) as TriedConfig['packaging'], unknownPacks: given['unknownPacks'] === 'quarantine' ? 'quarantine' : 'leave',
    enterprise: textOf(given['enterprise']) || waybill.settings.enterprise, site: textOf(given['site']) || waybill.settings.site,
    epcis: given['epcis'] === true, bizStep: textOf(given['bizStep']), disposition: textOf(given['disposition']), readPoint: textOf(given['readPoint']), bizLocation: textOf(given['bizLocation']),
    companyPrefixes: textOf(given['companyPrefixes']), gln: textOf(given['gln']), timeZone: isTimeZone(textOf(given['timeZone'])) ? textOf(given['timeZone']) : waybill.nodes.timeZone(textOf(given['site']) || waybill.settings.site),
  };
}

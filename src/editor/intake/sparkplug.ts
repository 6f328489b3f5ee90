import type { Waybill } from '../../engine/api.ts';
import type { RunningSparkplug, SparkplugInNodeConfig } from '../../engine/intake/sparkplug-in-node.ts';
import { tryPayload } from '../../engine/intake/sparkplug-tryout.ts';
import { EDITOR_PATH } from '../here/editor-path.ts';
import { record } from '../here/record.ts';
import type { IntakeAdminApi } from './routes.ts';
import { textOf, trying } from './trying.ts';

const MOST_EDGE_NODES = 50;
const LONGEST = 400_000;
const TRIGGERS = ['report', 'change', 'rising', 'falling', 'either', 'above', 'below', 'stable'] as const;

/** Serves what the form of a sparkplug in node shows: who reports what, and what a pasted payload would become. Nothing is stored. */
export function mountSparkplugRoutes(RED: IntakeAdminApi, waybill: Waybill): void {
  if (!RED.httpAdmin || RED.auth === undefined) return;
  RED.httpAdmin.get(`${EDITOR_PATH}/intake/sparkplug`, RED.auth.needsPermission('waybill.read'), (request, response) => {
    const { node } = request.query;
    const running = typeof node === 'string' ? (RED.nodes.getNode(node) as { readonly sparkplug?: RunningSparkplug } | null)?.sparkplug : undefined;
    response.set('Cache-Control', 'no-store').json(running === undefined ? { running: false } : live(running, waybill));
  });
  RED.httpAdmin.post(`${EDITOR_PATH}/intake/sparkplug/try`, RED.auth.needsPermission('waybill.write'), trying((body) => {
    const payload = body['payload'];
    if (typeof payload !== 'string' || payload.length > LONGEST) throw new RangeError(`A payload is text in base64 or hexadecimal of ${LONGEST} characters at most.`);
    const config = record(body['config']);
    const site = { enterprise: textOf(config['enterprise']) || waybill.settings.enterprise, id: textOf(config['site']) || waybill.settings.site };
    return tryPayload(configOf(config), site, payload, textOf(body['topic']), waybill.clock.now());
  }));
}

function live({ link, samples }: RunningSparkplug, waybill: Waybill): object {
  const all = link.view();
  return {
    running: true, now: waybill.clock.now(), hostId: link.hostId, state: link.state, counters: link.counters, lastProblem: link.lastProblem,
    edgeNodes: all.slice(0, MOST_EDGE_NODES), more: Math.max(0, all.length - MOST_EDGE_NODES), samples: samples.list(),
  };
}

/** What the form sent, as far as a node has it; nothing of it is trusted. */
function configOf(given: Readonly<Record<string, unknown>>): SparkplugInNodeConfig {
  const facts = Object.entries(record(given['facts'])).filter((entry): entry is [string, string] => typeof entry[1] === 'string').slice(0, 100);
  return {
    stepId: 'tried', site: '', broker: '', hostId: '', primary: true, register: 'any', process: 'inventory-movement', template: '', reorderMs: 0, maxEdgeNodes: 1, maxMetrics: 1,
    groups: textOf(given['groups']), edgeNodes: textOf(given['edgeNodes']), devices: textOf(given['devices']), metrics: textOf(given['metrics']),
    trigger: TRIGGERS.find((kind) => kind === given['trigger']) ?? 'report',
    limit: numberOf(given['limit']), hysteresis: numberOf(given['hysteresis']), deadband: numberOf(given['deadband']), forSeconds: numberOf(given['forSeconds']),
    historical: given['historical'] !== false, facts: Object.fromEntries(facts), keyFact: textOf(given['keyFact']), keyType: textOf(given['keyType']),
    uniqueScope: textOf(given['uniqueScope']), title: textOf(given['title']),
  };
}

function numberOf(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}

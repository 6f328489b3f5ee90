import type { Waybill } from '../../engine/api.ts';
import type { PlcEventType } from '../../domain/plc/event.ts';
import type { PlcTag } from '../../domain/plc/tag.ts';
import type { PlcTrigger } from '../../domain/plc/trigger.ts';
import { PLC_MODES, plcOpeningOptions, type PlcInNodeConfig, type RunningPlc } from '../../engine/intake/plc-in-node.ts';
import { tryPasted } from '../../engine/intake/plc-in/tryout.ts';
import { EDITOR_PATH } from '../here/editor-path.ts';
import { record } from '../here/record.ts';
import type { IntakeAdminApi } from './routes.ts';
import { textOf, trying } from './trying.ts';

const LONGEST = 100_000;
const MOST_VALUES = 200;

/** Serves what the form of a plc in node shows: what arrives, and what pasted values would become. Nothing is stored. */
export function mountPlcRoutes(RED: IntakeAdminApi, waybill: Waybill): void {
  if (!RED.httpAdmin || RED.auth === undefined) return;
  RED.httpAdmin.get(`${EDITOR_PATH}/intake/plc`, RED.auth.needsPermission('waybill.read'), (request, response) => {
    const { node } = request.query;
    const running = typeof node === 'string' ? (RED.nodes.getNode(node) as { readonly plc?: RunningPlc } | null)?.plc : undefined;
    response.set('Cache-Control', 'no-store').json(running === undefined ? { running: false } : live(running, waybill));
  });
  RED.httpAdmin.post(`${EDITOR_PATH}/intake/plc/try`, RED.auth.needsPermission('waybill.write'), trying((body) => {
    const values = body['values'];
    if (typeof values !== 'string' || values.length > LONGEST) throw new RangeError(`What is tried is text of ${LONGEST} characters at most.`);
    const given = record(body['config']);
    const config = configOf(given);
    const problem = PLC_MODES[config.mode].problem(config);
    if (problem !== undefined) throw new RangeError(problem);
    const opening = plcOpeningOptions(config, { id: textOf(given['site']) || waybill.settings.site }, textOf(given['controller']) || 'controller');
    return { outcomes: tryPasted(config, opening, values, waybill.clock.now()) };
  }));
}

function live({ mode, link, samples, running }: RunningPlc, waybill: Waybill): object {
  const { lastAt, ...counters } = running.counters();
  const values = samples.values();
  return {
    running: true, now: waybill.clock.now(), mode, state: link.connection.state, counters: { ...counters, ...(lastAt === undefined ? {} : { lastAt }) },
    lastProblem: running.lastProblem() ?? link.connection.lastProblem, problems: running.problems(),
    values: values.slice(0, MOST_VALUES), more: Math.max(0, values.length - MOST_VALUES), samples: samples.list(),
  };
}

/** What the form sent, as far as a node has it; nothing of it is trusted. */
function configOf(given: Readonly<Record<string, unknown>>): PlcInNodeConfig {
  const list = <T>(value: unknown): readonly T[] => (Array.isArray(value) ? value.slice(0, 1_001) as T[] : []);
  const largest = Number(given['largest']);
  return {
    stepId: 'tried', site: '', endpoint: '', process: 'inventory-movement', template: '', publishingMs: 250, outageSeconds: 0, largest: Number.isFinite(largest) ? largest : 0,
    mode: given['mode'] === 'handshake' || given['mode'] === 'events' ? given['mode'] : 'values', tags: list<PlcTag>(given['tags']), triggers: list<PlcTrigger>(given['triggers']),
    sequence: textOf(given['sequence']), handlingUnit: textOf(given['handlingUnit']), position: textOf(given['position']), acknowledge: textOf(given['acknowledge']),
    device: textOf(given['device']),
    notifier: textOf(given['notifier']), eventTypes: list<PlcEventType>(given['eventTypes']), sources: list<string>(given['sources']), leastSeverity: Number(given['leastSeverity']), suppressed: given['suppressed'] === true,
    acknowledgeWhen: 'never', confirmWhen: 'never', keyField: textOf(given['keyField']), keyTag: textOf(given['keyTag']), keyType: textOf(given['keyType']), uniqueScope: textOf(given['uniqueScope']), title: textOf(given['title']),
  };
}

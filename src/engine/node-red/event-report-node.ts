import type { NodeAPI } from 'node-red';
import type { Json } from '../../domain/index.ts';
import type { Outcome, ReportedEvent, ReportEvent, Waybill } from '../api.ts';
import { EVENT_NAME } from '../events/event-problem.ts';
import { asText } from '../patterns/typed.ts';
import { unitMs } from '../work-calendar.ts';
import type { LiveNode } from './governed-node.ts';
import { siteOf } from './site-config.ts';
import { StatusLine } from './status-line.ts';
import { typedEvaluator } from './typed-evaluator.ts';
import { WaitingRoom } from './waiting-room.ts';

/** Config of a `wait for event` node that reports events. */
export interface EventReportConfig {
  readonly mode: 'wait' | 'event'; readonly stepId: string; readonly site: string; readonly eventName: string; readonly key: string; readonly keyType: string;
  readonly data: string; readonly dataType: string; readonly eventId: string; readonly eventIdType: string;
  readonly keep: number | string; readonly keepUnit: 'minutes' | 'hours' | 'days'; readonly broadcast: boolean;
}

type Evaluate = ReturnType<typeof typedEvaluator>;

const room = new WaitingRoom();

/** Wires the node that makes an event of each plain message; false when it is the one that waits. @throws with a sentence when something is missing */
export function eventReportNode(RED: NodeAPI, node: LiveNode, config: EventReportConfig, waybill: Waybill): boolean {
  if (config.mode !== 'event') return false;
  if (!EVENT_NAME.test(config.eventName)) throw new Error('This node has no event to report; name one in letters, digits, dots, dashes and underscores, and deploy.');
  if (!config.key) throw new Error('This node has no key; say which value of the message the event is about, and deploy.');
  const evaluate = typedEvaluator(RED, node);
  const site = siteOf(RED, config.site)?.siteId || waybill.settings.site;
  const status = new StatusLine(node);
  status.follow(waybill, { instance: '', stepId: '' });
  node.on('input', (msg, _send, done) => {
    void report(waybill, config, site, node, evaluate, msg as Record<string, unknown>).then((result) => {
      if (!result.ok) throw new Error(result.message);
      const { ok: _ok, ...event } = result;
      const out = { ...msg, event: { ...event, name: config.eventName } };
      node.send(result.status === 'taken' ? [out, null] : [null, out]);
      done();
    }).catch((error: unknown) => done(error instanceof Error ? error : new Error(String(error))));
  });
  node.on('close', (done) => {
    status.close();
    done();
  });
  return true;
}

async function report(waybill: Waybill, config: EventReportConfig, site: string, node: LiveNode, evaluate: Evaluate, msg: Record<string, unknown>): Promise<Outcome<ReportedEvent>> {
  const value = async (text: string, type: string): Promise<unknown> => (text === '' ? undefined : type === 'str' ? text : evaluate(text, type, msg, {}));
  const id = asText(await value(config.eventId, config.eventIdType)) || tokenOf(msg, node);
  const data = await value(config.data, config.dataType);
  const input: ReportEvent = {
    site, name: config.eventName, key: asText(await value(config.key, config.keyType)), data: data === undefined ? null : JSON.parse(JSON.stringify(data) ?? 'null') as Json,
    keepMs: Number(config.keep) * (unitMs[config.keepUnit] ?? unitMs.days), broadcast: config.broadcast === true, by: { device: `node:${config.stepId || node.id}` },
    ...(id === '' ? {} : { id }),
  };
  return room.whenTaken(waybill, () => waybill.reportEvent(input));
}

/** The message of a case passes a plain node at least once: its token names what it reports. */
function tokenOf(msg: Record<string, unknown>, node: LiveNode): string {
  const { token } = (msg['waybill'] ?? {}) as { readonly token?: unknown };
  return typeof token === 'string' ? `${token}/${node.id}` : '';
}

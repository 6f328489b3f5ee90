import type { PlcTrigger } from '../../domain/plc/trigger.ts';
import { decideTrigger, initialTriggerState, wakeAt, type TriggerOutcome, type TriggerState } from '../opcua/triggers/index.ts';
import type { MetricReport } from './host-types.ts';

/** When reports of a metric are an event: `report` is each one, the others as for a controller's values. */
export type ReportTriggerKind = 'report' | Exclude<PlcTrigger['kind'], 'condition'>;

export type ReportTriggerOptions = Pick<PlcTrigger, 'limit' | 'hysteresis' | 'deadband' | 'forMs' | 'everyMs' | 'atStart'> & {
  readonly kind: ReportTriggerKind;
  /** Values that an edge node kept while it could not send. */
  readonly historical: boolean;
};

/** An event, with the report that made it one. */
export interface ReportEvent {
  readonly report: MetricReport;
  readonly at: number;
  /** It happened somewhen while nobody could see: the value before is from before an outage. */
  readonly unseen: boolean;
  /** Further events that this one stands for. */
  readonly folded: number;
}

interface Watched { state: TriggerState; last: MetricReport }

const TAG = 'value';
/** Metrics that are watched at the same time; the one that was seen last is kept. */
const MOST_WATCHED = 50_000;

/** The trigger of a node over all metrics that it takes, each for itself. */
export class ReportTrigger {
  readonly #options: ReportTriggerOptions;
  readonly #trigger: PlcTrigger | undefined;
  readonly #live = new Map<string, Watched>();
  /** What was reported afterwards goes on where the live values stood before the outage. */
  readonly #afterwards = new Map<string, Watched>();
  /** Live ones for which time alone will decide something. */
  readonly #due = new Set<Watched>();

  constructor(options: ReportTriggerOptions) {
    this.#options = options;
    const { kind, historical: _taken, ...rest } = options;
    this.#trigger = kind === 'report' ? undefined : { name: TAG, tag: TAG, ...rest, kind };
  }

  /** What a report comes to, in order of time; `trouble` is told by the caller. */
  take(report: MetricReport, now: number): { readonly events: readonly ReportEvent[]; readonly trouble?: string } {
    if (report.historical && !this.#options.historical) return { events: [] };
    if (this.#trigger === undefined) return { events: everyReport(report) };
    const key = `${report.group}/${report.edgeNode}/${report.device ?? ''}/${report.metric}`;
    const watched = this.#watched(report.historical ? this.#afterwards : this.#live, key, report);
    if (report.fromBirth && !report.historical) {
      if (this.#options.historical) this.#remember(this.#afterwards, key, { state: watched.state, last: report });
      watched.state = decideTrigger(this.#trigger, watched.state, { kind: 'restored', gap: true }).state;
    }
    watched.last = report;
    const good = report.quality === 'good' && report.value !== null;
    const decision = decideTrigger(this.#trigger, watched.state, { kind: 'value', reading: { tag: TAG, value: report.value, good, at: report.at, receivedAt: Math.max(now, report.historical ? report.at : 0) } });
    watched.state = decision.state;
    if (!report.historical && wakeAt(this.#trigger, watched.state) !== undefined) this.#due.add(watched);
    return outcome(decision.outcomes, report);
  }

  /** What has lasted long enough by now. */
  tick(now: number): readonly ReportEvent[] {
    const trigger = this.#trigger;
    if (trigger === undefined) return [];
    return [...this.#due].flatMap((watched) => {
      const due = wakeAt(trigger, watched.state);
      if (due === undefined || due > now) return [];
      const decision = decideTrigger(trigger, watched.state, { kind: 'tick', now });
      watched.state = decision.state;
      return outcome(decision.outcomes, watched.last).events;
    });
  }

  /** When `tick` has something to decide; undefined where nothing has to last. */
  nextDue(): number | undefined {
    const trigger = this.#trigger;
    if (trigger === undefined) return undefined;
    let first: number | undefined;
    for (const watched of this.#due) {
      const due = wakeAt(trigger, watched.state);
      if (due === undefined) this.#due.delete(watched);
      else if (first === undefined || due < first) first = due;
    }
    return first;
  }

  #watched(all: Map<string, Watched>, key: string, last: MetricReport): Watched {
    const known = all.get(key);
    if (known !== undefined) return known;
    return this.#remember(all, key, { state: initialTriggerState, last });
  }

  #remember(all: Map<string, Watched>, key: string, watched: Watched): Watched {
    if (all.size >= MOST_WATCHED) {
      const [oldest] = all;
      if (oldest !== undefined) {
        all.delete(oldest[0]);
        this.#due.delete(oldest[1]);
      }
    }
    all.delete(key);
    all.set(key, watched);
    return watched;
  }
}

/** A birth certificate repeats what is known: it is an event only where it shows that something has changed unseen. */
function everyReport(report: MetricReport): readonly ReportEvent[] {
  if (report.value === null || report.quality !== 'good') return [];
  if (report.fromBirth && !(report.known && report.changed)) return [];
  return [{ report, at: report.at, unseen: report.fromBirth, folded: 0 }];
}

function outcome(outcomes: readonly TriggerOutcome[], report: MetricReport): { readonly events: readonly ReportEvent[]; readonly trouble?: string } {
  const events = outcomes.flatMap((one): readonly ReportEvent[] => (one.kind === 'fired' ? [{ report, at: one.at, unseen: one.unseen !== undefined, folded: one.folded ?? 0 }] : []));
  const trouble = outcomes.find((one) => one.kind === 'trouble');
  return trouble === undefined ? { events } : { events, trouble: `is ${trouble.got}, where this event needs ${trouble.expected}` };
}

import { limitedLog, type LimitedLog } from '../limited-log.ts';
import { UntilRecorded } from '../until-recorded.ts';
import type { MetricReport } from './host-types.ts';
import { reportFilter, type ReportFilter } from './report-filter.ts';
import { reportOpening, sourceOf, type ReportOpening, type ReportOpeningOptions } from './report-opening.ts';
import { ReportTrigger, type ReportEvent, type ReportTriggerOptions } from './report-trigger.ts';

/** What an intake needs of the engine. Promises resolve when the ledger has it, reject when it has not. */
export interface ReportIntakePort {
  openCase(opening: ReportOpening): Promise<{ readonly kind: 'opened' | 'duplicate' | 'repeat'; readonly caseId: string }>;
  quarantine(input: { readonly site: string; readonly reason: string; readonly message: string; readonly bytes: Uint8Array; readonly topic: string; readonly device: string }): Promise<unknown>;
  accepting(): boolean;
  onAccepting(listener: (accepting: boolean) => void): () => void;
}

export interface ReportIntakeOptions extends ReportOpeningOptions {
  readonly filter: ReportFilter;
  readonly trigger: ReportTriggerOptions;
  /** Who may report; everybody when absent. */
  readonly devices?: ReportDevices;
  readonly clock: () => number;
  readonly onOutcome: (outcome: ReportOutcome) => void;
  /** There is enough to do, or no longer. */
  readonly onBusy: (busy: boolean) => void;
  readonly log: (level: 'info' | 'warn', text: string) => void;
}

type ReportSource = Pick<MetricReport, 'group' | 'edgeNode' | 'device'>;

/** What an intake asks of the register of devices; answered from memory. */
export interface ReportDevices {
  judge(source: ReportSource, occurredAt: string | undefined): { readonly reason?: string; readonly message?: string; readonly skewSeconds?: number };
  /** Something was heard of it, also when it is no event. */
  alive(source: ReportSource): void;
}

export interface ReportOutcome {
  readonly report: MetricReport;
  readonly kind: 'opened' | 'duplicate' | 'repeat' | 'quarantined' | 'lost';
  readonly title: string;
  readonly caseId?: string;
  readonly message?: string;
}

/** Events that are not recorded yet: from the first number on nothing more is read, below the second again. */
const MOST_OPEN = 2_000;
const FEW_OPEN = 1_000;

/**
 * From reports to cases. A report cannot be given back to its sender, so what is an event is kept here until the ledger has
 * it, in its order; when much is kept, the connection is read no further.
 */
export class ReportIntake {
  readonly #port: ReportIntakePort;
  readonly #options: ReportIntakeOptions;
  readonly #wants: (report: MetricReport) => boolean;
  readonly #trigger: ReportTrigger;
  readonly #recorded: UntilRecorded;
  readonly #warn: LimitedLog;
  #open = 0;
  #busy = false;
  #timer: NodeJS.Timeout | undefined;
  #onDrained: (() => void) | undefined;

  constructor(port: ReportIntakePort, options: ReportIntakeOptions) {
    this.#port = port;
    this.#options = options;
    this.#wants = reportFilter(options.filter);
    this.#trigger = new ReportTrigger(options.trigger);
    this.#warn = limitedLog(options.log);
    this.#recorded = new UntilRecorded({
      accepting: () => port.accepting(), onAccepting: (listener) => port.onAccepting(listener), warn: this.#warn,
      closed: () => new Error('the node was closed before the ledger could take it'),
    });
  }

  /** Events that are not recorded yet. */
  get open(): number {
    return this.#open;
  }

  take(report: MetricReport): void {
    this.#options.devices?.alive(report);
    if (!this.#wants(report)) return;
    const { events, trouble } = this.#trigger.take(report, this.#options.clock());
    if (trouble !== undefined) this.#warn('trouble', `${report.metric} of ${report.group}/${report.edgeNode} ${trouble}.`);
    for (const event of events) this.#begin(event);
    this.#wind();
  }

  /** Waits for what is not recorded yet, `drainMs` at most; what is left then is lost, and said. */
  async close(drainMs: number): Promise<number> {
    clearTimeout(this.#timer);
    if (this.#open > 0) {
      let timer: NodeJS.Timeout | undefined;
      await Promise.race([
        new Promise<void>((resolve) => { this.#onDrained = resolve; }),
        new Promise<void>((resolve) => { timer = setTimeout(resolve, drainMs); }),
      ]);
      clearTimeout(timer);
    }
    const left = this.#open;
    this.#recorded.close();
    return left;
  }

  #begin(event: ReportEvent): void {
    const opened = reportOpening(event, this.#options, this.#options.clock());
    const { reason, message = '', skewSeconds } = this.#known(event);
    this.#open += 1;
    this.#tellBusy();
    const work = reason !== undefined ? this.#putAside(event, reason, message) : opened.ok ? this.#record(event, stamped(opened.opening, skewSeconds)) : this.#putAside(event, opened.code, opened.message);
    work.catch((error: unknown) => {
      this.#warn('lost', `A report of ${event.report.metric} was not recorded: ${textOf(error)}`);
      this.#tell(event, { kind: 'lost', title: '', message: textOf(error) });
    }).finally(() => {
      this.#open -= 1;
      this.#tellBusy();
      if (this.#open === 0) this.#onDrained?.();
    });
  }

  /** Of what an edge node kept, the time says nothing about its clock. */
  #known({ report, at }: ReportEvent): ReturnType<ReportDevices['judge']> {
    return this.#options.devices?.judge(report, report.historical ? undefined : new Date(at).toISOString()) ?? {};
  }

  async #record(event: ReportEvent, opening: ReportOpening): Promise<void> {
    const result = await this.#durably(() => this.#port.openCase(opening));
    if ('unrecordable' in result) {
      await this.#putAside(event, 'not-recordable', result.unrecordable);
      return;
    }
    this.#tell(event, { kind: result.value.kind, title: opening.title, caseId: result.value.caseId });
  }

  async #putAside(event: ReportEvent, reason: string, message: string): Promise<void> {
    const { group, edgeNode, device, metric, value, at } = event.report;
    const bytes = Buffer.from(JSON.stringify({ group, edgeNode, ...(device === undefined ? {} : { device }), metric, value, at: new Date(at).toISOString() }));
    const result = await this.#durably(() => this.#port.quarantine({ site: this.#options.site, reason, message, bytes, topic: `${group}/${edgeNode}`, device: sourceOf(event.report) }));
    if ('unrecordable' in result) throw new Error(result.unrecordable);
    this.#tell(event, { kind: 'quarantined', title: '', message });
  }

  #durably<T>(act: () => Promise<T>): Promise<{ readonly value: T } | { readonly unrecordable: string }> {
    return this.#recorded.run('A report', act);
  }

  #tell({ report }: ReportEvent, outcome: Omit<ReportOutcome, 'report'>): void {
    this.#options.onOutcome({ report, ...outcome });
  }

  #tellBusy(): void {
    const busy = this.#busy ? this.#open > FEW_OPEN : this.#open >= MOST_OPEN;
    if (busy === this.#busy) return;
    this.#busy = busy;
    this.#options.onBusy(busy);
  }

  #wind(): void {
    const due = this.#trigger.nextDue();
    if (due === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      for (const event of this.#trigger.tick(this.#options.clock())) this.#begin(event);
      this.#wind();
    }, Math.max(1, due - this.#options.clock()));
  }
}

function stamped(opening: ReportOpening, skewSeconds: number | undefined): ReportOpening {
  return skewSeconds === undefined ? opening : { ...opening, scan: { ...opening.scan, skewSeconds } };
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

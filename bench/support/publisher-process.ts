import path from 'node:path';
import { ROOT } from '../../scripts/lib/paths.ts';
import type { PublishSummary } from '../publisher.ts';
import { MeasuredProcess } from './measured-process.ts';

export interface PublishRun {
  readonly url: string;
  readonly rate: number | 'max';
  readonly seconds?: number;
  readonly count?: number;
  readonly connections?: number;
  readonly inflight?: number;
  /** Prefix of the transport ids; keeps runs on one ledger apart. */
  readonly run: string;
}

/** bench/publisher.ts in a process of its own. */
export class PublisherProcess extends MeasuredProcess {
  constructor(run: PublishRun) {
    const optional = Object.entries({ seconds: run.seconds, count: run.count, connections: run.connections, inflight: run.inflight })
      .flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, String(value)]));
    super({ script: [path.join(ROOT, 'bench/publisher.ts'), '--url', run.url, '--rate', String(run.rate), '--run', run.run, ...optional] });
  }

  /** Resolves when it ended, with what it measured. */
  async summary(): Promise<PublishSummary> {
    const [line] = await this.printed(/^\{"sent".*\}$/m);
    await this.end();
    const summary = JSON.parse(line) as PublishSummary;
    if (summary.failure !== undefined) throw new Error(`The publisher gave up: ${summary.failure}`);
    return summary;
  }
}

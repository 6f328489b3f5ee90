import path from 'node:path';
import { ROOT } from '../../scripts/lib/paths.ts';
import type { PublishSummary } from '../publisher.ts';
import type { LoadOrder } from './load.ts';
import { MeasuredProcess } from './measured-process.ts';

/** bench/support/load.ts in a process of its own. */
export class LoadProcess extends MeasuredProcess {
  constructor(order: LoadOrder) {
    super({ script: [path.join(ROOT, 'bench/support/load.ts'), JSON.stringify(order)] });
  }

  /** Resolves when it ended, with what it measured. Rejects when it gave up. */
  async summary(): Promise<PublishSummary> {
    const [line] = await this.printed(/^\{"sent".*\}$/m);
    await this.end();
    const summary = JSON.parse(line) as PublishSummary;
    if (summary.failure !== undefined) throw new Error(`The publisher gave up: ${summary.failure}`);
    return summary;
  }
}

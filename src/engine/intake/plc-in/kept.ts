import { setTimeout as sleep } from 'node:timers/promises';
import type { JsonObject } from '../../../domain/index.ts';
import type { PlcAround, PlcRunning } from './mode.ts';
import { positionOf } from './port.ts';

const AGAIN_MS = 500;

/** What the ledger has of how far a node came: asked until it answers, or the node is closed. */
async function lastKept(around: PlcAround, closed: () => boolean): Promise<JsonObject | undefined> {
  const { waybill, log } = around;
  for (let told = false; !closed(); told = true) {
    try {
      return await waybill.nodes.lastPosition(positionOf(around));
    } catch (error) {
      if (!told) log('warn', `How far the controller was read is not known yet, so nothing is watched: ${error instanceof Error ? error.message : String(error)}`);
      await sleep(AGAIN_MS, undefined, { ref: false });
    }
  }
  return undefined;
}

/** What such an intake is, as far as every mode asks it. */
interface KeptIntake {
  readonly lastProblem: { readonly at: number; readonly reason: string } | undefined;
  close(removed: boolean): Promise<void>;
}

/** A mode that begins where the ledger says that its node was, whatever ended it. */
export abstract class KeptRunning<Intake extends KeptIntake> implements PlcRunning {
  protected readonly around: PlcAround;
  protected intake: Intake | undefined;
  readonly #starting: Promise<void>;
  #closed = false;

  constructor(around: PlcAround) {
    this.around = around;
    this.#starting = this.#start();
  }

  abstract problems(): readonly string[];
  abstract readonly standing: () => boolean;
  abstract counters(): Readonly<Record<string, number>> & { readonly lastAt?: number };
  /** @param kept what the ledger has of this node */
  protected abstract begin(kept: JsonObject | undefined): Intake;

  lastProblem(): { readonly at: number; readonly reason: string } | undefined {
    return this.intake?.lastProblem;
  }

  async close(removed: boolean): Promise<void> {
    this.#closed = true;
    const closing = this.intake?.close(removed); // at once: the connection waits only for what holds it by now
    await this.#starting;
    await closing;
    // what is removed on purpose is not missed when it comes back one day
    if (removed) await this.around.waybill.nodes.keepPosition(positionOf(this.around), 0, {});
  }

  async #start(): Promise<void> {
    const kept = await lastKept(this.around, () => this.#closed);
    if (!this.#closed) this.intake = this.begin(kept);
  }
}

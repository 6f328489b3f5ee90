import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Boundary, BoundaryCounts } from './boundary.ts';
import { nameOf } from './boundary.ts';
import { ErpGate } from './erp-gate.ts';
import { breaches } from './invariants.ts';
import type { CataloguePlace, FlowNode, Look } from './messages.ts';
import { NodeRedProcess } from './node-red-process.ts';
import { attend, bringIn, cutShort, newHistory } from './outside.ts';
import type { History, Intake } from './outside.ts';
import type { EngineTuning } from '../../../src/engine/settings.ts';
import { recoverLedger } from '../../../src/ledger/sqlite/recover.ts';

/** A case to be crossed with every boundary. */
export interface CrashStory {
  readonly intake: Intake;
  readonly flow: (erpUrl: string) => FlowNode[];
  /** What the ERP does to the first requests of a process. */
  readonly faults?: readonly ('busy' | 'broken-off')[];
  /** The flows of the next start, when they are not the same. */
  readonly next?: (flows: readonly FlowNode[]) => readonly FlowNode[];
  /** What happens after the next start, before the world outside goes on. */
  readonly after?: (node: NodeRedProcess, flows: readonly FlowNode[], home: string) => Promise<void>;
  /** When all is done, the ledger is put back to what it was after the crash, and recovered. */
  readonly restore?: true;
  readonly tuning?: Partial<EngineTuning>;
  /** Of the site, from the next start on. */
  readonly catalogue?: CataloguePlace;
}

const shortTimes = { stallMs: 5_000, drainMs: 2_000 };

/** A process with the ERP beside it, in which one crash after the other is survived. */
export class CrashLane {
  readonly #root: string;
  readonly #story: CrashStory;
  #erp: ErpGate | undefined;
  #survivor: NodeRedProcess | undefined;
  #runs = 0;

  constructor(story: CrashStory) {
    this.#story = story;
    this.#root = mkdtempSync(join(tmpdir(), 'waybill-crash-'));
  }

  #folder(name: string): string {
    return join(this.#root, `${this.#runs}-${name}`);
  }
  async #gate(): Promise<ErpGate> {
    this.#erp ??= await ErpGate.open();
    this.#erp.faults = this.#story.faults ?? [];
    return this.#erp;
  }
  get #tuning(): Partial<EngineTuning> {
    return { ...shortTimes, ...this.#story.tuning };
  }

  /** One run without a crash, to count its boundaries. */
  async count(): Promise<BoundaryCounts> {
    this.#runs += 1;
    const erp = await this.#gate();
    erp.arm(undefined, () => Promise.resolve());
    const node = new NodeRedProcess(this.#folder('node-red'));
    const history = newHistory();
    const { broker } = await node.ask('open', { home: this.#folder('home'), flows: this.#story.flow(erp.url), tuning: this.#tuning });
    await this.#outside(node, broker, history);
    const { append, send, answer } = await node.ask('counts', {});
    await node.kill();
    return { append, send, answer, effect: erp.requests };
  }

  async #outside(node: NodeRedProcess, broker: string, history: History, heard: (n: number) => Promise<unknown> = () => Promise.resolve()): Promise<void> {
    if (!history.acknowledged) await bringIn(this.#story.intake, node, broker, history, () => heard(1));
    await attend(node, history, (n) => heard(n + 1));
  }

  /** Ends a process at the boundary, starts again, lets everything come to rest, and returns what does not hold. */
  async cross(boundary: Boundary): Promise<readonly string[]> {
    this.#runs += 1;
    const home = this.#folder('home');
    const history = newHistory();
    try {
      const erp = await this.#gate();
      const flows = this.#story.flow(erp.url);
      await this.#die(boundary, home, flows, history, erp);
      erp.arm(undefined, () => Promise.resolve());
      let rest = await this.#survive(home, flows, history);
      if (this.#story.restore === true) {
        const before = await breaches({ home, history, rest, erp });
        if (before.length > 0) return before.map((breach) => `${nameOf(boundary)}: ${breach}`);
        rest = await this.#restored(home, flows, history);
      }
      return (await breaches({ home, history, rest, erp })).map((breach) => `${nameOf(boundary)}: ${breach}`);
    } catch (error) {
      const log = this.#survivor?.log ?? '';
      await this.#survivor?.kill();
      this.#survivor = undefined;
      return [`${nameOf(boundary)}: ${(error as Error).message}\n${log}`];
    } finally {
      rmSync(home, { recursive: true, force: true });
      rmSync(backupOf(home), { recursive: true, force: true });
    }
  }

  async #die(boundary: Boundary, home: string, flows: readonly FlowNode[], history: History, erp: ErpGate): Promise<void> {
    const victim = new NodeRedProcess(this.#folder('node-red'));
    erp.arm(boundary.kind === 'effect' ? boundary : undefined, () => victim.kill());
    const heard = async (n: number): Promise<void> => {
      if (boundary.kind === 'answer' && boundary.at === 'after' && boundary.n === n) await victim.kill();
    };
    await cutShort(async () => {
      const { broker } = await victim.ask('open', { home, flows, tuning: this.#tuning, kill: boundary });
      await this.#outside(victim, broker, history, heard);
    });
    // An answer that the caller has may still have the process a moment to live.
    const end = await Promise.race([victim.ended, new Promise<undefined>((resolve) => { setTimeout(resolve, 500, undefined); })]);
    if (end?.signal === 'SIGKILL') return;
    await victim.kill();
    throw new Error(`the process did not end there (${JSON.stringify(end)}):\n${victim.log}`);
  }

  async #survive(home: string, flows: readonly FlowNode[], history: History): Promise<Look> {
    const survivor = this.#survivor ??= new NodeRedProcess(join(this.#root, `survivor-${this.#runs}`));
    if (this.#story.restore === true && !existsSync(backupOf(home))) copyLedger(home, backupOf(home));
    const next = this.#story.next?.(flows) ?? flows;
    const { broker, state, reason } = await survivor.ask('open', { home, flows: next, tuning: this.#tuning, ...(this.#story.catalogue === undefined ? {} : { catalogue: this.#story.catalogue }) });
    if (state !== 'ready') throw new Error(`the next start is ${state}: ${reason ?? ''}`);
    await this.#story.after?.(survivor, flows, home);
    await this.#outside(survivor, broker, history);
    const rest = await survivor.until(atRest);
    await survivor.ask('close', {});
    return rest;
  }

  /** Goes back to the backup, recovers, and lets everything come to rest again. What was taken in after the backup is brought in again. */
  async #restored(home: string, flows: readonly FlowNode[], history: History): Promise<Look> {
    copyLedger(backupOf(home), home);
    let ids = 0;
    const recovered = await recoverLedger({ home, actor: { kind: 'system', id: 'test' }, site: 'dc-1', now: Date.now, newId: () => `00000000-0000-7000-8000-${String(++ids).padStart(12, '0')}` });
    if (recovered === undefined) throw new Error('the restored ledger was not found to be behind');
    Object.assign(history, newHistory());
    return this.#survive(home, flows, history);
  }

  async close(): Promise<void> {
    await this.#survivor?.kill();
    await this.#erp?.close();
    rmSync(this.#root, { recursive: true, force: true });
  }
}

function backupOf(home: string): string {
  return `${home}-backup`;
}
/** The database and what is not yet in it; keys and checkpoints lie outside and stay. */
function copyLedger(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const name of ['ledger.db', 'ledger.db-wal', 'ledger.db-shm']) {
    rmSync(join(to, name), { force: true });
    if (name !== 'ledger.db-shm' && existsSync(join(from, name))) copyFileSync(join(from, name), join(to, name));
  }
}

/** Nothing moves any more: every case is closed or waits for a person. */
export function atRest(seen: Look): boolean {
  return seen.counts.casesOpen + seen.counts.casesClosed > 0
    && seen.open.every((c) => c.tasks.length + c.exceptions.length + c.deadLetters.length > 0)
    && seen.gauges['tokens_in_flight'] === 0 && seen.gauges['steps_active'] === 0 && seen.gauges['mailboxes'] === 0;
}

/** Crosses a story with all boundaries, in as many lanes at once; resolves with what does not hold. */
export async function crossAll(story: CrashStory, lanes: number, boundaries: (counts: BoundaryCounts) => readonly Boundary[]): Promise<{ readonly counts: BoundaryCounts; readonly crossed: number; readonly breaches: readonly string[] }> {
  const open = Array.from({ length: lanes }, () => new CrashLane(story));
  const [first] = open;
  if (first === undefined) throw new RangeError('at least one lane');
  try {
    const counts = await first.count();
    const waiting = [...boundaries(counts)];
    const crossed = waiting.length;
    const found: string[] = [];
    await Promise.all(open.map(async (lane) => {
      for (let boundary = waiting.shift(); boundary !== undefined; boundary = waiting.shift()) found.push(...await lane.cross(boundary));
    }));
    return { counts, crossed, breaches: found };
  } finally {
    await Promise.all(open.map((lane) => lane.close()));
  }
}

/** The guided shift: what happens, in which order, and how the demo makes sure that it did. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Product } from '../../scripts/lib/product.ts';
import { forgeInCopy, proveCase, verifyLedger } from './auditor.ts';
import { Docks, forgottenShipNotice, overReceived } from './docks.ts';
import type { ErpOnStage } from './erp-on-stage.ts';
import type { Narrator } from './narrator.ts';
import { Person, StoryError, untilIsSo } from './person.ts';
import type { CaseView, TaskView } from './person.ts';

/** Marks of the story in seconds after Waybill is ready, and lengths in seconds. */
export interface Pace {
  readonly overReceiptAt: number;
  readonly noShipNoticeAt: number;
  readonly shipNoticeAfter: number;
  readonly erpDownAt: number;
  readonly erpDownFor: number;
  /** When the demo decides, unless the person at the browser has. */
  readonly decisionBy: number;
  readonly auditAt: number;
  /** Pallets a second. */
  readonly rate: number;
}

/** Five minutes. */
export const HUMAN_PACE: Pace = { overReceiptAt: 25, noShipNoticeAt: 60, shipNoticeAfter: 20, erpDownAt: 105, erpDownFor: 30, decisionBy: 230, auditAt: 265, rate: 0.5 };
/** As fast as it goes, for tests. */
export const FAST_PACE: Pace = { overReceiptAt: 1, noShipNoticeAt: 1, shipNoticeAfter: 0, erpDownAt: 2, erpDownFor: 2, decisionBy: 0, auditAt: 0, rate: 5 };

export interface Stage {
  readonly product: Product;
  readonly erp: ErpOnStage;
  readonly say: Narrator;
  readonly pace: Pace;
  /** Ends the story where it is. */
  readonly signal: AbortSignal;
}

interface Cast { readonly admin: Person; readonly sam: Person; readonly chris: Person; readonly alex: Person }

class Shift {
  readonly #stage: Stage;
  readonly #cast: Cast;
  readonly #docks: Docks;
  readonly #startedAt = performance.now();

  constructor(stage: Stage, cast: Cast) {
    this.#stage = stage;
    this.#cast = cast;
    this.#docks = new Docks(stage.product.mqttUrl);
  }

  async play(): Promise<void> {
    const { say, erp, pace } = this.#stage;
    await this.#welcome();
    try {
      await this.#receiptsFlow();
      await this.#until(pace.overReceiptAt);
      const task = await this.#overReceipt();
      await this.#until(pace.noShipNoticeAt);
      await this.#noShipNotice();
      await this.#until(pace.erpDownAt);
      await this.#erpGoesDown();
      const decided = await this.#decision(task);
      await this.#until(pace.auditAt);
      await this.#docks.close();
      await this.#everythingArrived(decided);
      await this.#audit(decided);
    } finally {
      await this.#docks.close();
    }
    if (!await erp.answers()) throw new StoryError('The ERP is not there at the end.');
    say.act('That was the shift.');
  }

  async #welcome(): Promise<void> {
    const { say, product } = this.#stage;
    say.watch('watch in the browser as Sam, the receiving supervisor (this link signs you in once):', await this.#signInLink('sam'));
    say.watch('the flow behind it, in Node-RED\'s editor:', `${product.url}/`);
  }

  /** Pallets come in and go through without anybody. */
  async #receiptsFlow(): Promise<void> {
    const { say, erp, pace } = this.#stage;
    say.act('The shift begins: pallets come in at two docks.');
    say.tell('Every scan is on disk before the scanner hears that it was taken. Ordered and announced: no person is needed.');
    this.#docks.open(pace.rate);
    const receipts = await this.#see('The first receipts', 30, async () => {
      const all = await erp.receipts();
      return all.length >= 3 ? all : undefined;
    });
    say.checked(`${receipts.length} goods receipts are in the ERP, for example ${receipts[0]?.receipt ?? ''}.`);
    say.watch('watch the cases close:', this.#page('cases'));
  }

  async #overReceipt(): Promise<TaskView> {
    const { say } = this.#stage;
    const { quantity, ordered, unit } = overReceived();
    say.act(`A pallet with too much on it: ${quantity} ${unit} where ${ordered} were ordered.`);
    const scan = await this.#docks.scanOverReceived();
    const { caseId } = await this.#caseOf(scan.sscc ?? '');
    const task = await this.#see('The task for the supervisor', 20, async () => (await this.#cast.sam.tasksOf(caseId, 'open'))[0]);
    say.checked('It is counted against the order line, is beyond the tolerance, and waits for a supervisor who did not touch it.');
    say.tell(`“${task.question}”`);
    say.watch('decide it in the browser, on a phone if you like, or let the demo do it later:', this.#page(`tasks/${task.taskId}`));
    return task;
  }

  async #noShipNotice(): Promise<void> {
    const { say, erp, pace } = this.#stage;
    const { chris } = this.#cast;
    say.act('A carton that nobody announced.');
    const scan = await this.#docks.scanNotAnnounced();
    const { caseId } = await this.#caseOf(scan.sscc ?? '');
    const exception = await this.#see('The exception', 20, () => chris.exceptionOf(caseId));
    if (exception.code !== 'no-asn') throw new StoryError(`The carton without a ship notice became the exception ${exception.code}.`);
    say.checked('It is an exception in the clerks\' queue: what it is, where to put it, whom to ask.');
    say.watch('watch the exception:', this.#page('exceptions'));
    await this.#pause(pace.shipNoticeAfter);
    await erp.addShipNotice(forgottenShipNotice());
    if (exception.exceptionId === (await chris.exceptionOf(caseId))?.exceptionId) {
      await chris.post(`/exceptions/${exception.exceptionId}/resolution`, { outcome: 'retry', code: 'announced-late', note: 'The supplier sent the ship notice.' }, `demo-${exception.exceptionId}`);
      say.tell('The supplier sends the ship notice. Chris, the clerk, says "try again" (the demo does it, over the API).');
    } else say.tell('The supplier sends the ship notice; you have resolved the exception already.');
    await this.#see('The end of the carton\'s case', 30, async () => (await chris.caseOf(scan.sscc ?? ''))?.status === 'closed' || undefined);
    say.checked('The case went on where it had stopped, and is closed.');
  }

  /** The ERP's process is killed, pallets still come in, and it comes back. */
  async #erpGoesDown(): Promise<void> {
    const { say, erp, pace } = this.#stage;
    const { alex } = this.#cast;
    const before = this.#docks.acknowledged.size;
    const { pid } = erp;
    await erp.kill();
    if (await erp.answers()) throw new StoryError('The ERP still answers.');
    say.act(`The ERP goes down: its process ${pid} was killed.`);
    say.tell('The docks go on. What was scanned is taken, and waits with its next try in sight.');
    await this.#pause(pace.erpDownFor);
    const waiting = await this.#see('Cases that wait for the ERP', 30, async () => {
      const { stepsOpen, tasksOpen, exceptionsOpen } = await alex.counts();
      const steps = stepsOpen - tasksOpen - exceptionsOpen;
      return this.#docks.acknowledged.size > before && steps >= Math.min(2, this.#docks.acknowledged.size - before) ? steps : undefined;
    });
    const meanwhile = this.#docks.acknowledged.size - before;
    const { deadLettersOpen } = await alex.counts();
    if (deadLettersOpen > 0) throw new StoryError(`${deadLettersOpen} calls were given up while the ERP was down.`);
    say.checked(`${meanwhile} pallets were scanned and acknowledged meanwhile; waiting for the ERP: ${waiting}; given up: none.`);
    await erp.startAgain();
    say.act(`The ERP is back (process ${erp.pid}).`);
    const inTime = [...this.#docks.acknowledged];
    await this.#see('The end of the cases that waited', 150, async () => await this.#allClosed(inTime) || undefined);
    say.checked('Every waiting case went on by itself, each call under the idempotency key of its first try.');
  }

  /** The person at the browser decides, or Sam by token when the time is over. */
  async #decision({ taskId, caseId, factsHash }: TaskView): Promise<CaseView> {
    const { say, pace } = this.#stage;
    const { sam, alex } = this.#cast;
    const isOpen = async (): Promise<boolean> => (await sam.get<TaskView>(`/tasks/${taskId}`)).status === 'open';
    if (await isOpen() && this.#secondsLeft(pace.decisionBy) > 5) {
      say.act(`The pallet with too much on it still waits for you; in ${Math.round(this.#secondsLeft(pace.decisionBy))} s the demo decides.`);
      say.watch('decide it here:', this.#page(`tasks/${taskId}`));
      while (this.#secondsLeft(pace.decisionBy) > 0 && await isOpen()) await this.#pause(0.5);
    }
    if (await isOpen()) {
      say.act('The demo decides as Sam, with an API token.');
      await sam.post(`/tasks/${taskId}/decision`, { decision: 'approve', comment: 'Agreed with purchasing.', factsHash }, `demo-${taskId}`);
    } else say.act('You decided.');
    const decided = await this.#see('The end of the decided case', 60, async () => {
      const found = await alex.get<CaseView>(`/cases/${caseId}`);
      return found.status === 'closed' ? found : undefined;
    });
    say.checked(`The decision is in the ledger with the facts that were shown; the case closed as "${decided.outcome ?? ''}".`);
    return decided;
  }

  /** Each acknowledged pallet has one closed case and one receipt in the ERP. */
  async #everythingArrived(decided: CaseView): Promise<void> {
    const { say, erp } = this.#stage;
    say.act('The docks close. Is everything there, and only once?');
    const pallets = [...this.#docks.acknowledged];
    await this.#see('The end of every case', 90, async () => await this.#allClosed(pallets) || undefined);
    const receipts = await erp.receipts();
    const wrong = pallets.filter((sscc) => receipts.filter((receipt) => receipt.sscc === sscc).length !== 1);
    if (wrong.length > 0) throw new StoryError(`These pallets have no receipt, or several: ${wrong.join(', ')}.`);
    const forDecided = receipts.filter(({ reference }) => reference === decided.caseId).length;
    if (forDecided !== (decided.outcome === 'over' ? 1 : 0)) throw new StoryError(`The decided case closed as ${decided.outcome ?? ''} and has ${forDecided} receipts.`);
    say.checked(`${pallets.length} pallets were acknowledged; the ERP has exactly one goods receipt for each.`);
  }

  async #audit(decided: CaseView): Promise<void> {
    const { say, product } = this.#stage;
    const { alex } = this.#cast;
    say.act('The auditor does not believe a word.');
    const { events, signed, checkpoints } = await verifyLedger(product);
    say.checked(`waybill ledger verify: ${events} events, ${signed} of them under ${checkpoints} signed checkpoints; nothing was changed, lost or moved.`);
    const publicKey = (await alex.text('/ledger/key')).trim();
    const types = await proveCase(product, decided.caseId, publicKey);
    if (!types.includes('Decided') || !types.includes('CaseClosed')) throw new StoryError(`The proof lacks the decision: ${types.join(', ')}.`);
    say.checked(`waybill ledger prove ${decided.caseId}: ${types.length} events, the decision among them, proven with the public key alone.`);
    say.checked(`In a copy somebody turned the decision round with a database tool. verify: “${forgeInCopy(product, decided.caseId)}”`);
    say.watch('watch the case as Alex, the auditor (signs you in once):', await this.#signInLink('alex'));
    say.watch('and then:', this.#page(`cases/${decided.caseId}`));
  }

  async #allClosed(ssccs: readonly string[]): Promise<boolean> {
    for (const sscc of ssccs) if ((await this.#cast.alex.caseOf(sscc))?.status !== 'closed') return false;
    return true;
  }

  #caseOf(sscc: string): Promise<CaseView> {
    return this.#see(`A case for ${sscc}`, 20, () => this.#cast.alex.caseOf(sscc));
  }

  #see<T>(what: string, seconds: number, look: () => Promise<T | undefined>): Promise<T> {
    return untilIsSo(what, seconds, look, this.#stage.signal);
  }

  async #signInLink(name: string): Promise<string> {
    const { path } = await this.#cast.admin.post<{ readonly path: string }>('/session/one-time-link', { name });
    return `${this.#stage.product.url}${path}`;
  }

  #page(path: string): string {
    return `${this.#stage.product.url}/waybill/${path}`;
  }

  #secondsLeft(mark: number): number {
    return mark - (performance.now() - this.#startedAt) / 1_000;
  }

  async #until(mark: number): Promise<void> {
    await this.#pause(Math.max(0, this.#secondsLeft(mark)));
  }

  async #pause(seconds: number): Promise<void> {
    await sleep(seconds * 1_000, undefined, { signal: this.#stage.signal });
  }
}

/** Plays the shift. @throws StoryError when something did not happen as told; the signal's reason when it was ended */
export async function playShift(stage: Stage): Promise<void> {
  const { product } = stage;
  const [admin, sam, chris, alex] = await Promise.all([
    Person.from(product, 'admin', 'admin'), Person.from(product, 'sam', 'read,decide'), Person.from(product, 'chris', 'read,decide'), Person.from(product, 'alex', 'read'),
  ]);
  await new Shift(stage, { admin, sam, chris, alex }).play();
}

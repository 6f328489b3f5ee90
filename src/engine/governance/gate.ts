import { flowsHash, flowsText } from '../../governance/gate/content.ts';
import type { FlowsText } from '../../governance/gate/content.ts';
import type { JudgedFinding, Judgement } from '../../governance/gate/judge.ts';
import type { Flows, FlowNode } from '../../governance/gate/rules/flows.ts';
import type { Finding } from '../../governance/gate/rules/rule.ts';
import type { AdmittedCopy, GateStore, PendingDeploy } from '../../governance/gate/store.ts';
import type { DeployWay } from '../../domain/events.ts';
import { uuidv7 } from '../support/ids.ts';
import { once } from '../support/reporting.ts';
import { within } from '../support/within.ts';
import { admissionEvents } from './admission-events.ts';
import { atStart } from './gate-log.ts';
import type { AdmittedRecord, Deployer, GateLog } from './gate-log.ts';
import { GateNotes } from './gate-notes.ts';
import type { DeployInput, DeployUser, FindingsReport, GatePort, GateState, Loaded, LoadInput, Verdict } from './port.ts';
import { installedIn } from './installed.ts';
import { Judging } from './judging.ts';
import type { JudgedAgainst, JudgingDeps } from './judging.ts';
import { withLoss } from './lost-flows.ts';
import { findingsText, verdictText } from './verdict-text.ts';

/** How long a deploy waits for the ledger; then it stands, and is recorded when the ledger takes commits again. */
const RECORD_MS = 3_000;
/** How soon a deploy that could not be recorded is tried again. */
const AGAIN_MS = 5_000;

export interface GateDeps extends JudgingDeps {
  readonly store: GateStore;
  readonly log: GateLog;
  publish(report: FindingsReport): void;
  /** The first flows that this site's gate ever sees, before they are judged for good. */
  first(breaches: readonly Finding[]): Promise<void>;
}

interface Running extends JudgedAgainst { readonly hash: string; readonly deployId: string; readonly nodes: readonly FlowNode[] }

/** The single point through which flows pass before they run. */
export class Gate implements GatePort {
  readonly #deps: GateDeps;
  readonly #judging: Judging;
  readonly #notes: GateNotes;
  #running: Running | undefined;
  #report: FindingsReport | undefined;
  /** Flows that were read, refused, and have nothing to run instead: for as long as nothing was admitted. */
  #held: LoadInput | undefined;
  #closed = false;
  #turn: Promise<unknown> = Promise.resolve();
  #copying: Promise<unknown> = Promise.resolve();

  constructor(deps: GateDeps) {
    this.#deps = deps;
    this.#judging = new Judging(deps);
    this.#notes = new GateNotes(deps.store);
  }

  state(): GateState {
    return this.#deps.state();
  }
  blocks(): string | undefined {
    const { state, reason } = this.state();
    return state === 'missing' || state === 'refusing' ? reason : undefined;
  }
  findings(): FindingsReport | undefined {
    return this.#report;
  }
  running(): { readonly nodes: readonly FlowNode[]; readonly hash: string } | undefined {
    return this.#running;
  }
  /** Of the flows that run. */
  get deployId(): string | undefined {
    return this.#running?.deployId;
  }
  get flows(): Flows | undefined {
    return this.#running?.flows;
  }
  /** What is being recorded or copied gets a moment; what is not done then is done by the next start. */
  async close(): Promise<void> {
    await within(RECORD_MS, this.#turn.then(() => this.#copying));
    this.#closed = true;
  }

  judge(flows: unknown, way: DeployWay, user: DeployUser | undefined): Promise<Verdict> {
    return this.#inTurn(async () => {
      const hash = flowsHash(withoutCredentials(flows));
      const judgement = await this.#judge(flows, hash);
      if (judgement.refused) await this.#refuse(way, hash, judgement, await this.#deps.log.deployer(user), undefined);
      return verdictOf(judgement, hash);
    });
  }

  check(flows: unknown): Promise<Verdict> {
    return this.#inTurn(async () => {
      const hash = flowsHash(withoutCredentials(flows));
      return verdictOf(await this.#judge(flows, hash), hash);
    });
  }

  deploy(input: DeployInput): Promise<Verdict> {
    return this.#inTurn(async () => {
      const text = flowsText(input.flows);
      const { hash } = text;
      const judgement = await this.#judge(input.flows, hash);
      const by = await this.#deps.log.deployer(input.user);
      if (judgement.refused) {
        await this.#refuse('deploy', hash, judgement, by, undefined);
        return verdictOf(judgement, hash);
      }
      const pending: PendingDeploy = { deployId: uuidv7(), hash, way: 'deploy', by: by.actor.id, name: by.name ?? null };
      await this.#notes.pending(input.scope, pending);
      await this.#notes.saved(input, pending);
      await this.#admit(input.scope, { flows: input.flows, credentials: await input.credentials() }, judgement, text, 'deploy', by, pending.deployId);
      return verdictOf(judgement, hash);
    });
  }

  load(input: LoadInput): Promise<Loaded> {
    return this.#inTurn(() => this.#load(input));
  }

  /** Whether what is held would be let pass now: its templates have become known, or a waiver or break-glass covers it. */
  isReleased(): Promise<boolean> {
    return this.#inTurn(async () => {
      const held = this.#held;
      return held !== undefined && !(await this.#judge(held.flows, flowsHash(held.flows))).refused;
    });
  }

  async #load(input: LoadInput): Promise<Loaded> {
    const { scope, way, flows, credentials } = input;
    const { store, log } = this.#deps;
    const text = flowsText(flows);
    const { hash } = text;
    const copy = await store.admitted(scope);
    const last = copy !== undefined && await log.isLast(scope, copy) ? copy : undefined;
    const pending = await store.pending(scope);
    // A crash between the record and the copy leaves the copy behind; nobody has touched it.
    const behind = copy !== undefined && last === undefined && pending !== undefined && await log.lastDeploy(scope, copy) === pending.deployId;
    if (copy !== undefined && last === undefined && !behind) await this.#drift({ what: 'admitted-copy', found: copy.hash, expected: 'the deploy that was admitted last', outcome: 'ignored' });
    const finishing = pending?.hash === hash && pending.deployId !== last?.deployId ? pending : undefined;
    const record = last === undefined ? await log.lastAdmitted(scope) : undefined;
    const known = last ?? record;
    if (finishing === undefined && known?.hash === hash) return last === undefined ? await this.#copyAnew(input, known, text, copy === undefined) : await this.#runLast(input, last, text, pending);
    // What runs is what the disk is compared with.
    if (last !== undefined) await this.#know(last);
    const judgement = withLoss(await this.#judgeRead(flows, hash, known !== undefined), finishing === undefined ? last?.flows.length ?? record?.nodes : undefined, last !== undefined);
    if (known !== undefined && finishing === undefined) await this.#drift({ what: 'flows', found: hash, expected: known.hash, outcome: judgement.refused ? 'refused' : 'admitted' });
    if (!judgement.refused) {
      await this.#admit(scope, { flows, credentials }, judgement, text, finishing?.way ?? way, finishing === undefined ? atStart : deployerOf(finishing), finishing?.deployId ?? uuidv7());
      return { flows, credentials, hold: false };
    }
    return await this.#refuseRead(input, hash, judgement, last);
  }

  async #refuseRead(input: LoadInput, hash: string, judgement: Judgement, last: AdmittedCopy | undefined): Promise<Loaded> {
    const { way, flows, credentials } = input;
    const setAside = await this.#notes.setAside(flows, hash);
    const kept = setAside === undefined ? '' : ` What was read is kept in ${setAside}.`;
    const note = last === undefined
      ? `The flows that were read are refused and there is no admitted version to run instead, so nothing runs. Mend the findings and deploy.${kept}`
      : `The flows that were read are refused; the version admitted on ${last.at} runs instead${way === 'start' ? '' : ', after a short stop'}.${kept}`;
    await this.#refuse(way, hash, judgement, atStart, setAside, note);
    once('gate-load', `${note} ${findingsText(judgement.findings)}`);
    if (last !== undefined) return { flows: last.flows, credentials: last.credentials, hold: false };
    this.#held = input;
    return { flows, credentials, hold: true };
  }

  /** What was let pass last runs, whatever rules say today. Credentials change by a deploy alone: others are recorded, and what the storage has lost the gate still has. */
  async #runLast(input: LoadInput, last: AdmittedCopy, text: FlowsText, pending: PendingDeploy | undefined): Promise<Loaded> {
    const { scope, way, flows, credentials } = input;
    const [found, expected] = [flowsHash(credentials ?? {}), flowsHash(last.credentials ?? {})];
    if (pending !== undefined && pending.deployId !== last.deployId) {
      // A deploy that was cut off between its credentials and its flows.
      const loaded = await this.#copyAnew(input, last, text, false);
      await this.#deps.store.dropPending(scope);
      return loaded;
    }
    await this.#run(last, way);
    if (found === expected) return { flows, credentials, hold: false };
    const lost = found === flowsHash({});
    await this.#drift({ what: 'credentials', found, expected, outcome: lost ? 'refused' : 'admitted' });
    once('gate-credentials', lost
      ? 'The file with the credentials of the flows is damaged or gone; those of the deploy that was admitted last are used, and written anew.'
      : 'The file with the credentials of the flows was changed, and not by a deploy. It is used as it is, and the ledger says so.');
    return lost ? { flows, credentials: last.credentials, hold: false, restore: true } : { flows, credentials, hold: false };
  }

  /** The gate's copy is gone, and these are the flows that the ledger says were let pass last. */
  async #copyAnew({ scope, way, flows, credentials }: LoadInput, { deployId, version, at, hash }: AdmittedRecord, { text }: FlowsText, gone: boolean): Promise<Loaded> {
    if (gone) await this.#drift({ what: 'admitted-copy', found: 'none', expected: hash, outcome: 'ignored' });
    const copy = { deployId, version, hash, at, credentials };
    await this.#run({ ...copy, flows: flows as readonly unknown[] }, way);
    await this.#deps.store.keepAdmitted(scope, copy, text).catch((error: unknown) => once('gate-copy', `The gate's copy of what was admitted could not be written anew: ${(error as Error).message}`));
    return { flows, credentials, hold: false };
  }

  async #judgeRead(flows: unknown, hash: string, admittedBefore: boolean): Promise<Judgement> {
    const judgement = await this.#judge(flows, hash);
    if (admittedBefore) return judgement;
    await this.#deps.first(judgement.breaches);
    this.#judging.forget();
    return this.#judge(flows, hash);
  }

  /** Flows that were admitted before: they run, whatever rules say today; what they say is shown. */
  async #run(copy: AdmittedCopy, way: DeployWay): Promise<void> {
    const judgement = await this.#know(copy);
    this.#tell({ at: this.#deps.clock.iso(), way, refused: false, flowsHash: copy.hash, findings: judgement.findings });
  }

  async #know(copy: AdmittedCopy): Promise<Judgement> {
    const judgement = await this.#judge(copy.flows, copy.hash);
    this.#running = runningOf(copy.flows, copy.hash, copy.deployId, judgement);
    return judgement;
  }

  /** Judges again what runs: when the policy, the templates or a waiver changed. */
  again(): Promise<void> {
    return this.#inTurn(async () => {
      this.#judging.forget();
      const running = this.#running;
      if (running === undefined) return;
      const judgement = await this.#judge(running.nodes, running.hash);
      this.#running = runningOf(running.nodes, running.hash, running.deployId, judgement);
      if (this.#report?.refused !== true) this.#tell({ at: this.#deps.clock.iso(), way: 'start', refused: false, flowsHash: running.hash, findings: judgement.findings });
    });
  }

  #judge(flows: unknown, hash: string): Promise<Judgement> {
    return this.#judging.judge(flows, hash, this.#running);
  }

  /** Saved already: recorded and copied, in the background when the ledger takes no commits for now. */
  async #admit(scope: string, stored: { readonly flows: unknown; readonly credentials: unknown }, judgement: Judgement, { text, hash }: FlowsText, way: DeployWay, by: Deployer, deployId: string): Promise<void> {
    const { clock, log, store } = this.#deps;
    const at = clock.iso();
    const { findings } = judgement;
    const events = admissionEvents(installedIn(this.#running?.flows), installedIn(judgement.flows), findings, deployId);
    const flows = stored.flows as readonly FlowNode[];
    this.#running = runningOf(flows, hash, deployId, judgement);
    this.#held = undefined;
    // It was judged against what ran before.
    this.#judging.forget();
    this.#tell({ at, way, refused: false, flowsHash: hash, findings });
    const data = { deployId, way, flowsHash: hash, nodes: flows.length, findings: findings.length, admitted: findings.filter(({ level, admitted }) => level === 'error' && admitted !== undefined).length, unauthenticated: by.unauthenticated };
    const recorded = this.#untilDone(() => log.admitted(scope, data, findings, by, events));
    // The copy is what runs when the disk is refused, so who deploys waits for it as well.
    this.#copying = recorded.then((version) => (version === undefined ? undefined : this.#untilDone(async () => {
      // A later deploy has its own copy.
      if (this.#running?.deployId !== deployId) return;
      await store.keepAdmitted(scope, { deployId, version, hash, at, credentials: stored.credentials }, text);
      await store.dropPending(scope);
    })));
    await within(RECORD_MS, this.#copying);
  }

  /** Undefined when the engine closed before. */
  async #untilDone<T>(finish: () => Promise<T>): Promise<T | undefined> {
    while (!this.#closed) {
      try {
        return await finish();
      } catch (error) {
        once('deploy-admitted', `The deploy could not be recorded and is tried again: ${String(error)}`);
        await new Promise((resolve) => { setTimeout(resolve, AGAIN_MS).unref(); });
      }
    }
    return undefined;
  }

  async #refuse(way: DeployWay, hash: string, judgement: Judgement, by: Deployer, setAside: string | undefined, note?: string): Promise<void> {
    this.#tell({ at: this.#deps.clock.iso(), way, refused: true, flowsHash: hash, findings: judgement.findings, ...(setAside === undefined ? {} : { setAside }), ...(note === undefined ? {} : { note }) });
    await this.#recorded(this.#deps.log.refused(way, hash, judgement.flows?.nodes.length ?? 0, judgement.findings, by, setAside));
  }
  async #drift(data: Parameters<GateLog['drift']>[0]): Promise<void> {
    await this.#recorded(this.#deps.log.drift(data));
  }
  /** A refusal stands whether or not it can be recorded. */
  async #recorded(record: Promise<void>): Promise<void> {
    await within(RECORD_MS, record.catch((error: unknown) => once('gate-record', `What the gate did could not be recorded: ${String(error)}`)));
  }

  #tell(report: FindingsReport): void {
    this.#report = report;
    this.#deps.publish(report);
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    // One after the other, and a copy is whole before the next deploy is looked at; a ledger that takes no commits holds nobody up.
    const settled = (): Promise<T> => within(RECORD_MS, this.#copying).then(work);
    const mine = this.#turn.then(settled, settled);
    this.#turn = mine.catch(() => undefined);
    return mine;
  }
}

function runningOf(flows: unknown, hash: string, deployId: string, { findings, flows: read }: Judgement): Running {
  return { hash, deployId, nodes: flows as readonly FlowNode[], flows: read, known: new Set(findings.map(({ fingerprint }) => fingerprint)) };
}

function verdictOf({ refused, findings }: { readonly refused: boolean; readonly findings: readonly JudgedFinding[] }, hash: string): Verdict {
  return { ok: !refused, message: refused ? verdictText(findings) : '', findings, flowsHash: hash };
}

function deployerOf({ by, name }: PendingDeploy): Deployer {
  return by === null || by === 'unauthenticated' ? { actor: { kind: 'system', id: 'unauthenticated' }, name: undefined, unauthenticated: true } : { actor: { kind: 'person', id: by }, name: name ?? undefined, unauthenticated: false };
}

/** Node-RED takes them out before it saves. */
function withoutCredentials(flows: unknown): unknown {
  if (!Array.isArray(flows)) return flows;
  return (flows as readonly unknown[]).map((node) => {
    if (typeof node !== 'object' || node === null || !('credentials' in node)) return node;
    const { credentials: _credentials, ...rest } = node;
    return rest;
  });
}

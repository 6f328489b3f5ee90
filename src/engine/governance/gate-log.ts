import type { Actor, AnyEvent } from '../../domain/index.ts';
import type { EventData, DeployWay } from '../../domain/events.ts';
import type { Json } from '../../domain/json.ts';
import type { AdmittedCopy } from '../../governance/gate/store.ts';
import { isRefusing } from '../../governance/gate/judge.ts';
import type { JudgedFinding } from '../../governance/gate/judge.ts';
import type { AccountStore } from '../../ledger/accounts-port.ts';
import type { Ledger } from '../../ledger/port.ts';
import { systemActor } from '../site-log.ts';
import type { SiteLog } from '../site-log.ts';
import type { DeployUser } from './port.ts';

/** Findings that stand in an event; all of them are at `GET findings`. */
const MOST_FINDINGS = 100;

/** Who deploys, for the ledger. */
export interface Deployer { readonly actor: Actor; readonly name: string | undefined; readonly unauthenticated: boolean }

/** What the ledger has of the deploy that was admitted last. */
export type AdmittedRecord = Pick<AdmittedCopy, 'deployId' | 'version' | 'hash' | 'at'> & { readonly nodes?: number };

export interface GateLogDeps {
  readonly ledger: Ledger;
  readonly siteLog: SiteLog;
  readonly accounts: AccountStore | undefined;
  pseudonym(id: string): string;
}

/** Writes what the gate does into the ledger. */
export class GateLog {
  readonly #deps: GateLogDeps;
  readonly #heads = new Map<string, number>();
  constructor(deps: GateLogDeps) {
    this.#deps = deps;
  }

  /** Under the account's pseudonym when the name is one of Waybill's, else under that of the name. */
  async deployer(user: DeployUser | undefined): Promise<Deployer> {
    const name = typeof user?.username === 'string' && user.username !== '' ? user.username : undefined;
    if (name === undefined) return { actor: { kind: 'system', id: 'unauthenticated' }, name: undefined, unauthenticated: true };
    const account = await this.#deps.accounts?.findUserByName(name);
    return { actor: { kind: 'person', id: this.#deps.pseudonym(account?.id ?? `name:${name}`) }, name, unauthenticated: false };
  }

  /** Whether a copy is of the deploy that was admitted last. */
  async isLast(scope: string, { version, deployId, hash }: AdmittedCopy): Promise<boolean> {
    if (!Number.isSafeInteger(version) || version < 1) return false;
    const [event, ...later] = await this.#deps.ledger.readStream(streamOf(scope), version);
    return event?.type === 'DeployAdmitted' && later.length === 0 && event.data.deployId === deployId && event.data.flowsHash === hash;
  }

  /** Deploy that was admitted last, as far back as a copy's version. */
  async lastDeploy(scope: string, { version }: AdmittedCopy): Promise<string | undefined> {
    const events = await this.#deps.ledger.readStream(streamOf(scope), Number.isSafeInteger(version) && version > 0 ? version : 1);
    return events.findLast((event) => event.type === 'DeployAdmitted')?.data.deployId;
  }

  /** What was admitted last here, whatever became of the gate's copy. */
  async lastAdmitted(scope: string): Promise<AdmittedRecord | undefined> {
    const event = (await this.#deps.ledger.readStream(streamOf(scope))).findLast(({ type }) => type === 'DeployAdmitted');
    return event?.type === 'DeployAdmitted' ? { deployId: event.data.deployId, version: event.version, at: event.occurredAt, hash: event.data.flowsHash, nodes: event.data.nodes } : undefined;
  }

  /** Answers the version of the event in the stream of deploys. `before` come in the same commit. */
  async admitted(scope: string, data: EventData['DeployAdmitted'], findings: readonly JudgedFinding[], by: Deployer, before: readonly AnyEvent[]): Promise<number> {
    const streamId = streamOf(scope);
    const event: AnyEvent = { type: 'DeployAdmitted', data, content: { findings: recorded(findings) }, ...(by.name === undefined ? {} : { personal: { name: by.name } }) };
    const events = [...before, event];
    for (let head = this.#heads.get(scope) ?? 0; ;) {
      const result = await this.#deps.siteLog.recordAll(streamId, head, events, { actor: by.actor, commandKey: `deploy:${data.deployId}` });
      if (result.ok) {
        this.#heads.set(scope, head + events.length);
        return head + events.length;
      }
      // Recorded before a crash: the commit's last event is it.
      if (result.reason === 'duplicate-command') return result.version;
      if (result.reason !== 'version-conflict') throw new Error(`The deploy could not be recorded: ${result.reason}`);
      head = result.actualVersion;
    }
  }

  async refused(way: DeployWay, flowsHash: string, nodes: number, findings: readonly JudgedFinding[], by: Deployer, setAside: string | undefined): Promise<void> {
    const rules = [...new Set(findings.filter(isRefusing).map(({ rule }) => rule))];
    await this.#deps.siteLog.record('governance', {
      type: 'DeployRefused', data: { way, flowsHash, nodes, rules, findings: findings.length, unauthenticated: by.unauthenticated, ...(setAside === undefined ? {} : { setAside }) },
      content: { findings: recorded(findings) }, ...(by.name === undefined ? {} : { personal: { name: by.name } }),
    }, { actor: by.actor });
  }

  async drift(data: EventData['DriftDetected']): Promise<void> {
    await this.#deps.siteLog.record('governance', { type: 'DriftDetected', data });
  }

  /** Hash of the baseline that the ledger knows. */
  async baselineHash(): Promise<string | undefined> {
    const [event] = (await this.#deps.ledger.readStream('gate:baseline')).slice(-1);
    return event?.type === 'BaselineTaken' ? event.data.baselineHash : undefined;
  }
  async baselineTaken(data: EventData['BaselineTaken']): Promise<void> {
    await this.#deps.siteLog.record('governance', { type: 'BaselineTaken', data }, { streamId: 'gate:baseline' });
  }

  /** What this site has had once: nobody takes that away by deleting a file. */
  async remembered(): Promise<{ readonly catalogue: boolean; readonly policy: boolean }> {
    const states = (await this.#deps.ledger.readStream('gate:state')).flatMap((event) => (event.type === 'GateStateChanged' ? [event.data] : []));
    return { catalogue: states.some(({ state }) => state === 'active' || state === 'missing'), policy: states.some(({ policyVersion }) => policyVersion !== undefined) };
  }

  /** Records the state when it differs from what was recorded last. */
  async state(data: EventData['GateStateChanged']): Promise<void> {
    const events = await this.#deps.ledger.readStream('gate:state');
    const last = events.at(-1);
    if (last?.type === 'GateStateChanged' && last.data.state === data.state && last.data.code === data.code && (last.data.policyVersion === undefined) === (data.policyVersion === undefined)) return;
    await this.#deps.siteLog.record('governance', { type: 'GateStateChanged', data }, { streamId: 'gate:state', expectedVersion: events.length });
  }
}

export const atStart: Deployer = { actor: systemActor, name: undefined, unauthenticated: false };

function streamOf(scope: string): string {
  return `deploys:${scope}`;
}

function recorded(findings: readonly JudgedFinding[]): readonly Json[] {
  return findings.slice(0, MOST_FINDINGS).map(({ rule, level, message, fingerprint, node, property, admitted, yours }) => ({
    rule, level, message, fingerprint, yours, ...(node === undefined ? {} : { node: node.id, type: node.type }), ...(property === undefined ? {} : { property }),
    ...(admitted === undefined ? {} : { admitted: { ...admitted } }),
  }));
}

import { hash } from 'node:crypto';
import { addressKey } from '../domain/index.ts';
import type { Address } from '../domain/index.ts';
import { byOrigin, goesOnAt } from '../governance/gate/rules/moves.ts';
import type { Move } from '../governance/gate/rules/moves.ts';
import type { StepHandle, StepRegistration } from './api.ts';

/** A governed node that stands in the running flows. */
export interface RegisteredStep extends StepHandle {
  readonly key: string;
  readonly registration: StepRegistration;
}

/**
 * The governed nodes by address. Nodes come and go with deploys; the address stays. Where a template gave a step another id,
 * what rests at the old address is answered by the node with the new one ({@link follow}): the records keep their address.
 */
export class StepRegistry {
  readonly #steps = new Map<string, RegisteredStep>();
  readonly #byNode = new Map<string, RegisteredStep>();
  #moves: ReadonlyMap<string, Move> = new Map();
  #origins: ReadonlyMap<string, readonly Move[]> = new Map();
  #unknown: ReadonlyMap<string, string> = new Map();
  #configHash: string | undefined;
  #settled: Promise<void>;
  #settle: () => void = () => undefined;
  /** Raised whenever a node comes or goes. */
  changes = 0;
  /** False between the stop of flows and their start. */
  flowsRunning = false;
  /** Flows will not start again in this process. */
  ended = false;

  constructor() {
    this.#settled = new Promise((resolve) => { this.#settle = resolve; });
  }

  /** Throws when another node of the running flows has the address. */
  register(registration: StepRegistration): RegisteredStep {
    const key = addressKey(registration.address);
    const other = this.#steps.get(key);
    if (other !== undefined && other.node.id !== registration.node.id) {
      throw new Error(`The step id "${registration.address.stepId}" is used by another node as well; give this one its own.`);
    }
    const step: RegisteredStep = {
      key, registration, address: registration.address, node: registration.node,
      close: () => {
        this.changes += 1;
        this.#configHash = undefined;
        if (this.#steps.get(key) === step) this.#steps.delete(key);
        if (this.#byNode.get(registration.node.id) === step) this.#byNode.delete(registration.node.id);
      },
    };
    this.changes += 1;
    this.#steps.set(key, step);
    this.#byNode.set(registration.node.id, step);
    this.#configHash = undefined;
    return step;
  }

  /** The node that works at an address: the one that stands there, else the one that took the step over. */
  byAddress(key: string): RegisteredStep | undefined {
    return goesOnAt(key, this.#steps, this.#moves);
  }

  /**
   * What the migration maps of the installed templates say. Replaces what they said before, unless flows go on running: then
   * only what is new counts, for a step at work is not taken away from under its case.
   * @param unknown by instance, the template whose map nobody has
   * @returns whether anything goes on elsewhere now
   */
  follow(moves: readonly Move[], unknown: ReadonlyMap<string, string>): boolean {
    const before = this.#moves;
    this.#moves = byOrigin([...this.flowsRunning ? before.values() : [], ...moves]);
    this.#unknown = unknown;
    this.#origins = Map.groupBy(this.#moves.values(), ({ to }) => to);
    return this.#moves.size !== before.size || [...this.#moves.values()].some(({ from, to, type }) => before.get(from)?.to !== to || before.get(from)?.type !== type);
  }
  /** All addresses whose work the node at `key` does: its own, then those that it took over. */
  addressesOf(key: string): readonly string[] {
    const origins = this.#origins.get(key);
    return origins === undefined ? [key] : [key, ...origins.map(({ from }) => from).filter((from) => this.byAddress(from)?.key === key)];
  }
  /** All addresses of the step that is at work at `key`, which may be one that it took over. */
  addressesAt(key: string): readonly string[] {
    const here = this.byAddress(key)?.key;
    return here === undefined ? [key] : this.addressesOf(here);
  }
  /** Step ids by which the step at an address is known: the one that it was recorded with, and those of other versions of its template. */
  idsAt(address: Address): readonly string[] {
    if (this.#moves.size === 0) return [address.stepId];
    return [...new Set([address.stepId, ...this.addressesAt(addressKey(address)).map((key) => key.slice(address.instance.length + 1))])];
  }
  /** Installed template of an instance whose migration map the catalogue does not have: it may still say where an address goes on. */
  unknownAt(key: string): string | undefined {
    return this.#unknown.size === 0 ? undefined : this.#unknown.get(key.slice(0, key.lastIndexOf('/')));
  }
  byNode(nodeId: string): RegisteredStep | undefined {
    return this.#byNode.get(nodeId);
  }
  all(): Iterable<RegisteredStep> {
    return this.#steps.values();
  }
  get size(): number {
    return this.#steps.size;
  }

  /** Hash over what all governed steps are configured with now; a case pins it when it opens (PROTOCOL §1). */
  configHash(): string {
    return this.#configHash ??= hash('sha256', [...this.#steps.values()].map((s) => `${s.key}=${s.registration.configHash ?? ''}`).sort().join('\n'), 'base64url').slice(0, 22);
  }

  flowsStopping(): void {
    if (!this.flowsRunning) return;
    this.flowsRunning = false;
    this.#settled = new Promise((resolve) => { this.#settle = resolve; });
  }
  flowsStarted(): void {
    this.flowsRunning = true;
    this.#settle();
  }
  /** Flows will not start again: whoever waits for them finds no node. */
  giveUp(): void {
    this.flowsRunning = false;
    this.ended = true;
    this.#settle();
  }
  /** Resolves when flows run. */
  settled(): Promise<void> {
    return this.#settled;
  }
}

import { hash } from 'node:crypto';
import { addressKey } from '../domain/index.ts';
import type { StepHandle, StepRegistration } from './api.ts';

/** A governed node that stands in the running flows. */
export interface RegisteredStep extends StepHandle {
  readonly key: string;
  readonly registration: StepRegistration;
}

/** The governed nodes by address. Nodes come and go with deploys; the address stays. */
export class StepRegistry {
  readonly #steps = new Map<string, RegisteredStep>();
  readonly #byNode = new Map<string, RegisteredStep>();
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

  byAddress(key: string): RegisteredStep | undefined {
    return this.#steps.get(key);
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

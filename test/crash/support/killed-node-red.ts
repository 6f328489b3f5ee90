import path from 'node:path';
import type { ServiceDefinition } from '../../../src/domain/service/index.ts';
import type { FlowNode, Look } from '../../engine/support/messages.ts';
import { NodeRedProcess, ProcessGone } from '../../engine/support/node-red-process.ts';

export interface KilledNodeRedOptions { readonly folder: string; readonly name: string; readonly flows: readonly FlowNode[]; readonly services: readonly ServiceDefinition[] }

/** A Node-RED that is killed and started again over the same home, while somebody goes on asking it. */
export class KilledNodeRed {
  readonly #options: KilledNodeRedOptions;
  readonly #acknowledged = new Set<string>();
  #node: Promise<NodeRedProcess>;
  kills = 0;

  private constructor(options: KilledNodeRedOptions) {
    this.#options = options;
    this.#node = this.#open();
  }

  static async start(options: KilledNodeRedOptions): Promise<KilledNodeRed> {
    const started = new KilledNodeRed(options);
    await started.#node;
    return started;
  }

  async #open(): Promise<NodeRedProcess> {
    const { folder, name, flows, services } = this.#options;
    const node = new NodeRedProcess(path.join(folder, `${name}-user`));
    node.onAcknowledged(({ transportId }) => this.#acknowledged.add(transportId));
    await node.ask('open', { home: path.join(folder, name), flows, tuning: { poisonEpochs: 20 }, services });
    return node;
  }

  /** SIGKILL, and a start; what is asked meanwhile waits for it. */
  readonly kill = async (): Promise<void> => {
    const running = await this.#node;
    this.kills += 1;
    this.#node = running.kill().then(() => this.#open());
    await this.#node;
  };

  /** Does it again where the process was killed over it: only for what may be done twice. */
  async ask<T>(question: (node: NodeRedProcess) => Promise<T>): Promise<T> {
    for (;;) {
      const node = await this.#node;
      try {
        return await question(node);
      } catch (error) {
        if (!(error instanceof ProcessGone)) throw error;
        await new Promise((resolve) => { setTimeout(resolve, 20); });
      }
    }
  }

  /** Gives each message to the node until its case is on record; `id` of the payload is what it is known by. */
  async inject(node: string, payloads: readonly { readonly id: string }[]): Promise<void> {
    for (let due = payloads; due.length > 0; due = due.filter(({ id }) => !this.#acknowledged.has(id))) {
      for (const payload of due) await this.ask((running) => running.ask('inject', { node, msg: { payload } }));
      await this.look();
    }
  }

  look(): Promise<Look> {
    return this.ask((running) => running.ask('look', {}));
  }

  /** Until no case is open any more; `each` may do what a person would. */
  async atRest(each: (seen: Look) => Promise<void> | void = () => undefined): Promise<Look> {
    for (;;) {
      const seen = await this.look();
      if (seen.open.length === 0) return seen;
      await each(seen);
      await new Promise((resolve) => { setTimeout(resolve, 100); });
    }
  }

  async stop(): Promise<void> {
    await (await this.#node).kill();
  }
}

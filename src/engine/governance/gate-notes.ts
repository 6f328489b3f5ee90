import type { GateStore, PendingDeploy } from '../../governance/gate/store.ts';
import { once } from '../support/reporting.ts';
import type { DeployInput } from './port.ts';

/** What the gate writes beside the flows, and what becomes of a deploy or a start when the disk does not take it. */
export class GateNotes {
  readonly #store: GateStore;

  constructor(store: GateStore) {
    this.#store = store;
  }

  /** Without its note a deploy that is cut off could not be told from a change past the gate. */
  async pending(scope: string, pending: PendingDeploy): Promise<void> {
    try {
      await this.#store.keepPending(scope, pending);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      const why = code === 'ENOSPC' || code === 'EDQUOT' ? 'there is no room on its disk. Free some' : `it cannot be written to (${message}). Mend that`;
      throw Object.assign(new Error(`Waybill did not deploy this; what ran goes on running. The gate keeps its notes in ${this.#store.folder}, and ${why}, then deploy again.`, { cause: error }), { code: code ?? 'gate-note' });
    }
  }

  /** What could not be saved is no deploy that a crash has cut off. */
  async saved({ scope, save }: DeployInput, { deployId }: PendingDeploy): Promise<void> {
    try {
      await save();
    } catch (error) {
      await this.#store.dropPending(scope).catch((failed: unknown) => once('gate-pending', `The note of the deploy ${deployId}, which could not be saved, was not taken away: ${String(failed)}`));
      throw error;
    }
  }

  /** Answers the file; undefined when there is no room for it: what runs instead does not depend on it. */
  async setAside(flows: unknown, hash: string): Promise<string | undefined> {
    try {
      return await this.#store.setAside(flows, hash);
    } catch (error) {
      once('gate-aside', `What was refused could not be set aside; it still lies where it was read: ${(error as Error).message}`);
      return undefined;
    }
  }
}

import { readServiceReference } from '../../domain/service/index.ts';
import type { ExportedEvent } from '../../ledger/prove.ts';

/** Calls that are remembered; what is older counts as one that may be masked. */
const MOST_CALLS = 200_000;

/** `type` with the version of its form: `CallEnded@1`. */
interface Leaf { readonly type?: string; readonly data?: { readonly effectId?: string; readonly runId?: string; readonly service?: string } }

/**
 * Leaves out what was said to governed services and what they answered: what of it is masked, their definitions say, and those are not
 * here. The leaf with its commitment stays, so that a proof holds.
 */
export class WithoutExchanges {
  /** By effect and by run: whether its service is a governed one. */
  readonly #calls = new Map<string, boolean>();

  event(exported: ExportedEvent): ExportedEvent {
    const { type: written = '', data = {} } = exported.leaf as Leaf;
    const [type] = written.split('@', 1);
    if (type === 'EffectIntended') {
      const governed = readServiceReference(data.service ?? '') !== undefined;
      this.#remember(data.effectId, governed);
      this.#remember(data.runId, governed);
      return governed ? withoutContent(exported) : exported;
    }
    if (type === 'CallEnded' || type === 'Replayed' || type === 'OutcomeResolved') return this.#calls.get(data.effectId ?? '') === false ? exported : withoutContent(exported);
    return type === 'StepCompleted' && this.#calls.get(data.runId ?? '') === true ? withoutContent(exported) : exported;
  }

  #remember(id: string | undefined, governed: boolean): void {
    if (id === undefined) return;
    if (this.#calls.size >= MOST_CALLS) this.#calls.delete(this.#calls.keys().next().value ?? '');
    this.#calls.set(id, governed);
  }
}

function withoutContent({ content: _content, ...rest }: ExportedEvent): ExportedEvent {
  return rest;
}

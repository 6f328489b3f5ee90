import { readServiceReference } from '../../domain/service/index.ts';
import type { ExportedEvent } from '../../ledger/prove.ts';

/** Calls that are remembered; what is older counts as one that may be masked. */
const MOST_CALLS = 200_000;

/** Cases with such calls that are remembered; beyond these, every case counts as one. */
const MOST_CASES = 1_000_000;

/** `type` with the version of its form: `CallEnded@1`. */
interface Leaf { readonly type?: string; readonly streamId?: string; readonly instance?: string; readonly stepId?: string; readonly data?: { readonly effectId?: string; readonly runId?: string; readonly service?: string } }

/**
 * Leaves out what was said to governed services and what they answered: what of it is masked, their definitions say, and those are not
 * here. So are the messages that carry it on through the case, the facts and the exceptions of the step that called. The leaf with its
 * commitment stays, so that a proof holds.
 */
export class WithoutExchanges {
  /** By effect, and by step of a case: whether its service is a governed one. */
  readonly #calls = new Map<string, boolean>();
  readonly #cases = new Set<string>();
  #forgot = false;

  event(exported: ExportedEvent): ExportedEvent {
    const leaf = exported.leaf as Leaf;
    const { type: written = '', streamId = '', data = {} } = leaf;
    const [type] = written.split('@', 1);
    const step = `${streamId} ${leaf.instance ?? ''}/${leaf.stepId ?? ''}`;
    switch (type) {
      case 'EffectIntended': {
        const governed = readServiceReference(data.service ?? '') !== undefined;
        this.#remember(data.effectId, governed);
        this.#remember(step, governed);
        if (governed && this.#cases.size < MOST_CASES) this.#cases.add(streamId);
        return governed ? withoutContent(exported) : exported;
      }
      case 'CallEnded': case 'Replayed': case 'OutcomeResolved': return this.#calls.get(data.effectId ?? '') === false ? exported : withoutContent(exported);
      case 'FactsRecorded': case 'ExceptionRaised': return this.#called(streamId) && (this.#calls.get(step) ?? this.#forgot) ? withoutContent(exported) : exported;
      case 'StepCompleted': return this.#called(streamId) ? withoutContent(exported) : exported;
      default: return exported;
    }
  }

  #called(streamId: string): boolean {
    return this.#cases.has(streamId) || this.#cases.size >= MOST_CASES;
  }

  #remember(id: string | undefined, governed: boolean): void {
    if (id === undefined) return;
    if (this.#calls.size >= MOST_CALLS) {
      this.#calls.delete(this.#calls.keys().next().value ?? '');
      this.#forgot = true;
    }
    this.#calls.set(id, governed);
  }
}

function withoutContent({ content: _content, ...rest }: ExportedEvent): ExportedEvent {
  return rest;
}

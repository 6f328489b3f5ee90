import { addressKey } from '../../domain/index.ts';
import type { Address } from '../../domain/index.ts';
import type { NodeRedNode, Waybill } from '../api.ts';

const everyMs = 1_000;

/** The status of a governed node: how many cases rest here, or why nothing moves. */
export class StatusLine {
  readonly #node: NodeRedNode;
  #timer: NodeJS.Timeout | undefined;
  #unfollow: (() => void) | undefined;
  #last = '';

  constructor(node: NodeRedNode) {
    this.#node = node;
  }

  problem(text: string): void {
    this.#show('red', 'ring', text.length > 60 ? `${text.slice(0, 57)}…` : text);
  }

  follow(waybill: Waybill, address: Address): void {
    const key = addressKey(address);
    const show = (): void => {
      if (waybill.state !== 'ready') {
        this.problem(waybill.reason ?? waybill.state);
        return;
      }
      const here = waybill.nodes.resting(key);
      if (here === 0) this.#show('grey', 'dot', '');
      else this.#show('blue', 'dot', `${here} here`);
    };
    this.#unfollow = waybill.onState(show);
    this.#timer = setInterval(show, everyMs);
    this.#timer.unref();
    show();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#unfollow?.();
  }

  #show(fill: string, shape: string, text: string): void {
    const now = `${fill}${shape}${text}`;
    if (now === this.#last) return;
    this.#last = now;
    this.#node.status(text === '' ? {} : { fill, shape, text });
  }
}

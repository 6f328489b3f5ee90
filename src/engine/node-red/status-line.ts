import { addressKey } from '../../domain/index.ts';
import type { Address } from '../../domain/index.ts';
import type { NodeRedNode, Waybill } from '../api.ts';
import { NextDue } from './next-due.ts';
import type { NodeStatus } from './retry-status.ts';

const everyMs = 1_000;

/** The status of a governed node: how many cases rest here and when the next timer is due, or why nothing moves. */
export class StatusLine {
  readonly #node: NodeRedNode;
  #timer: NodeJS.Timeout | undefined;
  #unfollow: (() => void) | undefined;
  #last = '';
  #remark: string | undefined;

  constructor(node: NodeRedNode) {
    this.#node = node;
  }

  problem(text: string): void {
    this.#show('red', 'ring', text.length > 60 ? `${text.slice(0, 57)}…` : text);
  }

  /** What is wrong although the node works; taken back with undefined. */
  remark(text: string | undefined): void {
    this.#remark = text;
  }

  /** `nextIn`: the site in whose time the next timer's time is shown; none is shown when it is absent. `own`: what the node has to say before that. */
  follow(waybill: Waybill, address: Address, nextIn?: string, own?: (key: string) => NodeStatus | undefined): void {
    const key = addressKey(address);
    const next = nextIn === undefined ? undefined : new NextDue(waybill, key, nextIn);
    const show = (): void => {
      if (waybill.state !== 'ready') {
        this.problem(waybill.reason ?? waybill.state);
        return;
      }
      const blocked = waybill.governance.gate.blocks();
      if (blocked !== undefined) {
        this.problem(blocked);
        return;
      }
      const first = own?.(key);
      if (first !== undefined) {
        this.#show(first.fill, first.shape, first.text);
        return;
      }
      const here = waybill.nodes.resting(key);
      if (this.#remark !== undefined) {
        const text = here === 0 ? this.#remark : `${here} here, ${this.#remark}`;
        this.#show('yellow', 'ring', text.length > 60 ? `${text.slice(0, 57)}…` : text);
        return;
      }
      const due = next?.text(here, show) ?? '';
      const parts = [...(here === 0 ? [] : [`${here} here`]), ...(due === '' ? [] : [`next ${due}`])];
      if (parts.length === 0) this.#show('grey', 'dot', '');
      else this.#show('blue', 'dot', parts.join(', '));
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

import type { NodeStatus } from 'node-red';

/** How often a status changes at most, ms: every change goes to every open editor. */
const EVERY_MS = 500;
/** So long after the last repeat of a flood the status is that of a node without one, ms. */
const CALM_MS = 10_000;

/** Where a connection of an intake stands, whatever it is a connection to. */
export interface ConnectionState {
  readonly kind: 'connecting' | 'connected' | 'disconnected' | 'refused' | 'closed';
  /** One sentence that says what is wrong and what to do. */
  readonly reason?: string;
}

/** What came since the node was deployed. */
export interface Counts {
  readonly taken: number;
  readonly aside: number;
  /** Repeats of a device that sends one message over and over: acknowledged, and nothing else. */
  readonly leftOut?: number;
  /** One of them came a moment ago. */
  readonly flooded?: boolean;
}

/** `120 scans`: what is counted, by the names of one and of more. */
export function numberOf(count: number, one: string, more: string): string {
  return `${count} ${count === 1 ? one : more}`;
}

/** ` · 2 put aside`, while there are any. */
export function putAside({ aside }: Counts): string {
  return aside === 0 ? '' : ` · ${aside} put aside`;
}

/** What a node shows of its connection; `connected` is for one that is as it should be. */
export function connectionStatus<S extends NodeStatus>({ kind, reason }: ConnectionState, connected: () => S): S | { readonly fill: 'yellow' | 'red'; readonly shape: 'ring'; readonly text: string } {
  switch (kind) {
    case 'connected': return connected();
    case 'connecting': return { fill: 'yellow', shape: 'ring', text: 'connecting' };
    case 'disconnected': case 'refused': case 'closed': return { fill: 'red', shape: 'ring', text: reason ?? kind };
  }
}

/** What an intake shows: what is counted while it is connected, or a red ring with the reason why nothing is taken. */
export class IntakeStatus {
  readonly #show: (status: NodeStatus) => void;
  readonly #connected: (counts: Counts) => NodeStatus;
  #state: ConnectionState = { kind: 'connecting' };
  #refusing: string | undefined;
  #taken = 0;
  #aside = 0;
  #leftOut = 0;
  #timer: NodeJS.Timeout | undefined;
  #calm: NodeJS.Timeout | undefined;
  #shown = '';

  /** @param connected what is shown while the connection stands and the engine takes what comes */
  constructor(show: (status: NodeStatus) => void, connected: (counts: Counts) => NodeStatus) {
    this.#show = show;
    this.#connected = connected;
  }

  connection(state: ConnectionState, refusing: string | undefined): void {
    this.#state = state;
    this.#refusing = refusing;
    this.#update();
  }

  taken(kind: 'opened' | 'duplicate' | 'repeat' | 'folded' | 'reported' | 'quarantined' | 'lost'): void {
    if (kind === 'quarantined' || kind === 'lost') this.#aside += 1;
    else this.#taken += 1;
    this.#soon();
  }

  /** One of a flood of the same message was left out. */
  leftOut(): void {
    this.#leftOut += 1;
    this.#calm ??= setTimeout(() => {
      this.#calm = undefined;
      this.#update();
    }, CALM_MS);
    this.#calm.refresh();
    this.#soon();
  }

  #soon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#update();
    }, EVERY_MS);
  }

  /** What is shown while it is connected changed. */
  refresh(): void {
    this.#update();
  }

  close(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#calm);
  }

  #update(): void {
    const status = this.#status();
    const text = JSON.stringify(status);
    if (text === this.#shown) return;
    this.#shown = text;
    this.#show(status);
  }

  #status(): NodeStatus {
    if (this.#refusing !== undefined) return { fill: 'red', shape: 'ring', text: this.#refusing };
    return connectionStatus(this.#state, () => this.#connected({ taken: this.#taken, aside: this.#aside, leftOut: this.#leftOut, flooded: this.#calm !== undefined }));
  }
}

/** `connected · 120 scans`, for an intake that has no more to say than that. */
export function connectedWith(one: string, more: string): (counts: Counts) => NodeStatus {
  return (counts) => {
    const { taken, aside, leftOut = 0, flooded = false } = counts;
    const counted = taken === 0 && aside === 0 ? '' : ` · ${numberOf(taken, one, more)}`;
    const left = leftOut === 0 ? '' : ` · ${numberOf(leftOut, 'repeat', 'repeats')} left out`;
    return { fill: flooded ? 'yellow' : 'green', shape: 'dot', text: `${flooded ? 'a device sends one message over and over' : 'connected'}${counted}${left}${putAside(counts)}` };
  };
}

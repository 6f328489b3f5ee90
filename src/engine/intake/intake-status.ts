import type { NodeStatus } from 'node-red';

/** How often a status changes at most, ms: every change goes to every open editor. */
const EVERY_MS = 500;

/** Where a connection of an intake stands, whatever it is a connection to. */
export interface ConnectionState {
  readonly kind: 'connecting' | 'connected' | 'disconnected' | 'refused' | 'closed';
  /** One sentence that says what is wrong and what to do. */
  readonly reason?: string;
}

/** What came since the node was deployed. */
export interface Counts { readonly taken: number; readonly aside: number }

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
  #timer: NodeJS.Timeout | undefined;
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
    return connectionStatus(this.#state, () => this.#connected({ taken: this.#taken, aside: this.#aside }));
  }
}

/** `connected · 120 scans`, for an intake that has no more to say than that. */
export function connectedWith(one: string, more: string): (counts: Counts) => NodeStatus {
  return (counts) => ({ fill: 'green', shape: 'dot', text: `connected${counts.taken === 0 && counts.aside === 0 ? '' : ` · ${numberOf(counts.taken, one, more)}`}${putAside(counts)}` });
}

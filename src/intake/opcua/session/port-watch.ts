import { connect, type Socket } from 'node:net';

/** How often a port is tried, ms; each time a fourth more or less, so that those who wait for one server do not come in step. */
const EVERY_MS = 1_000;
const ANSWER_MS = 2_000;

/** Tries once a second whether something listens at a port again, by a bare TCP connection that is closed at once. */
export class PortWatch {
  readonly #host: string;
  readonly #port: number;
  readonly #onListening: () => void;
  #timer: NodeJS.Timeout | undefined;
  #socket: Socket | undefined;

  /** @param onListening called once; whoever wants more begins anew */
  constructor(host: string, port: number, onListening: () => void) {
    this.#host = host;
    this.#port = port;
    this.#onListening = onListening;
  }

  start(): void {
    this.#timer = setTimeout(() => { this.#try(); }, EVERY_MS * (0.75 + Math.random() / 2));
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#socket?.destroy();
    this.#socket = undefined;
  }

  #try(): void {
    const socket = this.#socket = connect({ host: this.#host, port: this.#port });
    const away = (): void => {
      if (this.#socket !== socket) return;
      this.stop();
      this.start();
    };
    socket.setTimeout(ANSWER_MS, away).on('error', away).on('connect', () => {
      if (this.#socket !== socket) return;
      this.stop();
      this.#onListening();
    });
  }
}

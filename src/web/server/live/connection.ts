import type { Response } from '../http.ts';
import { MAX_CASE_IDS, nothingHeard, type Audience, type Heard } from './audience.ts';
import { namesOf } from './topics.ts';

/** Bytes that may wait in a connection before it is told less often. */
const MAX_WAITING_BYTES = 16_384;
/** A client that takes nothing for so long is let go. */
const STUCK_MS = 60_000;

/** One event of the stream (WHATWG HTML §9.2.5). Data has no line breaks: it is JSON. */
export function frame(event: string, data: object, id?: number): string {
  return `event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`;
}

export function changeFrame(position: number, heard: Heard): string {
  return frame('change', { position, topics: namesOf(heard.bits), caseIds: [...heard.caseIds], more: heard.more }, position);
}

/** One listener. While its client is slow, changes are put together into one, so that they take no room. */
export class LiveConnection {
  readonly audience: Audience;
  readonly #response: Response;
  #held: Heard | undefined;
  #heldPosition = 0;
  #stuckSince: number | undefined;
  #ended = false;

  constructor(response: Response, audience: Audience) {
    this.#response = response;
    this.audience = audience;
    response.on('drain', () => this.#letGo());
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** @param text the change as a frame, when it can be sent as it is */
  change(position: number, heard: Heard, text: string): void {
    if (this.#held === undefined && this.#response.writableLength < MAX_WAITING_BYTES) {
      this.#response.write(text);
      return;
    }
    const held = this.#held ??= nothingHeard();
    this.#stuckSince ??= Date.now();
    held.bits |= heard.bits;
    held.more ||= heard.more;
    for (const id of heard.caseIds) {
      if (held.caseIds.size >= MAX_CASE_IDS) held.more = true;
      else held.caseIds.add(id);
    }
    this.#heldPosition = position;
  }

  write(text: string): void {
    if (!this.#ended) this.#response.write(text);
  }

  /** A comment, so that proxies do not take the stream for dead; a client that takes nothing is let go. */
  heartbeat(): void {
    if (this.#stuckSince !== undefined && Date.now() - this.#stuckSince > STUCK_MS) {
      this.#ended = true;
      this.#response.destroy();
    } else if (this.#held === undefined) this.write(': still here\n\n');
  }

  /** @param last what is said before the end */
  end(last?: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#response.end(last);
  }

  #letGo(): void {
    const held = this.#held;
    this.#held = undefined;
    this.#stuckSince = undefined;
    if (held !== undefined) this.write(changeFrame(this.#heldPosition, held));
  }
}

import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { Protection } from './provider.ts';

/** How long a sign-in at the provider may take, in seconds. */
export const FLOW_SECONDS = 15 * 60;

/** One sign-in under way. */
export interface Flow extends Protection {
  /** Path in the app to go on to, beginning with `/`. */
  readonly to: string;
  /** Milliseconds since 1970. */
  readonly expires: number;
}

/**
 * Keeps sign-ins under way in the browser that began them, sealed (AES-256-GCM): nothing to fill up on our
 * side, another browser has nothing to come back with, and each tab has a cookie of its own. The key is
 * new with every start; what was under way then begins again.
 */
export class FlowCookies {
  readonly #key = randomBytes(32);
  /** States that came back already, until they would have expired. */
  readonly #used = new Map<string, number>();

  /** Part of the cookie's name that tells the flows of one browser apart. */
  static mark(state: string): string {
    return `oidc-${state.replace(/[^A-Za-z0-9]/g, '').slice(0, 12)}`;
  }

  seal(flow: Flow): string {
    const iv = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', this.#key, iv);
    const sealed = Buffer.concat([cipher.update(JSON.stringify(flow), 'utf8'), cipher.final()]);
    return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64url');
  }

  /** The flow that a cookie holds, once; undefined when it is not ours, too old, of another state, or was used. */
  take(cookie: string | undefined, state: string, now: number): Flow | undefined {
    const flow = this.#open(cookie);
    for (const [used, until] of this.#used) if (until < now) this.#used.delete(used);
    if (flow === undefined || flow.state !== state || flow.expires < now || this.#used.has(state)) return undefined;
    this.#used.set(state, flow.expires);
    return flow;
  }

  #open(cookie: string | undefined): Flow | undefined {
    const bytes = Buffer.from(cookie ?? '', 'base64url');
    if (bytes.length < 29) return undefined;
    const decipher = createDecipheriv('aes-256-gcm', this.#key, bytes.subarray(0, 12)).setAuthTag(bytes.subarray(12, 28));
    try {
      return JSON.parse(Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8')) as Flow;
    } catch (error) {
      if (error instanceof Error) return undefined; // sealed by an earlier start, or by somebody else
      throw error;
    }
  }
}

import type { CaseProof } from '../api/console-types.ts';
import { fromBase64 } from './bytes.ts';

/** What a checkpoint says (C2SP tlog-checkpoint). */
export interface Checkpoint { readonly origin: string; readonly size: number; readonly root: string }

export function checkpointOf(text: string): Checkpoint | undefined {
  const [origin, size, root] = text.split('\n');
  if (origin === undefined || root === undefined || !/^\d+$/.test(size ?? '')) return undefined;
  return { origin, size: Number(size), root };
}

async function sha256(...parts: readonly Uint8Array[]): Promise<Uint8Array> {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
}

/** Root that a leaf and its proof lead to (RFC 9162 §2.1.3.2, hashes as in RFC 6962 §2.1); undefined when the proof does not fit. */
async function rootOf(leaf: Uint8Array, index: number, size: number, proof: readonly Uint8Array[]): Promise<Uint8Array | undefined> {
  if (index >= size) return undefined;
  let [fn, sn] = [index, size - 1];
  let hash = await sha256(Uint8Array.of(0), leaf);
  for (const sibling of proof) {
    if (sn === 0) return undefined;
    if (fn % 2 === 1 || fn === sn) {
      hash = await sha256(Uint8Array.of(1), sibling, hash);
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [fn / 2, Math.floor(sn / 2)];
    } else hash = await sha256(Uint8Array.of(1), hash, sibling);
    [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
  }
  return sn === 0 ? hash : undefined;
}

/** How many of the events lead to the checkpoint's root; undefined where the browser does not compute hashes (plain HTTP). */
export async function provenEvents(proof: CaseProof): Promise<number | undefined> {
  const checkpoint = checkpointOf(proof.checkpoint);
  const root = fromBase64(checkpoint?.root ?? '!');
  if (!isSecureContext || checkpoint === undefined || root === undefined) return undefined;
  const held = await Promise.all(proof.inclusion.map(async ({ index, leaf, proof: hashes }) => {
    const computed = await rootOf(fromBase64(leaf)!, index, checkpoint.size, hashes.map((each) => fromBase64(each)!));
    return computed?.every((byte, at) => byte === root[at]) === true;
  }));
  return held.filter(Boolean).length;
}

/** Leaf hash of an event as the log has it, in base64. */
export async function leafHashOf(leaf: string): Promise<string> {
  const hash = await sha256(Uint8Array.of(0), fromBase64(leaf)!);
  return btoa(String.fromCharCode(...hash));
}

import type { JsonObject } from '../../domain/json.ts';
import type { Outcome, WireRequest, WireResult } from '../driver.ts';
import { outcomeOfFailure, problemOf } from '../rest/outcome.ts';
import type { FileErrorClass } from './store.ts';

export interface Placing {
  readonly folder: string;
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Where the other side moves what it has taken. */
  readonly archives: readonly string[];
  /** An earlier attempt may have brought it there. */
  readonly repeated: boolean;
}

/** Brings a file to its place; where an earlier attempt may have done so, and the other side may have taken it, the archives are looked through first. */
export function* placeFile({ folder, name, bytes, archives, repeated }: Placing): Generator<WireRequest, WireResult, WireResult> {
  for (const archive of repeated ? archives : []) {
    const taken = yield { method: 'HEAD', path: `${encoded(archive)}/${encodeURIComponent(name)}`, headers: {}, body: undefined, safe: true };
    if (taken.kind === 'response' && taken.status === 200) return taken;
    // Who cannot look does not send a second time.
    if (taken.kind === 'failure' && taken.errorClass !== 'bad-request') return { ...taken, sent: true };
  }
  return yield { method: 'PUT', path: `${encoded(folder)}/${encodeURIComponent(name)}`, headers: { 'content-type': 'application/octet-stream' }, body: bytes, safe: false };
}

/** No later attempt would end otherwise until a person has mended something. */
const hopeless: ReadonlySet<string> = new Set<FileErrorClass>(['not-authorised', 'host-key', 'not-installed']);

export function fileOutcome(result: WireResult, answer: JsonObject): Outcome {
  if (result.kind === 'failure') {
    const outcome = outcomeOfFailure(result, false);
    return outcome.kind === 'again' && hopeless.has(result.errorClass) ? { ...outcome, hopeless: true } : outcome;
  }
  if (result.status === 200 || result.status === 201) return { kind: 'done', answer };
  return { kind: 'refused', problem: { ...problemOf(result), errorClass: 'file-exists' } };
}

function encoded(folder: string): string {
  return folder.split('/').map(encodeURIComponent).join('/');
}

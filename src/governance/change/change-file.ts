import { mostFingerprints } from '../../domain/change/index.ts';
import type { Json } from '../../domain/json.ts';
import type { FlowNode } from '../gate/rules/flows.ts';
import { proposalOf } from './proposal.ts';
import type { Asked } from './request-hash.ts';
import { requestHashOf } from './request-hash.ts';

/** Mark and version of the file in which a request travels. */
export const CHANGE_FILE = 'waybill-change@1';
/** Largest file; the API takes no larger request. */
const mostBytes = 512 * 1024;

/** A request as it goes from a site to central by file. */
export interface ChangeFile extends Asked {
  readonly format: typeof CHANGE_FILE;
  readonly changeId: string;
  readonly requestedAt: string;
  readonly requestedBy?: string;
  /** As it stands in the ledger of the site. */
  readonly requestHash: string;
  readonly nodes?: readonly Json[];
  readonly difference?: Json;
}

/** A file that is none, or does not fit its own hash; the message says which. */
export class ChangeFileError extends Error {
  override readonly name = 'ChangeFileError';
}

const isText = (value: unknown, longest: number): value is string => typeof value === 'string' && value !== '' && value.length <= longest;
const forms = {
  changeId: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, family: /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, template: /^[a-z][a-z0-9-]*\/[a-z][a-z0-9-]*@[0-9A-Za-z.+-]{1,64}$/, rule: /^[a-z][a-z0-9-]{1,63}$/, hash: /^sha256:[0-9a-f]{64}$/,
} as const;

/** Reads a file without trusting it: form, sizes, no secrets, and the hash that the ledger of the site has. @throws ChangeFileError */
export function readChangeFile(bytes: Uint8Array): ChangeFile {
  if (bytes.byteLength > mostBytes) throw new ChangeFileError(`The file is larger than ${mostBytes / 1024} KiB; it is no change request.`);
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'), (key, inner: unknown) => (key === '__proto__' ? undefined : inner));
  } catch (error) {
    throw new ChangeFileError(`The file is no JSON: ${(error as Error).message}`, { cause: error });
  }
  if (typeof value !== 'object' || value === null || (value as { format?: unknown }).format !== CHANGE_FILE) throw new ChangeFileError('The file is no change request; "waybill change export" writes one.');
  const file = value as ChangeFile;
  const problem = formProblem(file) ?? contentProblem(file);
  if (problem !== undefined) throw new ChangeFileError(problem);
  if (requestHashOf(file) !== file.requestHash) throw new ChangeFileError('The file was changed after it was written: its hash does not fit. Export it again at the site.');
  return file;
}

function formProblem(file: ChangeFile): string | undefined {
  const wrong = (name: string): string => `The file has no valid "${name}"; export it again at the site.`;
  if (!isText(file.changeId, 64) || !forms.changeId.test(file.changeId)) return wrong('changeId');
  if (file.kind !== 'change' && file.kind !== 'waiver') return wrong('kind');
  if (!isText(file.family, 60) || !forms.family.test(file.family)) return wrong('family');
  for (const [name, longest] of [['site', 64], ['title', 300], ['reason', 2_000], ['requestedAt', 40]] as const) if (!isText(file[name], longest)) return wrong(name);
  if (!isText(file.requestHash, 80) || !forms.hash.test(file.requestHash)) return wrong('requestHash');
  if (file.template !== undefined && (!isText(file.template, 200) || !forms.template.test(file.template))) return wrong('template');
  if (file.kind === 'waiver' && (!isText(file.rule, 64) || !forms.rule.test(file.rule))) return wrong('rule');
  return file.kind === 'waiver' && !isScope(file.scope) ? wrong('scope') : undefined;
}

function isScope(scope: unknown): boolean {
  if (typeof scope !== 'object' || scope === null) return false;
  const { fingerprints = [], template } = scope as { fingerprints?: unknown; template?: unknown };
  if (!Array.isArray(fingerprints) || fingerprints.length > mostFingerprints || !fingerprints.every((each) => isText(each, 200))) return false;
  return template === undefined ? fingerprints.length > 0 : isText(template, 130);
}

function contentProblem(file: ChangeFile): string | undefined {
  if (file.kind === 'waiver') return undefined;
  const proposal = proposalOf(file.nodes as unknown as readonly FlowNode[], undefined);
  if ('problem' in proposal) return proposal.problem;
  return proposal.proposedHash === file.proposedHash ? undefined : 'The nodes of the file are not those that were asked for: their hash does not fit. Export it again at the site.';
}

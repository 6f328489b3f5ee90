import stringify from 'safe-stable-stringify';
import { mostFingerprints } from '../../domain/change/index.ts';
import type { ChangeTerms, OwnersAnswer } from '../../domain/change/index.ts';
import type { RefusalCode } from '../../domain/decision.ts';
import type { FamilyOwners } from '../catalogue/site-catalogue.ts';
import { BoundedJsonError, parseBoundedJson } from '../signing/bounded-json.ts';
import { isSignedBy } from '../signing/public-key.ts';
import type { PublicKey } from '../signing/public-key.ts';
import type { Signer } from '../signing/signer.ts';
import { ChangeFileError } from './change-file.ts';

/** Mark and version of the file in which owners answer a site that has no line to them. */
export const ANSWER_FILE = 'waybill-change-answer@1';
/** How long a site takes an answer: what was found years later in a drawer is decided anew. */
export const ANSWER_DAYS = 90;
/** Largest file. */
export const mostAnswerBytes = 64 * 1024;
/** Signatures that one file carries. */
const mostSignatures = 50;
const DAY_MS = 86_400_000;

/** What is signed: the answer, and which request of which site it is about. */
export interface AnswerBody extends OwnersAnswer {
  readonly format: typeof ANSWER_FILE;
  readonly changeId: string;
}
export interface AnswerSignature { readonly keyId: string; readonly signature: string }
export interface ChangeAnswer extends AnswerBody { readonly signatures: readonly AnswerSignature[] }

const canonical = stringify.configure({ deterministic: true, strict: true });

/** What is signed says what it is, so that a signature for something else never fits. */
export function signedBytes({ format, changeId, site, family, requestHash, terms, comment, answeredAt, validUntil }: AnswerBody): Uint8Array {
  return Buffer.from(`${ANSWER_FILE}\n${canonical({ format, changeId, site, family, requestHash, terms, comment, answeredAt, validUntil }) ?? ''}`, 'utf8');
}

export function answerOf(asked: { readonly changeId: string; readonly site: string; readonly family: string; readonly requestHash: string }, terms: ChangeTerms, comment: string | undefined, now: number): ChangeAnswer {
  const { changeId, site, family, requestHash } = asked;
  return {
    format: ANSWER_FILE, changeId, site, family, requestHash, terms, ...(comment === undefined ? {} : { comment }),
    answeredAt: new Date(now).toISOString(), validUntil: new Date(now + ANSWER_DAYS * DAY_MS).toISOString(), signatures: [],
  };
}

/** The answer with the signature of one more owner; a second one of the same key takes the place of the first. */
export async function signAnswer(answer: ChangeAnswer, signer: Signer): Promise<ChangeAnswer> {
  const { keyId } = signer.publicKey;
  const signature = Buffer.from(await signer.sign(signedBytes(answer))).toString('hex');
  return { ...answer, signatures: [...answer.signatures.filter((each) => each.keyId !== keyId), { keyId, signature }] };
}

/** How far an answer is signed, by the owners that a catalogue names. */
export interface AnswerSigned {
  /** Owners whose signatures fit, each once. */
  readonly signers: readonly PublicKey[];
  readonly problem: Extract<RefusalCode, 'answer-unsigned' | 'answer-altered' | 'answer-key-withdrawn' | 'answer-threshold'> | undefined;
}

export function answerSigned(answer: ChangeAnswer, owners: FamilyOwners): AnswerSigned {
  const bytes = signedBytes(answer);
  const of = (keyId: string): string | undefined => answer.signatures.find((each) => each.keyId === keyId)?.signature;
  const present = owners.keys.filter(({ keyId }) => of(keyId) !== undefined);
  const signers = present.filter((key) => isSignedBy(key, bytes, Buffer.from(of(key.keyId) ?? '', 'hex')));
  const complete = signers.length >= owners.threshold && owners.functions.every((each) => signers.some((key) => key.function === each));
  if (complete) return { signers, problem: undefined };
  if (present.length > signers.length) return { signers, problem: 'answer-altered' };
  if (answer.signatures.some(({ keyId }) => owners.withdrawn.includes(keyId))) return { signers, problem: 'answer-key-withdrawn' };
  return { signers, problem: signers.length === 0 ? 'answer-unsigned' : 'answer-threshold' };
}

const forms = {
  changeId: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, site: /^[\x21-\x7e]{1,64}$/, family: /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, requestHash: /^sha256:[0-9a-f]{64}$/,
  answeredAt: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/, validUntil: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/,
} as const;
const version = /^(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})(-[0-9A-Za-z.-]{1,64})?$/;
const isText = (value: unknown, form: RegExp, longest = 200): value is string => typeof value === 'string' && value.length <= longest && form.test(value);

/** Reads an answer without trusting it: form and sizes. Whose it is the signatures say. @throws ChangeFileError */
export function readAnswerFile(bytes: Uint8Array): ChangeAnswer {
  let value: unknown;
  try {
    value = parseBoundedJson(bytes, { maxBytes: mostAnswerBytes, maxDepth: 8 });
  } catch (error) {
    if (!(error instanceof BoundedJsonError)) throw error;
    throw new ChangeFileError(`The file is no answer: ${error.message}.`, { cause: error });
  }
  const format = (value as { format?: unknown } | null)?.format;
  if (format === 'waybill-change@1') throw new ChangeFileError('This is the request itself; the owners take it in with "waybill change import <file> --catalogue <folder>", and their answer comes back as another file.');
  if (typeof value !== 'object' || value === null || format !== ANSWER_FILE) throw new ChangeFileError('The file is no answer to a change request; the owners write one with "waybill change approve" or "decline".');
  const answer = value as ChangeAnswer;
  const wrong = wrongMember(answer);
  if (wrong !== undefined) throw new ChangeFileError(`The answer has no valid "${wrong}"; have the owners write it again.`);
  return answer;
}

function wrongMember(answer: ChangeAnswer): string | undefined {
  for (const [name, form] of Object.entries(forms)) if (!isText(answer[name as keyof typeof forms], form)) return name;
  for (const name of ['answeredAt', 'validUntil'] as const) if (Number.isNaN(Date.parse(answer[name]))) return name;
  if (answer.comment !== undefined && (typeof answer.comment !== 'string' || answer.comment.length > 2_000)) return 'comment';
  const { signatures } = answer as { signatures: unknown };
  if (!Array.isArray(signatures) || signatures.length > mostSignatures || !signatures.every(isSignature)) return 'signatures';
  return isTerms(answer.terms) ? undefined : 'terms';
}

function isSignature(value: unknown): boolean {
  const { keyId, signature } = (value ?? {}) as { keyId?: unknown; signature?: unknown };
  return isText(keyId, /^[0-9a-f]{64}$/) && isText(signature, /^[0-9a-f]{128}$/);
}

function isTerms(value: unknown): boolean {
  const terms = (value ?? {}) as { decision?: unknown; version?: unknown; rule?: unknown; expiresAt?: unknown; scope?: { fingerprints?: unknown; template?: unknown } | null };
  switch (terms.decision) {
    case 'decline': return true;
    case 'accept': return isText(terms.version, version);
    case 'waive': {
      if (!isText(terms.rule, /^[a-z][a-z0-9-]{1,63}$/) || !isText(terms.expiresAt, forms.validUntil) || Number.isNaN(Date.parse(terms.expiresAt)) || typeof terms.scope !== 'object' || terms.scope === null) return false;
      const { fingerprints = [], template } = terms.scope;
      return Array.isArray(fingerprints) && fingerprints.length <= mostFingerprints && fingerprints.every((each) => isText(each, /^[\x21-\x7e]+$/)) && (template === undefined || isText(template, /^[a-z][a-z0-9-]*\/[a-z][a-z0-9-]*$/));
    }
    default: return false;
  }
}

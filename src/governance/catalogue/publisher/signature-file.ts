import { createHash } from 'node:crypto';
import { Signature } from '@tufjs/models';
import type { Json, JsonObject } from '../../../domain/json.ts';
import { counted } from '../../gate/rules/words.ts';
import type { Signer } from '../../signing/signer.ts';
import type { Kinds } from '../metadata.ts';
import { validSigners } from '../owners.ts';
import { signedDraft, signingOf } from './drafts.ts';
import { PublisherError, readDraft, writeDraft } from './folder.ts';
import type { PublisherFolder } from './folder.ts';

/** One signature under one draft; `draft` is the SHA-256 of what was signed, to tell a draft that was changed from a wrong signature. */
interface FiledSignature {
  readonly role: string;
  readonly version: number;
  readonly keyId: string;
  readonly name: string;
  readonly signature: string;
  readonly draft: string;
}

type Draft = Kinds['root'] | Kinds['targets'];

const hashOf = (draft: Draft): string => createHash('sha256').update(JSON.stringify(draft.signed.toJSON())).digest('hex');

/** Signs the drafts that this key may sign, into a file instead of the folder. @throws PublisherError */
export async function signaturesFor(folder: PublisherFolder, roles: readonly string[], signer: Signer): Promise<{ readonly roles: readonly string[]; readonly file: JsonObject }> {
  const signatures: FiledSignature[] = [];
  for (const role of roles) {
    const draft = await signedDraft(folder, role, signer);
    const { keyId, name } = signer.publicKey;
    if (draft !== undefined) signatures.push({ role, version: draft.signed.version, keyId, name, signature: draft.signatures[keyId]!.sig, draft: hashOf(draft) });
  }
  return { roles: signatures.map(({ role }) => role), file: { kind: 'waybill-signatures', version: 1, signatures: signatures as unknown as Json } };
}

function readFile(json: unknown): readonly FiledSignature[] {
  const { kind, version, signatures } = (json ?? {}) as { kind?: unknown; version?: unknown; signatures?: unknown };
  const isText = (value: unknown): value is string => typeof value === 'string';
  const isFiled = (value: unknown): value is FiledSignature => {
    const { role, version: of, keyId, name, signature, draft } = (value ?? {}) as Partial<Record<keyof FiledSignature, unknown>>;
    return isText(role) && Number.isSafeInteger(of) && isText(keyId) && /^[0-9a-f]{64}$/.test(keyId) && isText(name) && isText(signature) && /^[0-9a-f]{128}$/.test(signature) && isText(draft);
  };
  if (kind !== 'waybill-signatures' || version !== 1 || !Array.isArray(signatures) || signatures.length === 0 || !signatures.every(isFiled)) throw new PublisherError('It is no file of signatures that "waybill catalogue sign --key <file> --to <file>" wrote.');
  return signatures;
}

/** A signature put into the draft that it is under. @throws PublisherError when it does not belong there */
async function take(folder: PublisherFolder, { role, version, keyId, name, signature, draft: signedHash }: FiledSignature, draft: Draft | undefined): Promise<Draft> {
  if (draft === undefined) throw new PublisherError(`There is no draft of ${JSON.stringify(role)} here, which ${name} has signed; it is put out already, or was dropped.`);
  const signings = await signingOf(folder, role);
  if (!signings.some(({ keys }) => keys.some((key) => key.keyId === keyId))) throw new PublisherError(`${name} (${keyId.slice(0, 8)}) is not among those who sign ${role}.`);
  if (draft.signed.version !== version || hashOf(draft) !== signedHash) throw new PublisherError(`${name} has signed another draft of ${role}: it was changed since, so ${name} signs the one that is here.`);
  draft.signatures[keyId] = new Signature({ keyID: keyId, sig: signature });
  if (!signings.some((signing) => validSigners(draft, signing).some((key) => key.keyId === keyId))) throw new PublisherError(`The signature of ${name} under ${role} does not fit: the file was changed, or signed with another key.`);
  return draft;
}

/** Takes signatures from a file into the drafts; all of them, or none. @throws PublisherError */
export async function takeSignatures(folder: PublisherFolder, roles: readonly string[], json: unknown): Promise<string> {
  const signatures = readFile(json);
  const drafts = new Map<string, Draft>();
  for (const each of signatures) {
    const { role } = each;
    drafts.set(role, await take(folder, each, drafts.get(role) ?? (roles.includes(role) ? await readDraft(folder, role) : undefined)));
  }
  for (const [role, draft] of drafts) await writeDraft(folder, role, draft);
  return `${counted(signatures.length, 'signature')} of ${[...new Set(signatures.map(({ name }) => name))].join(', ')} under ${signatures.map(({ role }) => role).join(', ')}`;
}

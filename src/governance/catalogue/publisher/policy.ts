import { createHash } from 'node:crypto';
import type { Metadata, Targets } from '@tufjs/models';
import { readIfThere } from '../../files.ts';
import type { GatePolicy, ReleasePolicy } from '../../gate/policy.ts';
import { POLICY_TARGET } from '../names.ts';
import { isNewerPolicy, policyProblems } from '../policy-problems.ts';
import { readPolicy } from '../published.ts';
import { familiesOf } from '../verify.ts';
import { draftTarget, PublisherError, publishedTarget } from './folder.ts';
import type { PublisherFolder } from './folder.ts';

type BoardList = Metadata<Targets> | undefined;

/** The policy that a board's list names; undefined when it names none. @throws PublisherError when its file is missing or was changed */
export async function policyOf(folder: PublisherFolder, board: BoardList): Promise<GatePolicy | undefined> {
  const target = board?.signed.targets[POLICY_TARGET];
  if (target === undefined) return undefined;
  const sha256 = target.hashes['sha256'] ?? '';
  for (const file of [publishedTarget(folder, POLICY_TARGET, sha256), draftTarget(folder, POLICY_TARGET, sha256)]) {
    const bytes = await readIfThere(file);
    if (bytes !== undefined && createHash('sha256').update(bytes).digest('hex') === sha256) return readPolicy(bytes);
  }
  throw new PublisherError(`The file of ${POLICY_TARGET}, which says how versions are released, is missing or was changed. Stage it again with "waybill catalogue policy <file>".`);
}

/** What the policy in a board's list says of releases; nothing when there is none. */
export async function releasePolicy(folder: PublisherFolder, board: BoardList): Promise<ReleasePolicy> {
  return (await policyOf(folder, board))?.releases ?? {};
}

/** Reads a policy that is to be signed. @throws PublisherError with every mistake in it, or when it is not newer than the published one */
export async function checkedPolicy(folder: PublisherFolder, bytes: Uint8Array, published: BoardList, draft: BoardList): Promise<GatePolicy> {
  // What no site could read is refused with the same sentence.
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch (error) {
    throw new PublisherError(`The policy is no JSON: ${(error as Error).message}.`, { cause: error });
  }
  const families = [published, draft].flatMap((list) => list === undefined ? [] : familiesOf(list));
  const problems = policyProblems(value);
  const strangers = problems.length > 0 ? [] : Object.keys((value as GatePolicy).changeQuorum ?? {}).filter((family) => !families.includes(family)).map((family) => `changeQuorum.${family}: the catalogue has no such family`);
  if (problems.length + strangers.length > 0) throw new PublisherError('The policy was not staged; it has these mistakes:', { details: [...problems, ...strangers] });
  const policy = readPolicy(bytes);
  const problem = supersedes(policy, await policyOf(folder, published));
  if (problem !== undefined && published?.signed.targets[POLICY_TARGET]?.hashes['sha256'] === createHash('sha256').update(bytes).digest('hex')) throw new PublisherError(`Policy ${policy.version} is published already, with this content.`);
  if (problem !== undefined) throw new PublisherError(problem);
  return policy;
}

function supersedes(next: GatePolicy, before: GatePolicy | undefined): string | undefined {
  return before === undefined || isNewerPolicy(next.version, before.version) ? undefined : `The policy has the version ${next.version}, and ${before.version} is published: a policy is never rolled back. Raise "version", also to bring back what was in an older one.`;
}

/** Why a board's list brings no policy that may be put out; undefined when it may. */
export async function policyProblem(folder: PublisherFolder, next: BoardList, before: BoardList): Promise<string | undefined> {
  const [now, was] = [next, before].map((list) => list?.signed.targets[POLICY_TARGET]?.hashes['sha256']);
  if (now === was) return undefined;
  const policy = await policyOf(folder, next);
  return policy === undefined ? 'It leaves out the policy that is published; a policy is replaced by a newer one.' : supersedes(policy, await policyOf(folder, before));
}

const text = (value: unknown): string => value === undefined ? 'not said' : JSON.stringify(value);
const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

function* differences(path: string, now: unknown, was: unknown): Generator<string> {
  if (isObject(now) && (isObject(was) || was === undefined) && Object.keys(now).length > 0) {
    for (const name of new Set([...Object.keys(was ?? {}), ...Object.keys(now)])) yield* differences(path === '' ? name : `${path}.${name}`, now[name], isObject(was) && Object.hasOwn(was, name) ? was[name] : undefined);
  } else if (JSON.stringify(now) !== JSON.stringify(was)) yield `${path}: ${was === undefined ? '' : `${text(was)} → `}${text(now)}`;
}

/** What a policy changes, a line each, for the board that is asked to sign it. */
export async function policyChanges(folder: PublisherFolder, next: BoardList, before: BoardList): Promise<readonly string[]> {
  return [...differences('', await policyOf(folder, next), await policyOf(folder, before))].map((line) => `policy.json, ${line}`);
}

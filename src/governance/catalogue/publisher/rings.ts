import type { Metadata, Targets } from '@tufjs/models';
import type { ReleasePolicy } from '../../gate/policy.ts';
import { counted } from '../../gate/rules/words.ts';
import type { Signing } from '../owners.ts';
import { readTargetCustom, RINGS } from '../target-custom.ts';
import type { Ring } from '../target-custom.ts';
import { versionsIn } from '../verify.ts';
import { PublisherError } from './folder.ts';

/** A version that a draft brings into a ring. */
interface RingStep {
  /** `family/name@1.2.3`. */
  readonly version: string;
  /** Undefined when the version is new. */
  readonly from: Ring | undefined;
  readonly to: Ring;
}

/** Ring at which a new version of a family begins. */
export function firstRing(signing: Pick<Signing, 'firstRing'>, policy: ReleasePolicy): Ring {
  return signing.firstRing ?? policy.firstRing ?? 'test';
}

function ringSteps(next: Metadata<Targets>, before: Metadata<Targets> | undefined): readonly RingStep[] {
  return versionsIn(next).flatMap(({ target, version }) => {
    const was = before?.signed.targets[target.path];
    const [from, to] = [was === undefined ? undefined : readTargetCustom(was).ring, readTargetCustom(target).ring];
    return from === to ? [] : [{ version, from, to }];
  });
}

/** Why a version does not come into a ring by this step; undefined when it may. */
export function stepProblem({ version, from, to }: RingStep, first: Ring): string | undefined {
  const [at, asked] = [from === undefined ? -1 : RINGS.indexOf(from), RINGS.indexOf(to)];
  if (from === undefined) {
    return asked <= RINGS.indexOf(first) ? undefined : `${version} is new, and a new version of this family begins with the ring "${first}", not "${to}". Publish it for "${first}"; "waybill catalogue promote" then takes it one ring further at a time.`;
  }
  if (asked < at) return `${version} is out for "${from}" already; a ring is never taken back. "waybill catalogue revoke" withdraws a version.`;
  return asked - at <= 1 ? undefined : `${version} is out for "${from}"; it goes one ring at a time, so "${RINGS[at + 1]!}" comes before "${to}".`;
}

/** Why owners' signatures alone do not put a draft out; undefined when nothing is against it. */
export function draftProblem(next: Metadata<Targets>, before: Metadata<Targets> | undefined, signing: Signing, policy: ReleasePolicy, mayReplace = false): string | undefined {
  for (const step of ringSteps(next, before)) {
    const problem = stepProblem(step, firstRing(signing, policy));
    if (problem !== undefined) return problem;
  }
  for (const { target: was, version } of mayReplace ? [] : versionsIn(before)) {
    const now = Object.hasOwn(next.signed.targets, was.path) ? next.signed.targets[was.path] : undefined;
    if (now?.hashes['sha256'] !== was.hashes['sha256']) return `${version} is published, and what is published never changes: the draft ${now === undefined ? 'leaves it out' : 'has another content for it'}. Raise the version instead.`;
  }
  return undefined;
}

/** Who signs a draft: as the board asks of the family, and as the policy asks for each ring that the draft brings a version into. */
export function askedFor(signing: Signing, next: Metadata<Targets>, before: Metadata<Targets> | undefined, policy: ReleasePolicy): Signing {
  return [...new Set(ringSteps(next, before).map(({ to }) => to))].reduce((all, ring) => withRing(all, ring, policy), signing);
}

/** Who signs a version's way into a ring. */
function withRing(signing: Signing, ring: Ring, policy: ReleasePolicy): Signing {
  const asked = policy.signatures?.[ring];
  if (asked === undefined) return signing;
  const functions = [...new Set([...signing.functions, ...asked.functions ?? []])];
  return { ...signing, functions, threshold: Math.max(signing.threshold, asked.threshold ?? 0, functions.length) };
}

/** What a policy asks for a ring that a family's owners can never give; undefined when they can. */
export function unsignable(signing: Signing, ring: Ring, policy: ReleasePolicy): string | undefined {
  const { threshold, functions, keys } = withRing(signing, ring, policy);
  const missing = functions.filter((each) => !keys.some((key) => key.function === each));
  if (missing.length > 0) return `The policy asks for a signature of ${missing.join(' and ')} for the ring "${ring}", and no owner of ${signing.role} has that function. Name one: "waybill catalogue family ${signing.role} --owner <file.pub> …".`;
  return threshold > keys.length ? `The policy asks for ${counted(threshold, 'signature')} for the ring "${ring}", and ${signing.role} has ${counted(keys.length, 'owner')}. Name more owners, or ask for fewer signatures in the policy.` : undefined;
}

/** @throws PublisherError when a family's owners can never sign a ring as the policy asks */
export function requireSignable(signing: Signing, ring: Ring, policy: ReleasePolicy): void {
  const problem = unsignable(signing, ring, policy);
  if (problem !== undefined) throw new PublisherError(problem);
}

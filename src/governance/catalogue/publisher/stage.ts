import { createHash } from 'node:crypto';
import type { GatePolicy } from '../../gate/policy.ts';
import type { Kinds } from '../metadata.ts';
import type { ServiceDefinition } from '../../../domain/service/index.ts';
import { readIfThere } from '../../files.ts';
import { compareVersions } from '../../gate/rules/versions.ts';
import { allDefinitionProblems, problemText } from '../../service/check.ts';
import { versionFit } from '../../service/version-fit.ts';
import { POLICY_TARGET, isFamily, isId, isVersion, readTargetName, versionTarget, versionText } from '../names.ts';
import type { VersionOf } from '../names.ts';
import { signingOfFamily } from '../owners.ts';
import { readPackedTemplate, readServiceTarget } from '../packed.ts';
import { readWaiver } from '../published.ts';
import type { Waiver } from '../site-catalogue.ts';
import { familiesOf } from '../verify.ts';
import { isDay, isReference, RINGS } from '../target-custom.ts';
import type { Ring, TargetCustom } from '../target-custom.ts';
import { changeVersion, familyRules, findVersion, stageTarget } from './drafts.ts';
import { stageRightToServices } from './keys.ts';
import { firstRing, requireSignable, stepProblem, unsignable } from './rings.ts';
import { PublisherError, publishedList, publishedTarget, readDraft, readTree } from './folder.ts';
import { checkedPolicy } from './policy.ts';
import type { PublisherFolder } from './folder.ts';

export interface Staged extends VersionOf {
  /** The family, whose owners sign. */
  readonly role: string;
  readonly ring: Ring;
}

export interface StageOptions {
  readonly ring?: Ring | undefined;
  readonly now: number;
  /** For demo catalogues: what is published may get another content. */
  readonly replace?: boolean;
}

const iso = (now: number): string => new Date(now).toISOString();

/** Where a version is written, for the sentence that says to raise it. */
const SOURCE = { template: 'template.json', service: 'service.json' } as const;

/** Stages the file of a version for its family's signatures. */
async function stageVersion(folder: PublisherFolder, of: VersionOf, family: string, packed: Uint8Array, options: StageOptions): Promise<Staged> {
  const { kind, id, version } = of;
  const [text, target] = [versionText(of), versionTarget(of)];
  if (!isId(id) || !id.startsWith(`${family}/`)) throw new PublisherError(`The ${kind}'s id is ${JSON.stringify(id)}; it has to be "${family}/<name>" in small letters, digits and hyphens.`);
  if (!isVersion(version)) throw new PublisherError(`${id} has the version ${JSON.stringify(version)}; write it as 1.2.3.`);
  const { signing, policy } = await familyRules(folder, family);
  const there = await findVersion(folder, of);
  const sha256 = createHash('sha256').update(packed).digest('hex');
  if (there?.published === true && options.replace !== true) {
    throw new PublisherError(there.sha256 === sha256 ? `${text} is published already, with this content.` : `${text} is published with another content; what is published never changes. Raise the version in ${SOURCE[kind]}.`);
  }
  const ring = there?.published === true ? there.custom.ring : options.ring ?? firstRing(signing, policy);
  const problem = there?.published === true ? undefined : stepProblem({ version: text, from: undefined, to: ring }, firstRing(signing, policy));
  if (problem !== undefined) throw new PublisherError(problem);
  requireSignable(signing, ring, policy);
  await stageTarget(folder, family, target, packed, { status: 'published', ring, publishedAt: there?.custom.publishedAt ?? iso(options.now) }, options.now);
  return { ...of, role: family, ring };
}

/**
 * Stages a packed template for its family's signatures, in the ring at which new versions begin, or in a narrower one. What is published under a version never changes: another content is
 * another version (`replace` is for demo catalogues).
 * @throws PublisherError, CatalogueRefusal when it is no packed template
 */
export async function stageTemplate(folder: PublisherFolder, packed: Uint8Array, options: StageOptions): Promise<Staged> {
  const { manifest: { id, version, family } } = readPackedTemplate(packed);
  return await stageVersion(folder, { kind: 'template', id, version }, family, packed, options);
}

/** @throws PublisherError when a version is not raised enough for what it changes of the published one before it */
async function requireFit(folder: PublisherFolder, definition: ServiceDefinition): Promise<void> {
  const before = await publishedBefore(folder, definition);
  const { problem, changes, weight } = before === undefined ? { problem: undefined, changes: [], weight: undefined } : versionFit(before, definition);
  if (problem !== undefined) throw new PublisherError(`${problem} What was changed:`, { details: changes.filter((each) => each.weight === weight).slice(0, 20).map(({ at, message }) => `${at}: ${message}.`) });
}

/** The newest published version of a service that comes before this one. */
async function publishedBefore(folder: PublisherFolder, { id, version }: ServiceDefinition): Promise<ServiceDefinition | undefined> {
  const list = await publishedList(folder, await readTree(folder), id.split('/')[0] ?? '');
  const [before] = Object.values(list?.signed.targets ?? {}).flatMap((target) => {
    const name = readTargetName(target.path);
    return name?.kind === 'service' && name.id === id && compareVersions(name.version, version) < 0 ? [{ target, version: name.version }] : [];
  }).sort((a, b) => compareVersions(b.version, a.version));
  const bytes = before === undefined ? undefined : await readIfThere(publishedTarget(folder, before.target.path, before.target.hashes['sha256'] ?? ''));
  return bytes === undefined ? undefined : readServiceTarget(bytes).definition;
}

/**
 * Stages a packed service in the same way; its version is raised as semver asks for what it changes. In a catalogue from before there were services, the board's list is staged with
 * it: that the owners of this family may give services.
 * @throws PublisherError, CatalogueRefusal when it is no packed service
 */
export async function stageService(folder: PublisherFolder, packed: Uint8Array, options: StageOptions): Promise<Staged> {
  const { definition } = readServiceTarget(packed);
  const { id, version } = definition;
  const family = id.split('/')[0] ?? '';
  const wrong = allDefinitionProblems(definition);
  if (wrong.length > 0) throw new PublisherError(`service ${id}@${version} was not staged; its definition cannot be used:`, { details: wrong.map(problemText) });
  if (options.replace !== true) await requireFit(folder, definition);
  const staged = await stageVersion(folder, { kind: 'service', id, version }, family, packed, options);
  await stageRightToServices(folder, family, options.now);
  return staged;
}

/** What a policy asks of a family that its owners cannot give, a sentence each: that family stays in the ring before. */
function notesOf(published: Kinds['targets'] | undefined, { releases = {} }: GatePolicy): readonly string[] {
  return published === undefined ? [] : familiesOf(published).flatMap((family) => RINGS.flatMap((ring) => unsignable(signingOfFamily(published, family), ring, releases) ?? []));
}

/** Stages the gate's policy for the board's signatures. @throws PublisherError when it has mistakes, or is not newer than the published one */
export async function stagePolicy(folder: PublisherFolder, bytes: Uint8Array, now: number): Promise<{ readonly version: string; readonly notes: readonly string[] }> {
  const published = (await readTree(folder))?.targets;
  const policy = await checkedPolicy(folder, bytes, published, await readDraft(folder, 'targets'));
  await stageTarget(folder, 'targets', POLICY_TARGET, bytes, { status: 'published', ring: 'all', publishedAt: iso(now) }, now);
  return { version: policy.version, notes: notesOf(published, policy) };
}

/** Stages a waiver, for the owners of its family, or for the board when it names none. */
export async function stageWaiver(folder: PublisherFolder, waiver: Waiver, now: number): Promise<string> {
  const { family, ...content } = waiver;
  if (family !== undefined && !isFamily(family)) throw new PublisherError(`${JSON.stringify(family)} is no name of a family.`);
  if (Date.parse(waiver.expiresAt) <= now) throw new PublisherError(`The waiver ${waiver.id} ran out on ${waiver.expiresAt.slice(0, 10)}; a waiver ends in the future.`);
  const name = family === undefined ? `waivers/${waiver.id}.json` : `waivers/${family}/${waiver.id}.json`;
  const bytes = Buffer.from(`${JSON.stringify(content, undefined, 2)}\n`);
  readWaiver(bytes, name, waiver.id, family);
  await stageTarget(folder, family ?? 'targets', name, bytes, { status: 'published', ring: 'all', publishedAt: iso(now) }, now);
  return name;
}

function requireVersion(of: VersionOf): void {
  if (!isId(of.id) || !isVersion(of.version)) throw new PublisherError(`${JSON.stringify(`${of.id}@${of.version}`)} is no version of a ${of.kind}; write family/name@1.2.3.`);
}

export interface Deprecation {
  /** Day from which the version is retired. */
  readonly sunset: string;
  readonly reason?: string;
  /** `family/name@1.2.3` that takes its place, where it is not the newest version of the same. */
  readonly successor?: string;
  readonly now: number;
}

/** @throws PublisherError when a version cannot take the place of another */
async function requireSuccessor(folder: PublisherFolder, { kind, id, version }: VersionOf, successor: string): Promise<void> {
  if (!isReference(successor)) throw new PublisherError(`What follows is ${JSON.stringify(successor)}; write family/name@1.2.3.`);
  const [next = '', of = ''] = successor.split('@');
  if (next === id && of === version) throw new PublisherError(`${successor} cannot follow itself.`);
  const there = await findVersion(folder, { kind, id: next, version: of });
  if (there === undefined) throw new PublisherError(`The catalogue has no ${versionText({ kind, id: next, version: of })} that could follow. Publish it first; "waybill catalogue status" lists what there is.`);
  if (there.custom.status !== 'published') throw new PublisherError(`${versionText({ kind, id: next, version: of })} is ${there.custom.status} itself; name one that stays.`);
}

/** Stages the end of a version: from its sunset on sites retire it, without another signature. */
export async function stageDeprecation(folder: PublisherFolder, of: VersionOf, options: Deprecation): Promise<TargetCustom> {
  requireVersion(of);
  const { sunset, reason, successor, now } = options;
  if (!isDay(sunset)) throw new PublisherError(`The sunset is ${JSON.stringify(sunset)}; write a day as 2027-06-30.`);
  if (Date.parse(sunset) < now) throw new PublisherError(`The sunset ${sunset} has passed; name a day from tomorrow on. "waybill catalogue revoke" withdraws a version at once.`);
  if (successor !== undefined) await requireSuccessor(folder, of, successor);
  return await changeVersion(folder, of, (custom) => {
    if (custom.status === 'retired') throw new PublisherError(`${versionText(of)} is retired already.`);
    return { ...custom, status: 'deprecated', sunset, deprecatedAt: custom.deprecatedAt ?? iso(now), ...(reason === undefined ? {} : { reason }), ...(successor === undefined ? {} : { successor }) };
  }, now);
}

/** Stages the withdrawal of a version: retired as soon as it is signed and seen. */
export async function stageRevocation(folder: PublisherFolder, of: VersionOf, reason: string, now: number): Promise<TargetCustom> {
  requireVersion(of);
  return await changeVersion(folder, of, ({ sunset: _before, ...custom }) => ({ ...custom, status: 'retired', reason }), now);
}

/** Stages that a version of a service is stopped for a while at every site that gets it. @param until ISO 8601; absent: until it is resumed */
export async function stageSuspension(folder: PublisherFolder, of: VersionOf, { reason, until, now }: { readonly reason: string; readonly until?: string; readonly now: number }): Promise<TargetCustom> {
  requireService(of, 'suspended');
  const at = until === undefined ? undefined : Date.parse(until);
  if (at !== undefined && !(at > now)) throw new PublisherError(`The end of the stop is ${JSON.stringify(until)}; name a time that lies ahead, such as 2027-06-30T06:00:00Z, or none.`);
  return await changeVersion(folder, of, (custom) => {
    if (custom.status === 'retired') throw new PublisherError(`${versionText(of)} is retired; nobody calls it.`);
    return { ...custom, suspended: { reason, ...(at === undefined ? {} : { until: iso(at) }) } };
  }, now);
}

/** Stages that a stopped version of a service goes on. */
export async function stageResumption(folder: PublisherFolder, of: VersionOf, now: number): Promise<TargetCustom> {
  requireService(of, 'resumed');
  return await changeVersion(folder, of, ({ suspended, ...custom }) => {
    if (suspended === undefined) throw new PublisherError(`${versionText(of)} is not stopped.`);
    return custom;
  }, now);
}

function requireService(of: VersionOf, what: string): void {
  requireVersion(of);
  if (of.kind !== 'service') throw new PublisherError(`Only services are ${what}; ${versionText(of)} is a ${of.kind}. "waybill catalogue deprecate" or "revoke" ends it.`);
}

/**
 * Stages the next ring of a version: test, then pilot, then all. A ring is never left out, and never taken back.
 * @throws PublisherError
 */
export async function stagePromotion(folder: PublisherFolder, of: VersionOf, ring: Ring | undefined, now: number): Promise<TargetCustom> {
  requireVersion(of);
  const text = versionText(of);
  const there = await findVersion(folder, of);
  if (there === undefined) throw new PublisherError(`The catalogue has no ${text}. "waybill catalogue status" lists what it has.`);
  const from = there.custom.ring;
  if (!there.published) throw new PublisherError(`${text} is not published yet; first its release for "${from}" is signed and put out, then it is promoted.`);
  if (there.custom.status === 'retired') throw new PublisherError(`${text} is withdrawn; it goes to no other ring.`);
  const to = ring ?? RINGS[RINGS.indexOf(from) + 1] ?? from;
  if (to === from) throw new PublisherError(`${text} is out for "${from}" already${from === 'all' ? ', and there is no further ring' : ''}.`);
  const problem = stepProblem({ version: text, from, to }, from);
  if (problem !== undefined) throw new PublisherError(problem);
  const { signing, policy } = await familyRules(folder, of.id.split('/')[0] ?? '');
  requireSignable(signing, to, policy);
  return await changeVersion(folder, of, (custom) => {
    if (custom.ring === to) throw new PublisherError(`That ${text} goes to "${to}" is staged already, and waits for signatures.`);
    return { ...custom, ring: to };
  }, now);
}

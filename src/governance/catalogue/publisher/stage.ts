import { createHash } from 'node:crypto';
import type { GatePolicy } from '../../gate/policy.ts';
import type { Kinds } from '../metadata.ts';
import { POLICY_TARGET, isFamily, isTemplateId, isVersion, templateTarget } from '../names.ts';
import { signingOfFamily } from '../owners.ts';
import { readPackedTemplate } from '../packed.ts';
import { readWaiver } from '../published.ts';
import type { Waiver } from '../site-catalogue.ts';
import { familiesOf } from '../verify.ts';
import { isDay, RINGS } from '../target-custom.ts';
import type { Ring, TargetCustom } from '../target-custom.ts';
import { changeTemplate, familyRules, findTemplate, stageTarget } from './drafts.ts';
import { firstRing, requireSignable, stepProblem, unsignable } from './rings.ts';
import { PublisherError, readDraft, readTree } from './folder.ts';
import { checkedPolicy } from './policy.ts';
import type { PublisherFolder } from './folder.ts';

export interface Staged {
  readonly id: string;
  readonly version: string;
  readonly role: string;
  readonly ring: Ring;
}

const iso = (now: number): string => new Date(now).toISOString();

/**
 * Stages a packed template for its family's signatures, in the ring at which new versions begin, or in a narrower one. What is published under a version never changes: another content is
 * another version (`replace` is for demo catalogues).
 * @throws PublisherError, CatalogueRefusal when it is no packed template
 */
export async function stageTemplate(folder: PublisherFolder, packed: Uint8Array, options: { readonly ring?: Ring | undefined; readonly now: number; readonly replace?: boolean }): Promise<Staged> {
  const { manifest: { id, version, family } } = readPackedTemplate(packed);
  if (!isTemplateId(id) || !id.startsWith(`${family}/`)) throw new PublisherError(`The template's id is ${JSON.stringify(id)}; it has to be "${family}/<name>" in small letters, digits and hyphens.`);
  if (!isVersion(version)) throw new PublisherError(`${id} has the version ${JSON.stringify(version)}; write it as 1.2.3.`);
  const { signing, policy } = await familyRules(folder, family);
  const there = await findTemplate(folder, id, version);
  const sha256 = createHash('sha256').update(packed).digest('hex');
  if (there?.published === true && options.replace !== true) {
    throw new PublisherError(there.sha256 === sha256 ? `${id}@${version} is published already, with this content.` : `${id}@${version} is published with another content; what is published never changes. Raise the version in template.json.`);
  }
  const ring = there?.published === true ? there.custom.ring : options.ring ?? firstRing(signing, policy);
  const problem = there?.published === true ? undefined : stepProblem({ version: `${id}@${version}`, from: undefined, to: ring }, firstRing(signing, policy));
  if (problem !== undefined) throw new PublisherError(problem);
  requireSignable(signing, ring, policy);
  await stageTarget(folder, family, templateTarget(id, version), packed, { status: 'published', ring, publishedAt: there?.custom.publishedAt ?? iso(options.now) }, options.now);
  return { id, version, role: family, ring };
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

function requireTemplate(id: string, version: string): void {
  if (!isTemplateId(id) || !isVersion(version)) throw new PublisherError(`${JSON.stringify(`${id}@${version}`)} is no version of a template; write family/name@1.2.3.`);
}

/** Stages the end of a version: from its sunset on sites retire it, without another signature. */
export async function stageDeprecation(folder: PublisherFolder, id: string, version: string, options: { readonly sunset: string; readonly reason?: string; readonly now: number }): Promise<TargetCustom> {
  requireTemplate(id, version);
  if (!isDay(options.sunset)) throw new PublisherError(`The sunset is ${JSON.stringify(options.sunset)}; write a day as 2027-06-30.`);
  if (Date.parse(options.sunset) < options.now) throw new PublisherError(`The sunset ${options.sunset} has passed; name a day from tomorrow on. "waybill catalogue revoke" withdraws a version at once.`);
  return await changeTemplate(folder, id, version, (custom) => {
    if (custom.status === 'retired') throw new PublisherError(`${id}@${version} is retired already.`);
    return { ...custom, status: 'deprecated', sunset: options.sunset, ...(options.reason === undefined ? {} : { reason: options.reason }) };
  }, options.now);
}

/** Stages the withdrawal of a version: retired as soon as it is signed and seen. */
export async function stageRevocation(folder: PublisherFolder, id: string, version: string, reason: string, now: number): Promise<TargetCustom> {
  requireTemplate(id, version);
  return await changeTemplate(folder, id, version, ({ sunset: _before, ...custom }) => ({ ...custom, status: 'retired', reason }), now);
}

/**
 * Stages the next ring of a version: test, then pilot, then all. A ring is never left out, and never taken back.
 * @throws PublisherError
 */
export async function stagePromotion(folder: PublisherFolder, id: string, version: string, ring: Ring | undefined, now: number): Promise<TargetCustom> {
  requireTemplate(id, version);
  const there = await findTemplate(folder, id, version);
  if (there === undefined) throw new PublisherError(`The catalogue has no ${id}@${version}. "waybill catalogue status" lists what it has.`);
  const from = there.custom.ring;
  if (!there.published) throw new PublisherError(`${id}@${version} is not published yet; first its release for "${from}" is signed and put out, then it is promoted.`);
  if (there.custom.status === 'retired') throw new PublisherError(`${id}@${version} is withdrawn; it goes to no other ring.`);
  const to = ring ?? RINGS[RINGS.indexOf(from) + 1] ?? from;
  if (to === from) throw new PublisherError(`${id}@${version} is out for "${from}" already${from === 'all' ? ', and there is no further ring' : ''}.`);
  const problem = stepProblem({ version: `${id}@${version}`, from, to }, from);
  if (problem !== undefined) throw new PublisherError(problem);
  const { signing, policy } = await familyRules(folder, id.split('/')[0] ?? '');
  requireSignable(signing, to, policy);
  return await changeTemplate(folder, id, version, (custom) => {
    if (custom.ring === to) throw new PublisherError(`That ${id}@${version} goes to "${to}" is staged already, and waits for signatures.`);
    return { ...custom, ring: to };
  }, now);
}

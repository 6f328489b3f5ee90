import { createHash } from 'node:crypto';
import { POLICY_TARGET, isFamily, isTemplateId, isVersion, templateTarget } from '../names.ts';
import { readPackedTemplate } from '../packed.ts';
import { readPolicy, readWaiver } from '../published.ts';
import type { Waiver } from '../site-catalogue.ts';
import { isDay, RINGS } from '../target-custom.ts';
import type { Ring, TargetCustom } from '../target-custom.ts';
import { changeTemplate, findTemplate, signingOf, stageTarget } from './drafts.ts';
import { PublisherError } from './folder.ts';
import type { PublisherFolder } from './folder.ts';

export interface Staged {
  readonly id: string;
  readonly version: string;
  readonly role: string;
}

const iso = (now: number): string => new Date(now).toISOString();

/**
 * Stages a packed template for its family's signatures. What is published under a version never changes: another content is
 * another version (`replace` is for demo catalogues).
 * @throws PublisherError, CatalogueRefusal when it is no packed template
 */
export async function stageTemplate(folder: PublisherFolder, packed: Uint8Array, options: { readonly ring: Ring; readonly now: number; readonly replace?: boolean }): Promise<Staged> {
  const { manifest: { id, version, family } } = readPackedTemplate(packed);
  if (!isTemplateId(id) || !id.startsWith(`${family}/`)) throw new PublisherError(`The template's id is ${JSON.stringify(id)}; it has to be "${family}/<name>" in small letters, digits and hyphens.`);
  if (!isVersion(version)) throw new PublisherError(`${id} has the version ${JSON.stringify(version)}; write it as 1.2.3.`);
  await signingOf(folder, family);
  const there = await findTemplate(folder, id, version);
  const sha256 = createHash('sha256').update(packed).digest('hex');
  if (there?.published === true && options.replace !== true) {
    throw new PublisherError(there.sha256 === sha256 ? `${id}@${version} is published already, with this content.` : `${id}@${version} is published with another content; what is published never changes. Raise the version in template.json.`);
  }
  await stageTarget(folder, family, templateTarget(id, version), packed, { status: 'published', ring: options.ring, publishedAt: there?.custom.publishedAt ?? iso(options.now) }, options.now);
  return { id, version, role: family };
}

/** Stages the gate's policy for the board's signatures. */
export async function stagePolicy(folder: PublisherFolder, policy: Uint8Array, now: number): Promise<string> {
  const { version } = readPolicy(policy);
  await stageTarget(folder, 'targets', POLICY_TARGET, policy, { status: 'published', ring: 'all', publishedAt: iso(now) }, now);
  return version;
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

/** Stages the next ring of a version: test, then pilot, then all. A ring is never taken back; revoke is for that. */
export async function stagePromotion(folder: PublisherFolder, id: string, version: string, ring: Ring, now: number): Promise<TargetCustom> {
  requireTemplate(id, version);
  return await changeTemplate(folder, id, version, (custom) => {
    if (RINGS.indexOf(ring) <= RINGS.indexOf(custom.ring)) throw new PublisherError(`${id}@${version} is out for "${custom.ring}" already; the order is ${RINGS.join(', ')}.`);
    return { ...custom, ring };
  }, now);
}

import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { draftState, signDrafts } from '../../governance/catalogue/publisher/drafts.ts';
import { draftRoles, dropDraft, openFolder } from '../../governance/catalogue/publisher/folder.ts';
import type { PublisherFolder } from '../../governance/catalogue/publisher/folder.ts';
import { stageRenewal } from '../../governance/catalogue/publisher/keys.ts';
import { release } from '../../governance/catalogue/publisher/release.ts';
import { lifeOf } from '../../governance/catalogue/publisher/report.ts';
import { signaturesFor, takeSignatures } from '../../governance/catalogue/publisher/signature-file.ts';
import { canonicalIn, stageCanonical } from '../../governance/catalogue/publisher/stage-canonical.ts';
import { stageDeprecation, stagePolicy, stagePromotion, stageResumption, stageRevocation, stageService, stageSuspension, stageTemplate, stageWaiver } from '../../governance/catalogue/publisher/stage.ts';
import { versionText } from '../../governance/catalogue/names.ts';
import type { Versioned } from '../../governance/catalogue/names.ts';
import type { Waiver } from '../../governance/catalogue/site-catalogue.ts';
import { writeNew } from '../../governance/files.ts';
import { counted } from '../../governance/gate/rules/words.ts';
import { DEFINITION_FILE } from '../../governance/service/folder.ts';
import { isPackedService, packService } from '../../governance/service/pack.ts';
import { ServiceError } from '../../governance/service/service-error.ts';
import { lintTemplate } from '../../governance/template/lint/lint.ts';
import { packTemplate } from '../../governance/template/pack.ts';
import { TemplateError } from '../../governance/template/template-error.ts';
import { UsageError } from '../accounts.ts';
import { harmless } from '../harmless.ts';
import { say } from '../arguments.ts';
import { serviceFindings } from '../service/lint.ts';
import { catalogueFolder, readBytes, readJson, ringArgument, versionArgument, versionIn, withCatalogue } from './arguments.ts';
import type { CatalogueArguments } from './arguments.ts';
import { sayForSites } from './init.ts';
import { revokeKeyCommand } from './keys.ts';
import { openOnline, openSigner } from './passphrase.ts';
import { signedText } from './signing-texts.ts';

/** A folder of a template or a service, or what `waybill template pack` or `waybill service pack` wrote. What lint finds an error in would go to every site: it is never staged. */
async function packedFrom(file: string): Promise<{ readonly kind: Versioned; readonly bytes: Uint8Array }> {
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory() !== true) {
    const bytes = await readBytes(file);
    return { kind: isPackedService(bytes) ? 'service' : 'template', bytes };
  }
  return existsSync(path.join(file, DEFINITION_FILE)) ? { kind: 'service', bytes: packedService(file) } : { kind: 'template', bytes: packedTemplate(file) };
}

/** A contract or a code list; undefined for what is a folder, or packed. */
async function canonicalFrom(file: string): Promise<Uint8Array | undefined> {
  if (!file.endsWith('.json') || statSync(file, { throwIfNoEntry: false })?.isFile() !== true) return undefined;
  const bytes = await readBytes(file);
  return canonicalIn(bytes) === undefined ? undefined : bytes;
}

function packedService(file: string): Uint8Array {
  const errors = serviceFindings(file).filter(({ level }) => level === 'error');
  if (errors.length > 0) throw new ServiceError('wrong-definition', `waybill service lint finds ${counted(errors.length, 'error')} in ${file}, and it was not staged.`, errors.map(({ code, where = '', message }) => `${harmless(where)}: ${message} [${code}]`));
  return packService(file).bytes;
}

function packedTemplate(file: string): Uint8Array {
  const errors = lintTemplate(file).filter(({ level }) => level === 'error');
  const secrets = errors.filter(({ code }) => code === 'secret').map(({ where = '' }) => harmless(where));
  if (secrets.length > 0) throw new TemplateError('wrong-flow', `${file} holds what looks like a secret in clear, and was not staged.`, secrets);
  if (errors.length > 0) throw new TemplateError('wrong-flow', `waybill template lint finds ${counted(errors.length, 'error')} in ${file}, and it was not staged.`, errors.map(({ code, where = '', message }) => `${harmless(where)}: ${message} [${code}]`));
  return packTemplate(file).bytes;
}

/** Says how far each draft is; what is complete goes out when the online key is at hand. */
export async function sayDrafts(folder: PublisherFolder): Promise<boolean> {
  let ready = false;
  for (const role of await draftRoles(folder)) {
    const state = await draftState(folder, role);
    if (state === undefined) continue;
    ready ||= state.complete;
    say(`  ${role}: ${lifeOf(state)}, ${signedText(state)}`);
    for (const change of state.changes) say(`      ${change}`);
  }
  return ready;
}

async function releaseNow(folder: PublisherFolder, values: CatalogueArguments['values']): Promise<void> {
  const online = await openOnline(folder, values);
  if (online === undefined) {
    say('It goes out with the online key: waybill catalogue publish --online-key <file>');
    return;
  }
  const { published, waiting, expires, snapshot } = await release(folder, online, Date.now());
  say(published.length === 0 ? `Nothing new; the statement is renewed until ${expires.slice(0, 10)}.` : `Published: ${published.join(', ')} (release ${snapshot}); the statement holds until ${expires.slice(0, 10)}.`);
  for (const { role, why } of waiting) say(`Waits: ${role}. ${why}`);
  if (published.includes('root')) sayForSites(folder);
}

/** `waybill catalogue publish [template…]`: stages what is named; without names, puts out what is signed and renews the statement. */
export async function publishCommand(args: CatalogueArguments): Promise<number> {
  const { values, positionals } = args;
  const ring = ringArgument(values.ring);
  return await withCatalogue(args, async (folder) => {
    const now = Date.now();
    for (const each of positionals) {
      const canonical = await canonicalFrom(path.resolve(each));
      if (canonical !== undefined) {
        say(`${await stageCanonical(folder, canonical, now)} is staged; the board signs it, each with: waybill catalogue sign --key <file>`);
        continue;
      }
      const { kind, bytes } = await packedFrom(path.resolve(each));
      const staged = await (kind === 'service' ? stageService : stageTemplate)(folder, bytes, { ring, now });
      const { role, ring: released } = staged;
      say(`${versionText(staged)} is staged for ${released}; the owners of ${role} sign it, each with: waybill catalogue sign --key <file>`);
    }
    if (values.policy !== undefined) say(`Policy ${(await stagePolicy(folder, await readBytes(values.policy), now)).version} is staged; the board signs it.`);
    if (values.waiver !== undefined) say(`${await stageWaiver(folder, await readJson(values.waiver) as Waiver, now)} is staged.`);
    if (positionals.length > 0 || values.policy !== undefined || values.waiver !== undefined) await sayDrafts(folder);
    else await releaseNow(folder, values);
    return 0;
  });
}

/** `waybill catalogue renew <role>`: the same list with another time to run out. */
export async function renewCommand(args: CatalogueArguments): Promise<number> {
  const [role] = args.positionals;
  if (role === undefined) throw new UsageError('Say which list is renewed: root, targets, or a family. "waybill catalogue status" says what runs out.');
  return await changed(args, async (folder) => {
    await stageRenewal(folder, role, Date.now());
    return `${role} is staged as it is, for another time.`;
  });
}

/** `waybill catalogue unstage <role>`: drops a draft. */
export async function unstageCommand(args: CatalogueArguments): Promise<number> {
  const [role] = args.positionals;
  return await withCatalogue(args, async (folder) => {
    const roles = await draftRoles(folder);
    if (role === undefined || !roles.includes(role)) throw new UsageError(roles.length === 0 ? 'There is no draft.' : `${role === undefined ? 'Say which draft is dropped' : `There is no draft of ${role}`}; there are drafts of ${roles.join(', ')}.`);
    await dropDraft(folder, role);
    say(`The draft of ${role} is dropped, with its signatures. What is published stays as it is.`);
    return 0;
  });
}

/** `sign --to`: the folder is only read, so a copy of it will do; the signatures go back as a file. */
async function signIntoFile(args: CatalogueArguments, key: string, to: string): Promise<number> {
  const folder = await openFolder(catalogueFolder(args));
  const drafts = await draftRoles(folder);
  if (drafts.length === 0) throw new UsageError('There is nothing to sign.');
  const signer = await openSigner(key, args.values.signer);
  const { roles, file } = await signaturesFor(folder, drafts, signer);
  if (roles.length === 0) throw new UsageError(`${signer.publicKey.name} is not among those who sign ${drafts.join(', ')}.`);
  try {
    await writeNew(path.resolve(to), `${JSON.stringify(file, undefined, 2)}\n`);
  } catch (error) {
    throw new UsageError((error as NodeJS.ErrnoException).code === 'EEXIST' ? `${to} is there already; name another file.` : `${to} cannot be written: ${(error as Error).message}`);
  }
  say(`${signer.publicKey.name} has signed ${roles.join(', ')}, into ${to}; where the catalogue lies: waybill catalogue sign --from ${path.basename(to)}`);
  for (const role of roles) for (const change of (await draftState(folder, role))?.changes ?? []) say(`  ${role}: ${change}`);
  return 0;
}

/** `waybill catalogue sign --key <file>`: signs every draft that the key may sign; `--to` into a file, `--from` takes such files in. */
export async function signCommand(args: CatalogueArguments): Promise<number> {
  const { key, to, from, signer: command } = args.values;
  if ((key === undefined) === (from === undefined)) throw new UsageError('Say with which key, or from which files signatures are taken: waybill catalogue sign --key <file>, or --from <file>.');
  if (key !== undefined && to !== undefined) return await signIntoFile(args, key, to);
  return await withCatalogue(args, async (folder) => {
    const drafts = await draftRoles(folder);
    if (drafts.length === 0) throw new UsageError('There is nothing to sign.');
    for (const file of from ?? []) say(`Taken from ${file}: ${await takeSignatures(folder, drafts, await readJson(file))}.`);
    if (key !== undefined) {
      const signer = await openSigner(key, command);
      const signed = await signDrafts(folder, drafts, signer);
      if (signed.length === 0) throw new UsageError(`${signer.publicKey.name} is not among those who sign ${drafts.join(', ')}.`);
      say(`${signer.publicKey.name} has signed ${signed.join(', ')}.`);
    }
    if (await sayDrafts(folder)) await releaseNow(folder, args.values);
    return 0;
  });
}

/** `change` stages something, and answers the sentence that says what. */
async function changed(args: CatalogueArguments, change: (folder: PublisherFolder) => Promise<string>): Promise<number> {
  return await withCatalogue(args, async (folder) => {
    say(`${await change(folder)} Each signer: waybill catalogue sign --key <file>`);
    await sayDrafts(folder);
    return 0;
  });
}

/** `waybill catalogue deprecate <family/name@version> --sunset <day>`. */
export async function deprecateCommand(args: CatalogueArguments): Promise<number> {
  const asked = versionArgument(args.positionals[0]);
  const { sunset, reason, successor } = args.values;
  if (sunset === undefined) throw new UsageError('Say from which day on it is retired: --sunset 2027-06-30.');
  return await changed(args, async (folder) => {
    const of = await versionIn(folder, asked);
    await stageDeprecation(folder, of, { sunset, ...(reason === undefined ? {} : { reason }), ...(successor === undefined ? {} : { successor }), now: Date.now() });
    return `${versionText(of)} is staged as deprecated, retired from ${sunset} on.`;
  });
}

/** `waybill catalogue revoke <family/name@version> --reason …`, or `--key <key>`. */
export async function revokeCommand(args: CatalogueArguments): Promise<number> {
  const { key, reason } = args.values;
  if (key !== undefined) return await revokeKeyCommand(args, key);
  const asked = versionArgument(args.positionals[0]);
  if (reason === undefined || reason.trim() === '') throw new UsageError('Say why: --reason "…". The sites read it.');
  return await changed(args, async (folder) => {
    const of = await versionIn(folder, asked);
    await stageRevocation(folder, of, reason, Date.now());
    return `${versionText(of)} is staged as retired.`;
  });
}

/** `waybill catalogue suspend <family/name@version> --reason … [--until <time>]`: sites call it no more for a while. */
export async function suspendCommand(args: CatalogueArguments): Promise<number> {
  const asked = versionArgument(args.positionals[0]);
  const { reason, until } = args.values;
  if (reason === undefined || reason.trim() === '') throw new UsageError('Say why: --reason "…". The sites read it.');
  return await changed(args, async (folder) => {
    const of = await versionIn(folder, asked);
    await stageSuspension(folder, of, { reason, ...(until === undefined ? {} : { until }), now: Date.now() });
    return `${versionText(of)} is staged as stopped ${until === undefined ? 'until it is resumed' : `until ${until}`}.`;
  });
}

/** `waybill catalogue resume <family/name@version>`. */
export async function resumeCommand(args: CatalogueArguments): Promise<number> {
  const asked = versionArgument(args.positionals[0]);
  return await changed(args, async (folder) => {
    const of = await versionIn(folder, asked);
    await stageResumption(folder, of, Date.now());
    return `${versionText(of)} is staged to go on.`;
  });
}

/** `waybill catalogue promote <family/name@version> [--ring pilot|all]`: one ring further. */
export async function promoteCommand(args: CatalogueArguments): Promise<number> {
  const version = versionArgument(args.positionals[0]);
  const asked = ringArgument(args.values.ring);
  return await withCatalogue(args, async (folder) => {
    const of = await versionIn(folder, version);
    const { ring } = await stagePromotion(folder, of, asked, Date.now());
    say(`${versionText(of)} is staged for ${ring}. The owners sign that, each with: waybill catalogue sign --key <file>`);
    await sayDrafts(folder);
    return 0;
  });
}

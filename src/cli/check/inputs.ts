import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CatalogueRefusal } from '../../governance/catalogue/refusal.ts';
import { openSiteCatalogue } from '../../governance/catalogue/open.ts';
import { readPolicy } from '../../governance/catalogue/published.ts';
import type { Waiver } from '../../governance/catalogue/site-catalogue.ts';
import type { GatePolicy } from '../../governance/gate/policy.ts';
import { readBaseline } from '../../governance/gate/rules/baseline.ts';
import type { Baseline } from '../../governance/gate/rules/baseline.ts';
import type { RuleContext, TemplateFacts } from '../../governance/gate/rules/rule.ts';
import { serviceRuleFactsOf } from '../../governance/service/facts.ts';
import { factsOf } from '../../governance/template/facts.ts';
import { UsageError } from '../accounts.ts';
import { rootOf } from '../catalogue/verify.ts';
import { stateSentence } from '../catalogue/status.ts';

/** A file that cannot be used, in a sentence for who named it. */
export class InputError extends Error {}

/** Largest file that is read. */
const MAX_BYTES = 256 * 1024 * 1024;

async function bytesOf(file: string): Promise<Buffer> {
  try {
    const bytes = await readFile(file);
    if (bytes.length <= MAX_BYTES) return bytes;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new InputError(code === 'ENOENT' ? `There is no file ${file}.` : `${file} cannot be read: ${message}.`, { cause: error });
  }
  throw new InputError(`${file} is larger than ${MAX_BYTES / 1024 / 1024} MiB.`);
}

/** @throws InputError */
export async function jsonOf(file: string): Promise<unknown> {
  const text = (await bytesOf(file)).toString('utf8').replace(/^\uFEFF/, '');
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new InputError(`${file} is no JSON: ${(error as Error).message}.`, { cause: error });
  }
}

/** @throws InputError */
export async function policyOf(file: string): Promise<GatePolicy> {
  try {
    return readPolicy(await bytesOf(file));
  } catch (error) {
    if (error instanceof CatalogueRefusal) throw new InputError(`${file} is no policy: ${error.message}`, { cause: error });
    throw error;
  }
}

/** @throws InputError */
export async function baselineOf(file: string): Promise<Baseline> {
  const baseline = readBaseline(await jsonOf(file));
  if (baseline === undefined) throw new InputError(`${file} is no baseline; "waybill check --write-baseline ${file}" makes one.`);
  return baseline;
}

export interface CatalogueFacts {
  readonly templates: ReadonlyMap<string, TemplateFacts>;
  readonly services: NonNullable<RuleContext['services']>;
  readonly policy: GatePolicy | undefined;
  readonly waivers: readonly Waiver[];
}

/** What a catalogue says, verified from its root; nothing is kept of it. @throws InputError when it is not in order */
export async function catalogueOf(source: string, root: string | undefined, site: string | undefined): Promise<CatalogueFacts> {
  const rootFile = await rootOf(source, root).catch((error: unknown) => {
    throw error instanceof UsageError ? new InputError(error.message, { cause: error }) : error;
  });
  const home = await mkdtemp(path.join(tmpdir(), 'waybill-check-'));
  try {
    const catalogue = await openSiteCatalogue({ home, source, rootFile, ring: 'test', ...(site === undefined ? {} : { site }), now: Date.now, log: () => { /* The state says it. */ } });
    const state = await catalogue.refresh();
    if (state.state !== 'fresh') throw new InputError(`The catalogue ${source} cannot be used. ${stateSentence(state)}`);
    const templates = new Map(catalogue.templates().map((each) => [`${each.manifest.id}@${each.manifest.version}`, factsOf(each)]));
    return { templates, services: serviceRuleFactsOf(catalogue.services()), policy: catalogue.policy(), waivers: catalogue.waivers() };
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

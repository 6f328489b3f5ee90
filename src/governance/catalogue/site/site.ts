import path from 'node:path';
import { readFile } from 'node:fs/promises';
import type { CodeList } from '../../../domain/mapping/index.ts';
import type { Contract } from '../../contract/contract-files.ts';
import type { GatePolicy } from '../../gate/policy.ts';
import { asOfCustom, familyOwnersOf, neededTargets, readContent, roleKeysOf } from '../published.ts';
import type { Content } from '../published.ts';
import { CatalogueRefusal } from '../refusal.ts';
import type { CatalogueState, FamilyOwners, PublishedService, PublishedTemplate, RoleKeys, SiteCatalogue, Waiver } from '../site-catalogue.ts';
import type { SiteCatalogueOptions } from '../open.ts';
import { narrower } from '../target-custom.ts';
import type { Tree } from '../verify.ts';
import { CatalogueCache, changed } from './cache.ts';
import { HeldServices } from './services.ts';
import type { Current, TrustedRoots } from './cache.ts';
import { holdFolder } from '../../lock.ts';
import { shownSource, sourceUrl } from './source.ts';
import { notKept, update, UpdateFailed } from './update.ts';

const TIMEOUT_MS = 30_000;
/** How often a kept copy that changes under the reader's hands is read again. */
const LOADS = 5;

/** How far a clock may go back, as clocks do that are set by the network. */
const SET_BACK_MS = 5 * 60_000;

/** What is verified and in use. */
interface Held {
  readonly current: Current;
  readonly tree: Tree;
  readonly content: Content;
  readonly files: ReadonlyMap<string, Uint8Array>;
}

const nothing: Content = { templates: [], services: [], policy: undefined, waivers: [], contracts: [], codeLists: [] };

/** The catalogue of a site over its kept copy and its source. */
export class VerifiedSiteCatalogue implements SiteCatalogue {
  readonly #options: SiteCatalogueOptions;
  readonly #cache: CatalogueCache;
  #held: Held | undefined;
  #ofServices: HeldServices | undefined;
  /** Why the last look did not succeed; undefined when it did. */
  #trouble: { readonly kind: 'refused' | 'stale'; readonly code: string; readonly reason: string; readonly at: string } | undefined;
  #looking: Promise<CatalogueState> | undefined;

  constructor(options: SiteCatalogueOptions) {
    this.#options = options;
    this.#cache = new CatalogueCache(path.join(options.home, 'catalogue'));
  }

  get #source(): string {
    return this.#options.source === undefined ? this.#held?.current.source ?? 'no source' : shownSource(this.#options.source);
  }

  #iso(): string {
    return new Date(this.#options.now()).toISOString();
  }

  /** The time, never before the last look: nothing that was over begins again because a clock was set back. */
  #latest(): number {
    return Math.max(this.#options.now(), Date.parse(this.#held?.current.checkedAt ?? '1970-01-01'));
  }

  #clockTrouble(): string | undefined {
    const { checkedAt } = this.#held?.current ?? {};
    if (checkedAt === undefined || this.#options.now() > Date.parse(checkedAt) - SET_BACK_MS) return undefined;
    return `The clock of this machine shows ${this.#iso().slice(0, 16)}Z, and the catalogue was looked at on ${checkedAt.slice(0, 16)}Z: one of the two was wrong. Set it right; until then nobody can tell what has run out.`;
  }

  /** Reads and verifies the kept copy. */
  async load(): Promise<void> {
    let failure: CatalogueRefusal | undefined;
    let tried: string | undefined;
    for (let attempt = 0; attempt < LOADS; attempt += 1) {
      try {
        const roots = await this.#roots();
        const current = await this.#cache.current();
        if (current === undefined || roots === undefined || current.generation === tried) break;
        tried = current.generation;
        this.#held = await this.#read(current, roots);
        if (this.#trouble !== undefined && current.checkedAt > this.#trouble.at) this.#trouble = undefined;
        return;
      } catch (error) {
        // Another process may have put a newer one in its place meanwhile, and cleared this one away.
        failure = error instanceof CatalogueRefusal ? error : unreadable(this.#cache.folder, error);
      }
    }
    if (failure !== undefined) this.#note('refused', failure.code, failure.message);
  }

  async #roots(): Promise<TrustedRoots | undefined> {
    const { rootFile } = this.#options;
    if (rootFile === undefined) return await this.#cache.trustedRoots(undefined);
    let given: Buffer;
    try {
      given = await readFile(rootFile);
    } catch (error) {
      throw new CatalogueRefusal('root', `The root in WAYBILL_CATALOGUE_ROOT (${rootFile}) cannot be read: ${(error as Error).message}.`, { cause: error });
    }
    return await this.#cache.trustedRoots(given);
  }

  async #read(current: Current, roots: TrustedRoots): Promise<Held> {
    const tree = await this.#cache.readTree(current, roots);
    // Whoever is in a wider ring than before has the rest at the next look, and works with what there is until then.
    const content = await readContent(tree, narrower(current.ring, this.#options.ring), async (target) => {
      const bytes = await this.#cache.target(target);
      if (bytes === undefined) throw changed(target.path);
      return bytes;
    });
    return { current, tree, content, files: await this.#cache.metadataFiles(path.join(this.#cache.folder, 'generations', current.generation)) };
  }

  #note(kind: 'refused' | 'stale', code: string, reason: string): void {
    if (this.#trouble?.reason !== reason) this.#options.log('warn', `The catalogue of ${this.#source}: ${reason}`);
    this.#trouble = { kind, code, reason, at: this.#iso() };
  }

  state(): CatalogueState {
    const held = this.#held;
    const source = this.#source;
    const trouble = this.#trouble;
    if (trouble?.kind === 'refused') return { state: 'refused', checkedAt: trouble.at, code: trouble.code, reason: trouble.reason, source };
    if (held === undefined) return { state: 'stale', checkedAt: trouble?.at ?? this.#iso(), since: trouble?.at ?? this.#iso(), reason: trouble?.reason ?? 'The catalogue has not been fetched yet.', source };
    const { checkedAt } = held.current;
    const expired = this.#expiredAt(held.tree);
    const reason = this.#clockTrouble() ?? trouble?.reason ?? (this.#options.source === undefined ? 'WAYBILL_CATALOGUE is not set; nothing newer is asked for.' : undefined);
    if (expired !== undefined) return { state: 'stale', checkedAt, since: expired, reason: reason ?? `What was verified last ran out on ${expired.slice(0, 10)} and has not been renewed since.`, source };
    return reason === undefined ? { state: 'fresh', checkedAt, source } : { state: 'stale', checkedAt, since: checkedAt, reason, source };
  }

  /** When the kept statement ran out, with the days that the policy grants; undefined while it has not. */
  #expiredAt(tree: Tree): string | undefined {
    const days = this.#held?.content.policy?.staleAfterDays ?? 0;
    const { expires } = tree.timestamp.signed;
    return this.#latest() >= Date.parse(expires) + days * 86_400_000 ? expires : undefined;
  }

  refresh(): Promise<CatalogueState> {
    this.#looking ??= this.#look().finally(() => { this.#looking = undefined; });
    return this.#looking;
  }

  async #look(): Promise<CatalogueState> {
    const { source } = this.#options;
    if (source === undefined) return this.state();
    let release: (() => Promise<void>) | undefined;
    try {
      release = await holdFolder(this.#cache.lockFile);
      if (release === undefined) {
        // Another process of this home is at it; what it keeps is read.
        await this.load();
        return this.state();
      }
      await this.#fetch(source);
    } catch (error) {
      await this.#fail(error);
    } finally {
      await release?.().catch((error: unknown) => { this.#options.log('warn', `The lock of the catalogue was not released: ${(error as Error).message}`); });
    }
    return this.state();
  }

  async #fetch(source: string): Promise<void> {
    const roots = await this.#roots();
    if (roots === undefined) throw new CatalogueRefusal('root', 'This site has no root to trust a catalogue by. Get the root file from central by a safe way and name it in WAYBILL_CATALOGUE_ROOT.');
    const held = this.#held;
    const result = await update({
      cache: this.#cache, base: sourceUrl(source), shown: shownSource(source), ring: this.#options.ring, roots, previous: held?.tree, previousFiles: held?.files ?? new Map(),
      now: this.#options.now(), timeoutMs: this.#options.timeoutMs ?? TIMEOUT_MS,
    });
    await this.#cache.keepGivenRoot(roots.roots[0]!.bytes);
    await this.#cache.keepRoots(result.roots.roots);
    // Read before it is kept: a template that is signed and cannot be read does not take the place of what works.
    const content = await readContent(result.tree, this.#options.ring, async (target) => await this.#cache.target(target) ?? Buffer.alloc(0));
    const current = await this.#cache.keep(result.files, { checkedAt: new Date(this.#latest()).toISOString(), source: shownSource(source), ring: this.#options.ring });
    this.#held = { current, tree: result.tree, content, files: result.files };
    if (this.#trouble !== undefined) this.#options.log('info', `The catalogue of ${this.#source} is in order.`);
    this.#trouble = undefined;
    await this.#cache.tidy(current, result.tree, neededTargets(result.tree, this.#options.ring));
  }

  /** Roots that were verified hold whatever became of the rest: a withdrawn key is never trusted again. */
  async #fail(error: unknown): Promise<void> {
    if (error instanceof UpdateFailed) {
      try {
        await this.#cache.keepGivenRoot(error.roots.roots[0]!.bytes);
        await this.#cache.keepRoots(error.roots.roots);
      } catch (failed) {
        return this.#fail(failed);
      }
    }
    const why = error instanceof UpdateFailed ? error.reason : error;
    const reason = why instanceof CatalogueRefusal ? why : notKept(why, this.#cache.folder) ?? why;
    if (reason instanceof CatalogueRefusal) this.#note('refused', reason.code, reason.message);
    // A kept copy that was changed stays the trouble of the site while nothing has taken its place.
    else if (this.#held !== undefined || this.#trouble?.code !== 'cache') this.#note('stale', 'unreachable', (reason as Error).message);
  }

  templates(): readonly PublishedTemplate[] {
    const now = this.#latest();
    return (this.#held?.content ?? nothing).templates.map((template) => asOfCustom(template, now));
  }

  template(id: string, version: string): PublishedTemplate | undefined {
    return this.templates().find(({ manifest }) => manifest.id === id && manifest.version === version);
  }

  services(): readonly PublishedService[] {
    return this.#services().all(this.#latest());
  }

  service(reference: string): PublishedService | undefined {
    return this.#services().one(reference, this.#latest());
  }

  /** Made once for what is held: calls ask for a service again and again. */
  #services(): HeldServices {
    const { services } = this.#held?.content ?? nothing;
    if (this.#ofServices?.of !== services) this.#ofServices = new HeldServices(services);
    return this.#ofServices;
  }

  contracts(): readonly Contract[] {
    return (this.#held?.content ?? nothing).contracts;
  }

  codeLists(): readonly CodeList[] {
    return (this.#held?.content ?? nothing).codeLists;
  }

  policy(): GatePolicy | undefined {
    return this.#held?.content.policy;
  }

  signing(): readonly RoleKeys[] {
    return this.#held === undefined ? [] : roleKeysOf(this.#held.tree);
  }

  owners(family: string): FamilyOwners | undefined {
    return this.#held === undefined ? undefined : familyOwnersOf(this.#held.tree.targets, family);
  }

  waivers(): readonly Waiver[] {
    const { site } = this.#options;
    return (this.#held?.content ?? nothing).waivers.filter(({ sites }) => site === undefined || sites.includes(site) || sites.includes('*'));
  }
}

/** What is in the home folder is no kept copy: a folder where a file should be, a name that is none. */
function unreadable(folder: string, error: unknown): CatalogueRefusal {
  return new CatalogueRefusal('cache', `The kept copy of the catalogue in ${folder} cannot be read (${(error as Error).message}), and is not used. Where the next look does not mend it, delete that folder: it is fetched anew.`, { cause: error });
}

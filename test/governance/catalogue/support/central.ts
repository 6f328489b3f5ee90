import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { makeFolder, publicFolder } from '../../../../src/governance/catalogue/publisher/folder.ts';
import type { Lifetimes, PublisherFolder } from '../../../../src/governance/catalogue/publisher/folder.ts';
import { draftRoles } from '../../../../src/governance/catalogue/publisher/folder.ts';
import { signDrafts } from '../../../../src/governance/catalogue/publisher/drafts.ts';
import { stageConstitution } from '../../../../src/governance/catalogue/publisher/owners.ts';
import { release } from '../../../../src/governance/catalogue/publisher/release.ts';
import type { Release } from '../../../../src/governance/catalogue/publisher/release.ts';
import { stageTemplate } from '../../../../src/governance/catalogue/publisher/stage.ts';
import { memorySigner } from '../../../../src/governance/signing/memory-signer.ts';
import type { Signer } from '../../../../src/governance/signing/signer.ts';
import type { TemplateManifest } from '../../../../src/governance/template/manifest.ts';
import { packTemplate } from '../../../../src/governance/template/pack.ts';
import { openSiteCatalogue } from '../../../../src/governance/catalogue/open.ts';
import type { SiteCatalogueOptions } from '../../../../src/governance/catalogue/open.ts';
import type { SiteCatalogue } from '../../../../src/governance/catalogue/site-catalogue.ts';
import type { Ring } from '../../../../src/governance/catalogue/target-custom.ts';

export const FAMILY = 'procure-to-pay';

/** A central IT with a catalogue of two families. */
export interface Central {
  readonly folder: PublisherFolder;
  readonly public: string;
  readonly rootFile: string;
  readonly board: readonly [Signer, Signer, Signer];
  readonly online: Signer;
  /** Operations, IT, finance; one of each has to sign procure-to-pay. */
  readonly owners: readonly [Signer, Signer, Signer];
  /** Two of them have to sign returns. */
  readonly returns: readonly [Signer, Signer, Signer];
  /** Two of operations, IT, finance; one of each has to sign order-to-cash. */
  readonly orders: readonly [Signer, Signer, Signer, Signer];
}

export const temporary = (name: string): string => mkdtempSync(path.join(tmpdir(), `waybill-${name}-`));

/** A packed template of a family; `mark` makes contents differ. */
export function packedTemplate(id: string, version: string, mark = ''): Buffer {
  const manifest: TemplateManifest = {
    id, version, family: id.split('/')[0] ?? '', title: 'Goods receipt', summary: 'Receives goods.', owner: 'Receiving', kind: 'flow',
    parameters: { type: 'object', properties: {} }, requires: { nodes: {} }, changelog: [{ version, date: '2026-11-01', changes: ['First.'] }],
  };
  const flow = [
    { id: 'a0000000000000a1', type: 'tab', label: 'Receiving', disabled: false, info: '' },
    { id: 'a0000000000000a2', type: 'function', z: 'a0000000000000a1', name: 'here', func: `return msg; // ${mark}`, outputs: 1, x: 100, y: 100, wires: [[]] },
  ];
  return Buffer.from(packTemplate({ folder: '', manifest, flow, readme: '# Goods receipt\n', tests: {} }).bytes);
}

/** Everybody signs what they may sign. */
export async function signAll(folder: PublisherFolder, signers: readonly Signer[]): Promise<void> {
  for (const signer of signers) await signDrafts(folder, await draftRoles(folder), signer);
}

export async function makeCentral(options: { readonly now?: number; readonly lifetimes?: Partial<Lifetimes>; readonly firstRing?: Ring | 'none' } = {}): Promise<Central> {
  const firstRing = options.firstRing === 'none' ? undefined : options.firstRing ?? 'all';
  const now = options.now ?? Date.now();
  const board = [memorySigner('Ada'), memorySigner('Bert'), memorySigner('Cleo')] as const;
  const online = memorySigner('catalogue server');
  const owners = [memorySigner('Olga', 'operations'), memorySigner('Ivan', 'it'), memorySigner('Fay', 'finance')] as const;
  const returns = [memorySigner('Rita'), memorySigner('Rob'), memorySigner('Ron')] as const;
  const orders = [memorySigner('Otto', 'operations'), memorySigner('Oona', 'operations'), memorySigner('Ines', 'it'), memorySigner('Finn', 'finance')] as const;
  const keys = (signers: readonly Signer[]) => signers.map((signer) => signer.publicKey);
  const folder = await makeFolder(path.join(temporary('central'), 'catalogue'), options.lifetimes ?? {}, (made) => stageConstitution(made, {
    board: { keys: keys(board), threshold: 2 }, online: online.publicKey,
    families: {
      [FAMILY]: { keys: keys(owners), threshold: 1, functions: ['operations', 'it', 'finance'], firstRing },
      returns: { keys: keys(returns), threshold: 2, firstRing },
      'order-to-cash': { keys: keys(orders), threshold: 3, functions: ['operations', 'it', 'finance'], firstRing },
    },
  }, now));
  await signAll(folder, board.slice(0, 2));
  await release(folder, online, now);
  return { folder, public: publicFolder(folder), rootFile: path.join(publicFolder(folder), 'metadata', '1.root.json'), board, online, owners, returns, orders };
}

/** Stages, signs by all owners of the family, and releases. */
export async function publishTemplate(central: Central, packed: Buffer, options: { readonly ring?: Ring; readonly now?: number } = {}): Promise<Release> {
  const now = options.now ?? Date.now();
  const { role } = await stageTemplate(central.folder, packed, { ring: options.ring ?? 'all', now });
  await signAll(central.folder, role === FAMILY ? central.owners : role === 'returns' ? central.returns : central.orders);
  return await release(central.folder, central.online, now);
}

/** A site of this central with a home of its own. */
export async function openSite(central: Pick<Central, 'public' | 'rootFile'>, options: Partial<SiteCatalogueOptions> = {}): Promise<SiteCatalogue & { readonly home: string; readonly said: string[] }> {
  const home = options.home ?? temporary('site');
  const said: string[] = [];
  const catalogue = await openSiteCatalogue({ home, source: central.public, rootFile: central.rootFile, ring: 'all', site: 'dc-1', now: Date.now, log: (_level, text) => { said.push(text); }, ...options });
  return Object.assign(catalogue, { home, said });
}

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { FlowNode } from '../gate/rules/flows.ts';
import { parseBoundedJson } from '../signing/bounded-json.ts';
import type { TemplateManifest } from '../template/manifest.ts';
import { LIMITS } from './limits.ts';
import { CatalogueRefusal } from './refusal.ts';

export interface PackedTemplate {
  readonly manifest: TemplateManifest;
  readonly flow: readonly FlowNode[];
  readonly readme: string;
  readonly contentHash: string;
}

/** @throws CatalogueRefusal `malformed` */
export function readPackedTemplate(bytes: Uint8Array): PackedTemplate {
  let packed: { manifest?: TemplateManifest; flow?: readonly FlowNode[]; readme?: string };
  try {
    packed = parseBoundedJson(bytes, { maxBytes: LIMITS.target, maxDepth: LIMITS.depth }) as typeof packed;
  } catch (error) {
    throw new CatalogueRefusal('malformed', `A packed template cannot be read: ${(error as Error).message}.`, { cause: error });
  }
  const { manifest, flow, readme } = packed ?? {};
  if (typeof manifest?.id !== 'string' || typeof manifest.version !== 'string' || !Array.isArray(flow) || typeof readme !== 'string') throw new CatalogueRefusal('malformed', 'A packed template has a manifest, a flow and a readme.');
  return { manifest, flow, readme, contentHash: `sha256:${createHash('sha256').update(JSON.stringify(flow)).digest('hex')}` };
}

/** Packs a template's folder. */
export async function packFolder(folder: string): Promise<Buffer> {
  const json = async (name: string): Promise<unknown> => JSON.parse(await readFile(path.join(folder, name), 'utf8')) as unknown;
  return Buffer.from(JSON.stringify({ manifest: await json('template.json'), flow: await json('flow.json'), readme: await readFile(path.join(folder, 'README.md'), 'utf8'), tests: [] }));
}

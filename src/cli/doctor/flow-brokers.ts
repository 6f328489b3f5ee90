import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Machine } from './machine.ts';

async function jsonIn(file: string): Promise<unknown> {
  const text = await readFile(file, 'utf8').catch(() => undefined); // not there, or not ours to read: then nothing is known of it
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The file of the flows that Node-RED runs; with projects enabled that of the active one. */
async function flowFile({ userDir, nodeRed }: Machine): Promise<string | undefined> {
  if (userDir === undefined) return undefined;
  const projects = await jsonIn(path.join(userDir, '.config.projects.json')) as { activeProject?: string } | undefined;
  const active = projects?.activeProject;
  if (typeof active === 'string' && /^[^/\\]+$/.test(active)) {
    const folder = path.join(userDir, 'projects', active);
    const manifest = await jsonIn(path.join(folder, 'package.json')) as { 'node-red'?: { settings?: { flowFile?: string } } } | undefined;
    return path.resolve(folder, manifest?.['node-red']?.settings?.flowFile ?? 'flows.json');
  }
  return path.resolve(userDir, nodeRed?.flowFile ?? 'flows.json');
}

/** Addresses that broker nodes of the deployed flows name themselves. */
export async function brokersOfFlows(machine: Machine): Promise<readonly string[]> {
  const file = await flowFile(machine);
  const flows = file === undefined ? undefined : await jsonIn(file);
  if (!Array.isArray(flows)) return [];
  const urls = (flows as { type?: unknown; url?: unknown; d?: unknown }[])
    .filter((node) => node.type === 'waybill-broker' && node.d !== true && typeof node.url === 'string' && node.url !== '').map((node) => node.url as string);
  return [...new Set(urls)];
}

import { readFileSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Json } from '../../domain/json.ts';
import type { FlowNode } from '../gate/rules/flows.ts';
import { manifestProblems } from './check-manifest.ts';
import type { TemplateManifest } from './manifest.ts';
import { TemplateError } from './template-error.ts';

/** A template as its author has it. */
export interface TemplateFolder {
  readonly folder: string;
  readonly manifest: TemplateManifest;
  /** As it stands in `flow.json`: an export of the editor. */
  readonly flow: readonly FlowNode[];
  readonly readme: string;
  /** By file name. */
  readonly tests: Readonly<Record<string, Json>>;
}

/** Names of files with scenarios. */
export const TEST_FILE = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}\.json$/;

function read(folder: string, name: string): string {
  const file = path.join(folder, name);
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new TemplateError('unreadable', code === 'ENOENT' ? `${file} is missing.` : `${file} cannot be read: ${(error as Error).message}`, [], { cause: error });
  }
}

function json(folder: string, name: string): Json {
  try {
    // Some editors of texts put a mark at the beginning that JSON does not know.
    return JSON.parse(read(folder, name).replace(/^\uFEFF/, '')) as Json;
  } catch (error) {
    if (error instanceof TemplateError) throw error;
    throw new TemplateError('unreadable', `${path.join(folder, name)} is no JSON: ${(error as Error).message}`, [], { cause: error });
  }
}

/** An export of the editor: a list, or an object that has it as `flows`. @throws TemplateError `wrong-flow` */
function nodesIn(value: Json, file: string): readonly FlowNode[] {
  const nodes = Array.isArray(value) ? value as readonly Json[] : (value as { readonly flows?: Json } | null)?.flows;
  if (!Array.isArray(nodes) || nodes.some((node: unknown) => typeof (node as FlowNode | null)?.id !== 'string' || typeof (node as FlowNode).type !== 'string')) {
    throw new TemplateError('wrong-flow', `${file} is no export of Node-RED; it must be a list of nodes, each with id and type.`);
  }
  return nodes as unknown as readonly FlowNode[];
}

/** Reads an export of the editor. @throws TemplateError `unreadable`, `wrong-flow` */
export function readExport(file: string): readonly FlowNode[] {
  return nodesIn(json(path.dirname(file), path.basename(file)), file);
}

/**
 * Reads a template's folder: `template.json`, `flow.json`, `README.md` and what `tests/` holds.
 * @throws TemplateError `unreadable`, `wrong-manifest`, `wrong-flow`
 */
export function readTemplateFolder(folder: string): TemplateFolder {
  const manifest = json(folder, 'template.json');
  const wrong = manifestProblems(manifest);
  if (wrong.length > 0) throw new TemplateError('wrong-manifest', `${path.join(folder, 'template.json')} cannot be used.`, wrong);
  const tests = path.join(folder, 'tests');
  const names = statSync(tests, { throwIfNoEntry: false })?.isDirectory() === true ? readdirSync(tests).filter((name) => name.endsWith('.json')).sort() : [];
  const odd = names.find((name) => !TEST_FILE.test(name));
  if (odd !== undefined) throw new TemplateError('unreadable', `${path.join(tests, odd)}: name it with letters, digits, dots, dashes and underscores.`);
  return {
    folder, manifest: manifest as unknown as TemplateManifest,
    flow: nodesIn(json(folder, 'flow.json'), path.join(folder, 'flow.json')),
    readme: statSync(path.join(folder, 'README.md'), { throwIfNoEntry: false }) === undefined ? '' : read(folder, 'README.md'),
    tests: Object.fromEntries(names.map((name) => [name, json(tests, name)])),
  };
}

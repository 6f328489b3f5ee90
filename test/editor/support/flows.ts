import { globSync, readdirSync } from 'node:fs';
import path from 'node:path';

import { read, ROOT } from './sources.ts';

/** A node, tab, group or config node as a flow file holds it. */
export interface FlowNode extends Readonly<Record<string, unknown>> {
  readonly id: string;
  readonly type: string;
  readonly z?: string;
  readonly x?: number;
  readonly y?: number;
  readonly wires?: readonly (readonly string[])[];
}

/** Flow files that the package offers, by path below the root. */
export function flowFiles(): string[] {
  return ['examples', 'flows'].flatMap((folder) =>
    readdirSync(path.join(ROOT, folder))
      .filter((file) => file.endsWith('.json'))
      .sort()
      .map((file) => `${folder}/${file}`),
  );
}

/** Flows of the templates that the package brings, by path below the root. */
export function templateFlowFiles(): string[] {
  return globSync('templates/*/*/flow.json', { cwd: ROOT }).map((file) => file.replaceAll(path.sep, '/')).sort();
}

export function flowOf(file: string): FlowNode[] {
  return JSON.parse(read(file)) as FlowNode[];
}

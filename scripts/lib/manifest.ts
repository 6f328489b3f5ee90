import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { browserPlugins, nodeNames, runtimePlugins } from './entry-points.ts';
import { ROOT } from './paths.ts';

/** What package.json tells Node-RED to load, by set name: path below the package root. */
export interface NodeRedManifest {
  readonly nodes: Readonly<Record<string, string>>;
  readonly plugins: Readonly<Record<string, string>>;
}

/** The parts of package.json that the scripts read. */
export interface PackageJson {
  readonly name: string;
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly 'node-red': NodeRedManifest & { readonly version: string };
}

/** Reads package.json; throws when it is missing or no JSON. */
export function readPackageJson(root: string = ROOT): PackageJson {
  return JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as PackageJson;
}

/** Node-RED shows a package's nodes in the order of its manifest: as a case passes them. What is new comes last. */
const PALETTE_ORDER: readonly string[] = [
  'site', 'directory', 'calendar', 'broker', 'opcua-endpoint', 'system',
  'scan-in', 'plc-in', 'sparkplug-in', 'event-in', 'service-in', 'file-in', 'queue-in', 'case-open', 'validate', 'decision', 'approval', 'escalation', 'parallel', 'gather', 'wait-until', 'wait-for-event',
  'retry', 'call', 'erp', 'wms', 'plc-out', 'event-out', 'exception', 'audit', 'notify', 'compensate', 'service-out', 'case-close',
];

function inPaletteOrder(names: readonly string[]): string[] {
  const place = (name: string): number => (PALETTE_ORDER.includes(name) ? PALETTE_ORDER.indexOf(name) : PALETTE_ORDER.length);
  return [...names].sort((a, b) => place(a) - place(b) || a.localeCompare(b));
}

/** The manifest that the folders call for. */
export function expectedManifest(root: string = ROOT): NodeRedManifest {
  const plugins = new Map<string, string>();
  for (const entry of browserPlugins(root)) {
    plugins.set(path.posix.basename(entry.target), `dist/${entry.target}.html`);
  }
  for (const entry of runtimePlugins(root)) {
    plugins.set(path.posix.basename(entry.target), `dist/${entry.target}.cjs`);
  }
  return {
    nodes: Object.fromEntries(inPaletteOrder(nodeNames(root)).map((name) => [name, `dist/nodes/${name}/${name}.js`])),
    plugins: Object.fromEntries([...plugins].sort(([a], [b]) => a.localeCompare(b))),
  };
}

/** What differs between package.json and the folders, one sentence each; empty when they agree. */
export function manifestDifferences(root: string = ROOT): string[] {
  const actual = readPackageJson(root)['node-red'];
  const expected = expectedManifest(root);
  return (['nodes', 'plugins'] as const).flatMap((kind) => {
    const names = new Set([...Object.keys(actual[kind]), ...Object.keys(expected[kind])]);
    return [...names].sort().flatMap((name) => {
      const [is, should] = [actual[kind][name], expected[kind][name]];
      return is === should ? [] : [`node-red.${kind}.${name} is ${is ?? 'missing'}, should be ${should ?? 'absent'}`];
    });
  });
}

/** Writes the expected lists into package.json. Plugins come in name order, nodes in the palette's. */
export function writeManifest(root: string = ROOT): void {
  const file = path.join(root, 'package.json');
  const json = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown> & PackageJson;
  const updated = { ...json, 'node-red': { ...json['node-red'], ...expectedManifest(root) } };
  writeFileSync(file, `${JSON.stringify(updated, null, 2)}\n`);
}

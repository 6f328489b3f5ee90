import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { judgedNodes } from '../../governance/gate/content.ts';
import { takeBaseline } from '../../governance/gate/rules/baseline.ts';
import { readFlows } from '../../governance/gate/rules/read-flows.ts';
import { runRules } from '../../governance/gate/rules/run.ts';
import { GateStore } from '../../governance/gate/store.ts';
import type { NodeRedSettings } from '../doctor/machine.ts';

async function json(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Where the flows lie: in the user folder, or in the active project. */
async function flowFile(userDir: string, { projects, flowFile: named }: NodeRedSettings): Promise<string> {
  const file = named ?? 'flows.json';
  if (!projects) return path.resolve(userDir, file);
  const { activeProject } = (await json(path.join(userDir, '.config.projects.json')) ?? {}) as { readonly activeProject?: unknown };
  if (typeof activeProject !== 'string') return path.resolve(userDir, file);
  const folder = path.join(userDir, 'projects', activeProject);
  const manifest = (await json(path.join(folder, 'package.json')) ?? {}) as { readonly 'node-red'?: { readonly settings?: { readonly flowFile?: unknown } } };
  const own = manifest['node-red']?.settings?.flowFile;
  return path.join(folder, typeof own === 'string' ? own : file);
}

/**
 * Takes the baseline of a site that adopts Waybill: what its flows breach today is admitted from here on. One that is
 * there stays. @returns what to say of it; undefined when there are no flows yet
 */
export async function takeSiteBaseline(userDir: string, home: string, settings: NodeRedSettings, site: string | undefined): Promise<string | undefined> {
  const store = new GateStore(home);
  if (await store.baseline() !== undefined) return undefined;
  const nodes = judgedNodes(await json(await flowFile(userDir, settings)));
  if (nodes === undefined) return undefined;
  const now = new Date().toISOString();
  const findings = runRules(readFlows(nodes), { now, ...(site === undefined ? {} : { site }) });
  const baseline = takeBaseline(findings, now);
  await store.keepBaseline(baseline);
  return baseline.findings.length === 0
    ? 'The flows of today break no rule of the deploy gate.'
    : `The flows of today break rules of the deploy gate in ${baseline.findings.length} ${baseline.findings.length === 1 ? 'place' : 'places'}. These are admitted from here on (${store.folder}/baseline.json); what comes to them is not. See Findings in the tab "Waybill: templates" of the sidebar.`;
}

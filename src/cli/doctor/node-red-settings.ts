import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import type { NodeRedSettings } from './machine.ts';

const run = promisify(execFile);
const mark = '\u0001waybill-settings:';

/** Runs in a process of its own: settings.js is a program, and what it does must not happen here. */
const reader = `
const settings = require(process.argv[1]);
const text = (value) => (typeof value === 'string' ? value : undefined);
const { home, site, enterprise, legalEntity, publicUrl, mqttUrl, erpUrl, gate, catalogue, catalogueRoot, ring } = settings.waybill ?? {};
process.stdout.write(${JSON.stringify(mark)} + JSON.stringify({
  waybill: settings.waybill === undefined ? undefined : { home: text(home), site: text(site), enterprise: text(enterprise), legalEntity: text(legalEntity), publicUrl: text(publicUrl), mqttUrl: text(mqttUrl), erpUrl: text(erpUrl), gate: text(gate), catalogue: text(catalogue), catalogueRoot: text(catalogueRoot), ring: text(ring) },
  uiHost: text(settings.uiHost), uiPort: Number(settings.uiPort) || undefined,
  httpNodeRoot: settings.httpRoot === false || settings.httpNodeRoot === false ? false : text(settings.httpNodeRoot ?? settings.httpRoot),
  httpNodeAuth: Boolean(settings.httpNodeAuth ?? settings.httpAuth), https: Boolean(settings.https), adminAuth: Boolean(settings.adminAuth), storageModule: Boolean(settings.storageModule), httpAdminMiddleware: Boolean(settings.httpAdminMiddleware), projects: Boolean(settings.editorTheme?.projects?.enabled), flowFile: text(settings.flowFile),
}), () => process.exit(0));
`;

/**
 * What of a user folder's settings.js matters to Waybill. `settings` is undefined when there is no file, with
 * `problem` when it does not load. @param file by default the folder's settings.js
 */
export async function readNodeRedSettings(userDir: string, file: string = path.join(userDir, 'settings.js')): Promise<{ readonly settings?: NodeRedSettings; readonly problem?: string }> {
  if (!existsSync(file)) return {};
  try {
    const { stdout } = await run(process.execPath, ['-e', reader, file], { cwd: userDir, timeout: 3_000, encoding: 'utf8', maxBuffer: 4 * 1_048_576 });
    const at = stdout.lastIndexOf(mark);
    if (at < 0) return { problem: `${file} ended the process before it gave its settings.` };
    return { settings: JSON.parse(stdout.slice(at + mark.length)) as NodeRedSettings };
  } catch (error) {
    const { stderr, killed, message } = error as { stderr?: string; killed?: boolean; message: string };
    if (killed === true) return { problem: `${file} takes longer than 3 seconds to load.` };
    const line = (stderr ?? '').split('\n').find((each) => /Error\b/.test(each)) ?? message.split('\n')[0] ?? '';
    return { problem: `${file} does not load: ${line.trim()}` };
  }
}

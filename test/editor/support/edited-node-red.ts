import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { bareNodeRed } from '../../house/support/installations.ts';
import { startBareNodeRed } from '../../support/bare-node-red.ts';
import type { BareNodeRed } from '../../support/bare-node-red.ts';
import { needs } from '../../support/system-programs.ts';
import { ROOT } from './sources.ts';

/** A Node-RED with this package as it is built now, and the browser in which its editor is tried. */
export interface EditedNodeRed extends BareNodeRed {
  /** Path of the browser, for `openEditor`. */
  readonly executable: string;
}

export interface EditedNodeRedOptions {
  /** Of Node-RED; the one of this repository when absent. */
  readonly version?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Starts one in a folder of its own, which goes when it is stopped. Call it first in `before(async function () {…})`: it
 * skips the tests where there is no browser.
 */
export async function startEditedNodeRed(ctx: Mocha.Context, { version, env = {} }: EditedNodeRedOptions = {}): Promise<EditedNodeRed> {
  const executable = needs(ctx, 'chromium');
  execFileSync(process.execPath, ['scripts/build.ts', '--if-stale'], { cwd: ROOT, stdio: 'pipe' });
  const userDir = mkdtempSync(path.join(tmpdir(), 'waybill-edited-'));
  const forget = (): void => { rmSync(userDir, { recursive: true, force: true }); };
  try {
    const nodeRed = await startBareNodeRed({
      nodeRed: version === undefined ? path.join(ROOT, 'node_modules/node-red') : await bareNodeRed(version), userDir, env,
      // The page would ask the internet for them.
      settings: { nodesDir: ROOT, editorTheme: { tours: false, palette: { catalogues: [] } }, telemetry: { enabled: false, updateNotification: false } },
    });
    const stop = async (): Promise<number | null> => {
      const code = await nodeRed.stop();
      forget();
      return code;
    };
    return { ...nodeRed, executable, stop };
  } catch (error) {
    forget();
    throw error;
  }
}

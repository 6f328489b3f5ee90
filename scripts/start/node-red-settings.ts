import { randomBytes } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { DIST, ROOT } from '../lib/paths.ts';

function credentialSecret(home: string): string {
  const path = join(home, 'keys', 'node-red-credentials.key');
  if (!existsSync(path)) {
    mkdirSync(join(home, 'keys'), { recursive: true, mode: 0o700 });
    writeFileSync(path, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600, flag: 'wx', flush: true });
  }
  return readFileSync(path, 'utf8').trim();
}

/** A module for settings.js, as the package ships it. */
function shipped<T>(name: string): T {
  return createRequire(import.meta.url)(join(DIST, 'settings', `${name}.cjs`)) as T;
}

interface SettingsModule { (): object; passwordGrant(): object }

/**
 * Settings of the Node-RED that `npm start` runs; a new home gets the receiving flow. The editor takes the
 * sign-in of Waybill (docs/decisions/0022-editor-sign-in.md). `prefix` is the path of WAYBILL_PUBLIC_URL.
 */
export function nodeRedSettings(home: string, prefix: string): Record<string, unknown> {
  const editorSignIn = shipped<SettingsModule>('editor-sign-in');
  const userDir = join(home, 'node-red');
  mkdirSync(userDir, { recursive: true });
  const flowFile = 'flows.json';
  if (!existsSync(join(userDir, flowFile))) copyFileSync(join(ROOT, 'flows/receiving.json'), join(userDir, flowFile));
  return {
    userDir, flowFile, flowFilePretty: true, credentialSecret: credentialSecret(home),
    nodesDir: [ROOT], httpAdminRoot: `${prefix}/`, httpNodeRoot: `${prefix}/`, nodeCloseTimeout: 15_000,
    logging: { console: { level: 'warn', metrics: false, audit: false } },
    paletteCategories: ['subflows', 'waybill', 'common', 'function', 'network', 'sequence', 'parser', 'storage'],
    telemetry: { enabled: false, updateNotification: false },
    editorTheme: { tours: false, projects: { enabled: false }, library: { sources: [{ id: 'waybill', type: 'waybill-catalogue', label: 'Waybill', icon: 'fa fa-archive' }] }, page: { title: 'Waybill · Node-RED' }, header: { title: 'Waybill' }, logout: { redirect: `${prefix}/waybill/sign-out` } },
    adminAuth: editorSignIn(), storageModule: shipped('storage'), httpAdminMiddleware: [editorSignIn.passwordGrant(), shipped<() => unknown>('gate')()],
    diagnostics: { enabled: false, ui: false },
    runtimeState: { enabled: false, ui: false },
  };
}

import { randomBytes } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../lib/paths.ts';

function credentialSecret(home: string): string {
  const path = join(home, 'keys', 'node-red-credentials.key');
  if (!existsSync(path)) {
    mkdirSync(join(home, 'keys'), { recursive: true, mode: 0o700 });
    writeFileSync(path, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600, flag: 'wx', flush: true });
  }
  return readFileSync(path, 'utf8').trim();
}

/** Signs people in to the editor with their Waybill accounts; engineers and administrators may change flows. */
export interface EditorSignIn { readonly find: (name: string) => Promise<readonly string[] | undefined>; readonly check: (name: string, password: string) => Promise<readonly string[] | undefined> }

function adminAuth(signIn: EditorSignIn): object {
  const user = (name: string, roles: readonly string[] | undefined): object | null =>
    (roles === undefined ? null : { username: name, permissions: roles.includes('admin') || roles.includes('engineer') ? '*' : 'read' });
  return {
    type: 'credentials',
    users: async (name: string) => user(name, await signIn.find(name)),
    authenticate: async (name: string, password: string) => user(name, await signIn.check(name, password)),
  };
}

/** Settings of the Node-RED that `npm start` runs; a new home gets the receiving flow. Without `signIn` the editor is open: only on loopback. */
export function nodeRedSettings(home: string, signIn: EditorSignIn | undefined): Record<string, unknown> {
  const userDir = join(home, 'node-red');
  mkdirSync(userDir, { recursive: true });
  const flowFile = 'flows.json';
  if (!existsSync(join(userDir, flowFile))) copyFileSync(join(ROOT, 'flows/receiving.json'), join(userDir, flowFile));
  return {
    userDir, flowFile, flowFilePretty: true, credentialSecret: credentialSecret(home),
    nodesDir: [ROOT], httpAdminRoot: '/', httpNodeRoot: '/', nodeCloseTimeout: 15_000,
    logging: { console: { level: 'warn', metrics: false, audit: false } },
    paletteCategories: ['subflows', 'waybill', 'common', 'function', 'network', 'sequence', 'parser', 'storage'],
    telemetry: { enabled: false, updateNotification: false },
    editorTheme: { tours: false, projects: { enabled: false }, page: { title: 'Waybill · Node-RED' }, header: { title: 'Waybill' } },
    ...(signIn === undefined ? {} : { adminAuth: adminAuth(signIn) }),
    diagnostics: { enabled: false, ui: false },
    runtimeState: { enabled: false, ui: false },
  };
}

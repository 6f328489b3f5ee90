import { accessSync, constants, existsSync, globSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** Programs of the operating system that some tests run against. `.ci/run` installs them from Debian; the servers of open62541 are built (scripts/lib/test-peers.ts). */
export type SystemProgram = 'chromium' | 'mosquitto' | 'go' | 'openssl' | 'open62541' | 'open62541-alarms' | 'trytond' | 'sshd' | 'ssh-keygen' | 'postgres' | 'initdb' | 'mariadbd' | 'mariadb-install-db' | 'spyne' | 'rabbitmq-server';

const NAMES: Readonly<Record<SystemProgram, readonly string[]>> = {
  chromium: ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'],
  mosquitto: ['mosquitto'],
  go: ['go'],
  openssl: ['openssl'],
  trytond: ['trytond'],
  sshd: ['sshd'],
  'ssh-keygen': ['ssh-keygen'],
  postgres: ['postgres'],
  initdb: ['initdb'],
  mariadbd: ['mariadbd'],
  'mariadb-install-db': ['mariadb-install-db'],
  spyne: [],
  'rabbitmq-server': ['rabbitmq-server'],
  open62541: [],
  'open62541-alarms': [],
};

const BUILT: Partial<Record<SystemProgram, string>> = {
  'open62541': fileURLToPath(new URL('../../node_modules/.cache/waybill/open62541/server', import.meta.url)),
  'open62541-alarms': fileURLToPath(new URL('../../node_modules/.cache/waybill/open62541/alarms', import.meta.url)),
};

// Debian puts daemons into /usr/sbin, which is not on the PATH of an ordinary account.
const EXTRA_FOLDERS: readonly string[] = ['/usr/sbin', '/usr/local/sbin', '/usr/local/go/bin', ...globSync('/usr/lib/postgresql/*/bin')];

/**
 * The program's absolute path, for a test that cannot run without it.
 *
 * When it is not installed the test is skipped, or fails when `WAYBILL_REQUIRE_ALL=1` is set; either
 * way this function does not return. Call it first in `before(function () {…})` or `it(…, function () {…})`.
 *
 * @param ctx the mocha context, `this` of the test function
 */
export function needs(ctx: Mocha.Context, program: SystemProgram): string {
  const found = find(program);
  if (found !== undefined) {
    return found;
  }
  if (process.env['WAYBILL_REQUIRE_ALL'] === '1') {
    throw new Error(`${program} is not installed, and WAYBILL_REQUIRE_ALL=1 asks for every test`);
  }
  return ctx.skip();
}

/** Looks the program up on the PATH and in Debian's folders for daemons; `undefined` when it is not there. */
export function find(program: SystemProgram): string | undefined {
  if (program === 'spyne') return existsSync('/usr/lib/python3/dist-packages/spyne') ? '/usr/bin/python3' : undefined;
  const built = BUILT[program];
  if (built !== undefined) return isExecutable(built) ? built : undefined;
  const folders = program === 'rabbitmq-server' ? globSync('/usr/lib/rabbitmq/lib/*/sbin') : [...(process.env['PATH'] ?? '').split(path.delimiter), ...EXTRA_FOLDERS].filter((folder) => folder !== '');
  return NAMES[program].flatMap((name) => folders.map((folder) => path.join(folder, name))).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch (error) {
    if (error instanceof Error && 'code' in error) {
      return false;
    }
    throw error;
  }
}

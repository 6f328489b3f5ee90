import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { placeFrom, settingsFromEnvironment } from '../../engine/settings.ts';
import { ledgerFiles } from '../../ledger/sqlite/files.ts';
import { glanceAtLedger } from '../../ledger/sqlite/glance.ts';
import type { Machine, NodeRedSettings, WebAddress } from './machine.ts';
import { readNodeRedSettings } from './node-red-settings.ts';

/** What the command line says. */
export interface GatherOptions {
  readonly home?: string | undefined;
  readonly userDir?: string | undefined;
  readonly ntp?: string | undefined;
}

const packageFolder = 'node_modules/@waybill/node-red';

/**
 * Which Node-RED is meant: the one named; else, where nothing names a home, the current folder or
 * ~/.node-red when the package is installed there; else that of `npm start`.
 */
function ownUserDir(options: GatherOptions, env: NodeJS.ProcessEnv, cwd: string): string | undefined {
  if (options.userDir !== undefined) return path.resolve(cwd, options.userDir);
  if (options.home !== undefined || env['WAYBILL_HOME'] || existsSync(path.join(cwd, '.waybill', 'ledger.db'))) return undefined;
  return [cwd, path.join(homedir(), '.node-red')].find((folder) => existsSync(path.join(folder, packageFolder)) && existsSync(path.join(folder, 'settings.js')));
}

function startAddress(env: NodeJS.ProcessEnv): WebAddress {
  return { host: env['HOST'] || '127.0.0.1', port: Number(env['PORT'] || 1880), secure: Boolean(env['WAYBILL_TLS_CERT']), path: '/waybill' };
}

function nodeRedAddress(settings: NodeRedSettings | undefined, env: NodeJS.ProcessEnv): WebAddress {
  if (settings?.httpNodeRoot === false || settings?.httpNodeAuth === true) {
    return { host: '127.0.0.1', port: Number(env['WAYBILL_WEB_PORT'] || 1882), secure: false, path: '/waybill' };
  }
  const root = (settings?.httpNodeRoot ?? '/').replace(/^\/?/, '/').replace(/\/+$/, '');
  return { host: settings?.uiHost ?? '0.0.0.0', port: settings?.uiPort ?? Number(env['PORT'] || 1880), secure: settings?.https ?? false, path: `${root}/waybill` };
}

/** Collects what the checks look at. Reads only. */
export async function gather(options: GatherOptions, env: NodeJS.ProcessEnv, cwd: string): Promise<Machine> {
  const own = ownUserDir(options, env, cwd);
  const read = own === undefined ? undefined : await readNodeRedSettings(own);
  const given = read?.settings?.waybill ?? {};
  const fromEnvironment = settingsFromEnvironment(env, own ?? cwd);
  const home = options.home === undefined ? path.resolve(own ?? cwd, given.home ?? fromEnvironment.home) : path.resolve(cwd, options.home);
  const startUserDir = path.join(home, 'node-red');
  const mqttUrl = given.mqttUrl ?? fromEnvironment.mqttUrl;
  const files = ledgerFiles({ home });
  const pid = Number(await readFile(`${files.database}.pid`, 'utf8').catch(() => ''));
  return {
    env, mode: own === undefined ? 'start' : 'node-red', home,
    userDir: own ?? (existsSync(startUserDir) ? startUserDir : undefined),
    nodeRed: read?.settings, settingsProblem: read?.problem,
    site: given.site ?? fromEnvironment.site, enterprise: given.enterprise ?? fromEnvironment.enterprise,
    publicUrl: given.publicUrl ?? fromEnvironment.publicUrl, mqttUrl, erpUrl: given.erpUrl ?? fromEnvironment.erpUrl,
    catalogue: given.catalogue ? placeFrom(given.catalogue, own ?? cwd) : fromEnvironment.catalogue, catalogueRoot: given.catalogueRoot ? path.resolve(own ?? cwd, given.catalogueRoot) : fromEnvironment.catalogueRoot,
    ring: given.ring ?? fromEnvironment.ring,
    web: own === undefined ? startAddress(env) : nodeRedAddress(read?.settings, env),
    broker: own === undefined && mqttUrl === undefined ? { host: env['WAYBILL_MQTT_HOST'] || '127.0.0.1', port: Number(env['WAYBILL_MQTT_PORT'] || 1883) } : undefined,
    ...ledgerOf(files), ledgerPid: Number.isInteger(pid) && pid > 0 ? pid : undefined, ntp: options.ntp,
  };
}

function ledgerOf(files: ReturnType<typeof ledgerFiles>): Pick<Machine, 'ledger' | 'ledgerProblem'> {
  if (!existsSync(files.database)) return { ledger: undefined, ledgerProblem: undefined };
  try {
    return { ledger: glanceAtLedger(files), ledgerProblem: undefined };
  } catch (error) {
    return { ledger: undefined, ledgerProblem: error instanceof Error ? error.message : String(error) };
  }
}

import type { LedgerGlance } from '../../ledger/sqlite/glance.ts';

/** What is to be looked at: gathered once, before the checks run. */
export interface Machine {
  readonly env: NodeJS.ProcessEnv;
  /** `start`: as `npm start` runs it · `node-red`: in a Node-RED of the user's own. */
  readonly mode: 'start' | 'node-red';
  readonly home: string;
  /** Node-RED's user folder; undefined while there is none. */
  readonly userDir: string | undefined;
  /** What of Node-RED's settings.js matters; undefined in mode `start`, or when it does not load (`settingsProblem`). */
  readonly nodeRed: NodeRedSettings | undefined;
  /** Why settings.js does not load, in one sentence. */
  readonly settingsProblem: string | undefined;
  readonly site: string;
  readonly enterprise: string;
  readonly publicUrl: string | undefined;
  readonly mqttUrl: string | undefined;
  readonly erpUrl: string | undefined;
  /** Source and root of the catalogue of templates, and the ring, as they are set. */
  readonly catalogue: string | undefined;
  readonly catalogueRoot: string | undefined;
  readonly ring: string | undefined;
  /** Where the pages are, as they are configured. */
  readonly web: WebAddress;
  /** The embedded broker of `npm start`; undefined with a broker outside, and in a Node-RED of the user's own. */
  readonly broker: { readonly host: string; readonly port: number } | undefined;
  /** Ledger of the home; undefined while there is none or it cannot be read (`ledgerProblem`). */
  readonly ledger: LedgerGlance | undefined;
  readonly ledgerProblem: string | undefined;
  /** Id of the process that holds the ledger, as it wrote it; it may have ended. */
  readonly ledgerPid: number | undefined;
  /** NTP server to ask for the time. */
  readonly ntp: string | undefined;
}

export interface WebAddress {
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
  /** Begins with a slash, ends without: `/waybill`. */
  readonly path: string;
}

/** What is read from settings.js; functions and secrets stay where they are. */
export interface NodeRedSettings {
  readonly waybill?: { readonly home?: string; readonly site?: string; readonly enterprise?: string; readonly legalEntity?: string; readonly publicUrl?: string; readonly mqttUrl?: string; readonly erpUrl?: string; readonly gate?: string; readonly catalogue?: string; readonly catalogueRoot?: string; readonly ring?: string };
  readonly uiHost?: string;
  readonly uiPort?: number;
  readonly httpNodeRoot?: string | false;
  readonly httpNodeAuth: boolean;
  readonly https: boolean;
  readonly adminAuth: boolean;
  readonly storageModule: boolean;
  readonly httpAdminMiddleware: boolean;
  readonly projects: boolean;
  readonly flowFile?: string;
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || host.startsWith('127.');
}

/** Listens on every address of the machine. */
export function isEverywhere(host: string): boolean {
  return host === '0.0.0.0' || host === '::' || host === '';
}

/** Address under which this machine itself reaches what listens on `host`. */
export function localHost(host: string): string {
  return isEverywhere(host) ? '127.0.0.1' : host;
}

/** `host:port` in the form that a URL takes. */
export function hostPort(host: string, port: number): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

import path from 'node:path';
import { ROOT } from '../../../../scripts/lib/paths.ts';
import { bareNodeRed } from '../../../house/support/installations.ts';
import { startBareNodeRed } from '../../../support/bare-node-red.ts';
import type { BareNodeRed } from '../../../support/bare-node-red.ts';
import { DatabaseSync } from 'node:sqlite';

export interface Gated extends BareNodeRed {
  /** Posts or puts JSON to the admin API. */
  send(method: string, pathname: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<{ readonly status: number; readonly body: Answer }>;
  /** Deploys as the editor does. */
  deploy(flows: readonly object[], type?: string): Promise<{ readonly status: number; readonly body: Answer }>;
  flows(): Promise<readonly FlowNodeJson[]>;
  /** Types of the events in the ledger, read beside the running engine. */
  events(type: string): readonly { readonly [field: string]: unknown }[];
}

export interface FlowNodeJson { readonly id: string; readonly type: string; readonly [property: string]: unknown }

interface Answer {
  readonly code?: string; readonly message?: string; readonly rev?: string;
  readonly remote?: { readonly findings: readonly { readonly rule: string; readonly node?: { readonly id: string }; readonly yours: boolean }[]; readonly truncated: boolean };
}

const module = (name: string): string => JSON.stringify(path.join(ROOT, `dist/settings/${name}.cjs`));

export interface GatedOptions {
  readonly version: string;
  readonly userDir: string;
  /** Which of the two layers; default both. */
  readonly layers?: readonly ('storage' | 'gate')[];
  readonly env?: Readonly<Record<string, string>>;
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly expressions?: Readonly<Record<string, string>>;
}

/** A Node-RED whose settings.js has the gate, as `waybill init` writes it. */
export async function startGated({ version, userDir, layers = ['storage', 'gate'], env = {}, settings = {}, expressions = {} }: GatedOptions): Promise<Gated> {
  const nodeRed = await startBareNodeRed({
    nodeRed: await bareNodeRed(version), userDir, ready: /Started flows|safe mode/i, settings: { nodesDir: ROOT, ...settings }, env: { WAYBILL_ERP_URL: 'http://127.0.0.1:9', ...env },
    expressions: {
      ...(layers.includes('storage') ? { storageModule: `require(${module('storage')})` } : {}), ...(layers.includes('gate') ? { httpAdminMiddleware: `require(${module('gate')})()` } : {}), ...expressions,
    },
  });
  const send: Gated['send'] = async (method, pathname, body, headers = {}) => {
    const response = await fetch(`${nodeRed.baseUrl}${pathname}`, { method, headers: { 'content-type': 'application/json', ...headers }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    const text = await response.text();
    return { status: response.status, body: (text.startsWith('{') ? JSON.parse(text) : {}) as Answer };
  };
  return {
    ...nodeRed, send,
    deploy: (flows, type = 'full') => send('POST', '/flows', { flows }, { 'node-red-api-version': 'v2', 'node-red-deployment-type': type }),
    flows: async () => await nodeRed.json('/flows') as readonly FlowNodeJson[],
    events: (type) => eventsIn(path.join(userDir, 'waybill-home'), type),
  };
}

export function eventsIn(home: string, type: string): readonly { readonly [field: string]: unknown }[] {
  const database = new DatabaseSync(path.join(home, 'ledger.db'), { readOnly: true });
  try {
    return database.prepare('SELECT leaf FROM events ORDER BY position').all()
      .map(({ leaf }) => JSON.parse(Buffer.from(leaf as Uint8Array).toString('utf8')) as { type: string; data: { [field: string]: unknown } })
      .filter((event) => event.type === type || event.type.startsWith(`${type}@`)).map(({ data }) => data);
  } finally {
    database.close();
  }
}

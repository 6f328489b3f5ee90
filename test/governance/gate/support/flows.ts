import type { FlowNodeJson } from './gated-node-red.ts';

/** A tab that answers at an address with a text: what runs can be asked. */
export function hello(text: string, id = 'hello'): readonly FlowNodeJson[] {
  return [
    { id: `${id}-tab`, type: 'tab', label: `Hello ${id}`, disabled: false, info: '' },
    { id: `${id}-in`, type: 'http in', z: `${id}-tab`, name: '', url: `/${id}`, method: 'get', upload: false, swaggerDoc: '', x: 100, y: 100, wires: [[`${id}-set`]] },
    { id: `${id}-set`, type: 'change', z: `${id}-tab`, name: '', rules: [{ t: 'set', p: 'payload', pt: 'msg', to: text, tot: 'str' }], x: 300, y: 100, wires: [[`${id}-out`]] },
    { id: `${id}-out`, type: 'http response', z: `${id}-tab`, name: '', statusCode: '200', headers: {}, x: 500, y: 100, wires: [] },
  ];
}

/** A node with a password, which Node-RED keeps apart from the flows. */
export function asker(credentials?: { readonly user: string; readonly password: string }): FlowNodeJson {
  return {
    id: 'asker', type: 'http request', z: 'hello-tab', name: 'asks', method: 'GET', ret: 'txt', paytoqs: 'ignore', url: 'http://127.0.0.1:9/', tls: '', persist: false, proxy: '',
    insecureHTTPParser: false, authType: 'basic', senderr: false, headers: [], x: 300, y: 200, wires: [[]], ...(credentials === undefined ? {} : { credentials }),
  };
}

/** Two steps that the ledger could not tell apart: an error under every policy that does not turn the rule off. */
export function twins(disabled = false): readonly FlowNodeJson[] {
  const step = (id: string): FlowNodeJson => ({ id, type: 'waybill-audit', z: 'twins-tab', name: id, stepId: 'evidence', configVersion: 1, x: 100, y: 100, wires: [[]] });
  return [{ id: 'twins-tab', type: 'tab', label: 'Twins', disabled, info: '' }, step('twin-1'), step('twin-2')];
}

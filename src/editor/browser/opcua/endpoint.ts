import type { FormEndpoint } from './answers.ts';

const UNTOUCHED = '__PWRD__';

/** The endpoint whose own form is open, as the form stands. */
export function endpointInForm(id: string): FormEndpoint {
  const value = (property: string): string => String($(`#node-config-input-${property}`).val() ?? '').trim();
  return {
    id, name: value('name'), url: value('url'), securityMode: value('securityMode'), securityPolicy: value('securityPolicy'), identity: value('identity'),
    userCertificate: value('userCertificate'), user: value('user'), password: String($('#node-config-input-password').val() ?? ''),
  };
}

/** An endpoint that a form chose, deployed or not; undefined where none is chosen. */
export function endpointChosen(id: string): FormEndpoint | undefined {
  const node = RED.nodes.node(id);
  if (node === null || node.type !== 'waybill-opcua-endpoint') return undefined;
  const value = (property: string): string => (typeof node[property] === 'string' ? node[property] : '');
  const credentials = (node['credentials'] ?? {}) as { readonly user?: unknown; readonly password?: unknown };
  return {
    id, name: value('name'), url: value('url'), securityMode: value('securityMode'), securityPolicy: value('securityPolicy'), identity: value('identity'), userCertificate: value('userCertificate'),
    user: typeof credentials.user === 'string' ? credentials.user : '', password: typeof credentials.password === 'string' ? credentials.password : UNTOUCHED,
  };
}

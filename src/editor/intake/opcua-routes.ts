import type { Request, RequestHandler } from 'express';
import type { Waybill } from '../../engine/api.ts';
import { opcUaLinks, pkiOf } from '../../engine/intake/opcua-endpoint-node.ts';
import type { OpcUaEndpointConfig, OpcUaEndpointNode, OpcUaLink, OpcUaLogin } from '../../engine/intake/opcua-endpoint-node.ts';
import { OpcUaForms } from '../../engine/intake/opcua-forms.ts';
import type { FormAnswer, FormEndpoint } from '../../engine/intake/opcua-forms.ts';
import { refused, replying, text } from '../governance/answer.ts';
import type { Reply } from '../governance/answer.ts';
import { personAt } from '../governance/person.ts';
import { EDITOR_PATH } from '../here/editor-path.ts';
import { record } from '../here/record.ts';
import type { AdminApi } from '../here/routes.ts';

/** The part of Node-RED's runtime API that the forms of OPC UA nodes need. */
export interface OpcUaAdminApi extends AdminApi {
  readonly nodes: { getNode(id: string): unknown };
}

const PATH = `${EDITOR_PATH}/opcua`;
const LONGEST_ID = 1_024;
const MOST_VALUES = 50;
/** What Node-RED's editor has in the place of a password that nobody touched. */
const UNTOUCHED = '__PWRD__';
const MODES = ['signAndEncrypt', 'sign', 'none'] as const;
const POLICIES = ['auto', 'none', 'Basic256Sha256', 'Aes128_Sha256_RsaOaep', 'Aes256_Sha256_RsaPss'] as const;
const IDENTITIES = ['anonymous', 'user', 'certificate'] as const;

/**
 * Serves what the forms of OPC UA nodes show and do. Whoever may read flows sees where a connection stands; whoever may
 * write them asks servers, and trusts them: a request goes out to an address of the person's choice.
 */
export function mountOpcUaRoutes(RED: OpcUaAdminApi, waybill: Waybill): void {
  if (!RED.httpAdmin || RED.auth === undefined) return;
  const { httpAdmin } = RED;
  const [mayRead, mayWrite] = [RED.auth.needsPermission('waybill.read'), RED.auth.needsPermission('waybill.write')];
  const forms = new OpcUaForms(waybill);
  const post = (path: string, ask: (body: Readonly<Record<string, unknown>>, request: Request) => Promise<Reply> | Reply): void => {
    httpAdmin.post(`${PATH}/${path}`, mayWrite, replying((request) => ask(record(request.body), request)));
  };
  const endpointOf = (body: Readonly<Record<string, unknown>>): FormEndpoint | string => formEndpoint(RED, record(body['endpoint']));
  const reading = (path: string, ask: (endpoint: FormEndpoint, body: Readonly<Record<string, unknown>>) => Promise<FormAnswer<object>>): void => {
    post(path, async (body) => {
      const endpoint = endpointOf(body);
      return typeof endpoint === 'string' ? refused(endpoint, 422) : answered(await ask(endpoint, body));
    });
  };

  httpAdmin.get(`${PATH}/state`, mayRead, replying(({ query }) => ({ body: stateOf(RED, waybill, text(query['node'])) })));
  httpAdmin.get(`${PATH}/own`, mayRead, replying(async () => ({ body: await ownView(waybill) })));
  httpAdmin.get(`${PATH}/own-certificate.der`, mayRead, ownFile(waybill));
  httpAdmin.get(`${PATH}/trusted`, mayRead, replying(async () => ({ body: { trusted: await pkiOf(waybill).trust.records() } })));
  post('discover', async (body) => {
    const endpoint = endpointOf(body);
    return typeof endpoint === 'string' ? refused(endpoint, 422) : answered(await forms.discover(endpoint.config.url));
  });
  post('trust', async (body, request) => {
    const { accepted } = body;
    const seen = Array.isArray(accepted) ? accepted.filter((each): each is string => typeof each === 'string') : [];
    return answered(await forms.trust(text(body['url'], LONGEST_ID), text(body['thumbprint']), seen, await personAt(request, waybill)));
  });
  post('withdraw', async (body, request) => answered(await forms.withdraw(text(body['url'], LONGEST_ID), text(body['thumbprint']), await personAt(request, waybill))));
  reading('children', (endpoint, { nodeId }) => forms.children(endpoint, text(nodeId, LONGEST_ID)));
  reading('describe', (endpoint, { nodeId }) => forms.describe(endpoint, text(nodeId, LONGEST_ID)));
  reading('event-types', (endpoint) => forms.eventTypes(endpoint));
  reading('search', (endpoint, body) => forms.search(endpoint, text(body['text'], LONGEST_ID)));
  reading('values', (endpoint, { nodeIds }) => forms.values(endpoint, (Array.isArray(nodeIds) ? nodeIds : []).slice(0, MOST_VALUES).map((each) => text(each, LONGEST_ID)).filter((each) => each !== '')));
}

/** What cannot be done is no failure of ours: the form shows the sentence where the person looks. */
function answered(answer: FormAnswer<object>): Reply {
  return 'problem' in answer ? { status: 422, body: { code: 'opc-ua', message: answer.problem, ...(answer.verdict === undefined ? {} : { verdict: answer.verdict }) } } : { body: answer };
}

/** The endpoint as the form has it. What stands in a variable, and a password that nobody touched, comes from the deployed node. */
function formEndpoint(RED: OpcUaAdminApi, given: Readonly<Record<string, unknown>>): FormEndpoint | string {
  const node = RED.nodes.getNode(text(given['id'])) as (Partial<OpcUaEndpointNode> & { readonly credentials?: OpcUaLogin }) | null;
  const link = node?.opcua === undefined || 'problem' in node.opcua ? undefined : node.opcua;
  const config = readConfig(given, link);
  if (typeof config === 'string') return config;
  const [user, password] = [text(given['user']), typeof given['password'] === 'string' ? given['password'].slice(0, 1_024) : UNTOUCHED];
  const login = node?.credentials ?? {};
  const same = link !== undefined && sameServer(link.config, config);
  if (config.identity !== 'user') return { config, login: {}, ...(same ? { link } : {}) };
  const untouched = password === UNTOUCHED;
  const wanted = user === '' && untouched ? login.user ?? '' : user;
  // A password that is kept here goes to the server that it was given for, and to no other.
  if (untouched && (link === undefined || link.config.url !== config.url)) return 'Type the password again: it is kept for the address that is deployed.';
  return { config, login: { user: wanted, password: untouched ? login.password ?? '' : password }, ...(same && untouched && wanted === login.user ? { link } : {}) };
}

const sameServer = (one: OpcUaEndpointConfig, other: OpcUaEndpointConfig): boolean => one.url === other.url && one.securityMode === other.securityMode && one.securityPolicy === other.securityPolicy
  && one.identity === other.identity && (one.identity !== 'certificate' || one.userCertificate === other.userCertificate);

function readConfig(given: Readonly<Record<string, unknown>>, link: OpcUaLink | undefined): OpcUaEndpointConfig | string {
  const inVariable = (value: string): boolean => /\$[{(]/.test(value);
  const url = text(given['url'], LONGEST_ID);
  if (inVariable(url) && link === undefined) return 'The address stands in a variable; deploy the endpoint first, then it can be asked.';
  return {
    name: text(given['name']), url: inVariable(url) ? link!.config.url : url,
    securityMode: MODES.find((mode) => mode === given['securityMode']) ?? 'signAndEncrypt',
    securityPolicy: POLICIES.find((policy) => policy === given['securityPolicy']) ?? 'auto',
    identity: IDENTITIES.find((identity) => identity === given['identity']) ?? 'anonymous',
    userCertificate: text(given['userCertificate']), outageSeconds: 60,
  };
}

/** Where a deployed endpoint stands. */
function stateOf(RED: OpcUaAdminApi, waybill: Waybill, id: string): object {
  const opcua = (RED.nodes.getNode(id) as Partial<OpcUaEndpointNode> | null)?.opcua;
  if (opcua === undefined) return { running: false };
  if ('problem' in opcua) return { running: true, now: waybill.clock.now(), state: { kind: 'refused', reason: opcua.problem } };
  const { connection, pki, config } = opcua;
  return {
    running: true, now: Date.now(), url: config.url, state: connection.state, counters: connection.counters,
    ...(connection.lastProblem === undefined ? {} : { lastProblem: connection.lastProblem }),
    ...(connection.clockSkewMs === undefined ? {} : { clockSkewMs: connection.clockSkewMs }),
    ...(pki.verdict === undefined ? {} : { verdict: pki.verdict }),
    servers: opcUaLinks().size,
  };
}

async function ownView(waybill: Waybill): Promise<object> {
  const { applicationUri, view, next } = await pkiOf(waybill).own();
  return { applicationUri, certificate: view, ...(next === undefined ? {} : { next: { certificate: next.view, from: next.from } }) };
}

/** Our certificate for whoever looks after a PLC; `?next` for the one that takes over. */
function ownFile(waybill: Waybill): RequestHandler {
  return (request, response) => {
    pkiOf(waybill).own().then(
      ({ certificate, next }) => {
        const der = request.query['next'] === undefined ? certificate : next?.certificate;
        if (der === undefined) response.status(404).json({ code: 'not-found', message: 'There is no later certificate yet.' });
        else response.set({ 'Content-Type': 'application/pkix-cert', 'Content-Disposition': 'attachment; filename="waybill-opcua.der"', 'Cache-Control': 'no-store' }).send(der);
      },
      (error: unknown) => response.status(503).json({ code: 'not-available', message: error instanceof Error ? error.message : String(error) }),
    );
  };
}

import { createHash } from 'node:crypto';
import {
  addressOf, childrenOf, describeNode, discoverServer, dropClient, eventTypes, explainOpcUaFailure, namespacesOf, OpcUaIntakeError, openClient, readValues, refusedSentence, searchNodes, within,
} from '../../intake/opcua/index.ts';
import type { Children, DiscoveredServer, EventTypeView, NodeDetail, OpenedClient, ReadValue, SearchResult, TrustVerdict } from '../../intake/opcua/index.ts';
import type { PersonIdentity, Waybill } from '../api.ts';
import { opcUaLinks, opcUaOptions, pkiOf } from './opcua-endpoint-node.ts';
import type { OpcUaEndpointConfig, OpcUaLink, OpcUaLogin } from './opcua-endpoint-node.ts';

/** An endpoint as a form has it, deployed or not. */
export interface FormEndpoint {
  readonly config: OpcUaEndpointConfig;
  readonly login: OpcUaLogin;
  /** The deployed node, where the form says the same. */
  readonly link?: OpcUaLink;
}

/** Why something cannot be shown; with the certificate, where a person can mend it by trust. */
export interface FormProblem { readonly problem: string; readonly verdict?: TrustVerdict }

export type FormAnswer<T> = T | FormProblem;

type Session = OpenedClient['session'];

interface Idle { readonly opened: OpenedClient; readonly namespaces: readonly string[]; users: number; timer?: NodeJS.Timeout }

/** How long a session of a form stays open for the next click, and how long one answer may take, ms. */
const IDLE_MS = 20_000;
const ANSWER_MS = 15_000;
const SESSION_MS = 60_000;
const MOST_SESSIONS = 4;
const SEARCH = { nodes: 20_000, ms: 6_000, found: 50 };

/**
 * What the forms ask of servers: offers, tags, values, trust. It reads only. A deployed endpoint lends its session; for one
 * that is not deployed a session is opened and closed again soon, for small devices have room for few.
 */
export class OpcUaForms {
  readonly #waybill: Waybill;
  readonly #sessions = new Map<string, Promise<Idle>>();
  readonly #namespaces = new WeakMap<Session, Promise<readonly string[]>>();

  constructor(waybill: Waybill) {
    this.#waybill = waybill;
  }

  /** What the server at an address offers, and what is thought of its certificate. */
  async discover(url: string): Promise<FormAnswer<{ readonly url: string; readonly server: DiscoveredServer; readonly verdict?: TrustVerdict }>> {
    return this.#answer(url, async () => {
      const folder = pkiOf(this.#waybill);
      const pki = folder.at(url);
      const { certificate, ...server } = await discoverServer({ url, pki, applicationUri: folder.applicationUri });
      const verdict = certificate === undefined ? undefined : await pki.judge(certificate, server.applicationUri);
      return { url: addressOf(url).url, server, ...(verdict === undefined ? {} : { verdict }) };
    });
  }

  /**
   * A person trusts a certificate at an address, in the knowledge of what does not fit about it. In the ledger first: what
   * counts without a record must not be.
   * @param accepted what the person saw
   */
  async trust(url: string, thumbprint: string, accepted: readonly string[], by: PersonIdentity): Promise<FormAnswer<{ readonly verdict: TrustVerdict }>> {
    return this.#answer(url, async () => {
      const folder = pkiOf(this.#waybill);
      const { address } = addressOf(url);
      const der = await folder.trust.find(thumbprint);
      if (der === undefined) return { problem: 'This certificate is not known here any more; search again, and look at what the server shows now.' };
      const { problems } = await folder.at(url).judge(der);
      // that it names another application is seen only when the server is asked
      const seen = [...new Set([...problems, ...(accepted.includes('uri-differs') ? ['uri-differs' as const] : [])])];
      const unseen = seen.filter((problem) => !accepted.includes(problem));
      if (unseen.length > 0) return { problem: 'Something about this certificate has changed since you looked; search again, and look at it once more.' };
      await this.#waybill.recordTrust({ by, change: 'trusted', protocol: 'opc-ua', address, thumbprint, accepted: seen });
      await folder.trust.trust({ address, thumbprint, at: new Date().toISOString(), by: this.#waybill.pseudonym(by.userId), accepted: seen });
      for (const link of opcUaLinks()) if (addressOf(link.config.url).address === address) link.connection.hurry();
      return { verdict: await folder.at(url).judge(der) };
    });
  }

  async withdraw(url: string, thumbprint: string, by: PersonIdentity): Promise<FormAnswer<{ readonly withdrawn: boolean }>> {
    return this.#answer(url, async () => {
      const { address } = addressOf(url);
      const { trust } = pkiOf(this.#waybill);
      const withdrawn = await trust.withdraw(address, thumbprint);
      if (withdrawn) {
        await this.#waybill.recordTrust({ by, change: 'withdrawn', protocol: 'opc-ua', address, thumbprint, accepted: [] });
        for (const { config, connection } of opcUaLinks()) {
          if (addressOf(config.url).address !== address || config.securityMode === 'none' || connection.state.kind !== 'connected') continue;
          await connection.withSession((session) => Promise.resolve(connection.renew(session, 'The certificate of the server is not trusted any more.')));
        }
      }
      return { withdrawn };
    });
  }

  children(endpoint: FormEndpoint, nodeId: string): Promise<FormAnswer<Children>> {
    return this.#read(endpoint, (session, namespaces) => childrenOf(session, namespaces, nodeId));
  }

  describe(endpoint: FormEndpoint, nodeId: string): Promise<FormAnswer<NodeDetail>> {
    return this.#read(endpoint, (session, namespaces) => describeNode(session, namespaces, nodeId));
  }

  values(endpoint: FormEndpoint, nodeIds: readonly string[]): Promise<FormAnswer<{ readonly values: readonly ReadValue[] }>> {
    return this.#read(endpoint, async (session, namespaces) => ({ values: await readValues(session, namespaces, nodeIds) }));
  }

  /** What kinds of events the server has, each after the one above it. */
  eventTypes(endpoint: FormEndpoint): Promise<FormAnswer<{ readonly types: readonly EventTypeView[]; readonly complete: boolean }>> {
    return this.#read(endpoint, (session, namespaces) => eventTypes(session, namespaces));
  }

  search(endpoint: FormEndpoint, text: string): Promise<FormAnswer<SearchResult>> {
    return this.#read(endpoint, (session, namespaces) => searchNodes(session, namespaces, text, { ...SEARCH, now: Date.now }));
  }

  async #read<T>(endpoint: FormEndpoint, work: (session: Session, namespaces: readonly string[]) => Promise<T>): Promise<FormAnswer<T>> {
    return this.#answer(endpoint.config.url, async () => {
      const { link } = endpoint;
      if (link?.connection.state.kind === 'connected') {
        return link.connection.withSession(async (session) => within(ANSWER_MS, work(session, await this.#namespacesOf(session))));
      }
      return this.#withOwn(endpoint, work);
    });
  }

  #namespacesOf(session: Session): Promise<readonly string[]> {
    const known = this.#namespaces.get(session) ?? namespacesOf(session);
    this.#namespaces.set(session, known);
    known.catch(() => this.#namespaces.delete(session));
    return known;
  }

  async #withOwn<T>({ config, login }: FormEndpoint, work: (session: Session, namespaces: readonly string[]) => Promise<T>): Promise<T | FormProblem> {
    const options = opcUaOptions(this.#waybill, config, login);
    const key = createHash('sha256').update(JSON.stringify([options.url, config.securityMode, config.securityPolicy, options.identity])).digest('hex');
    if (!this.#sessions.has(key) && this.#sessions.size >= MOST_SESSIONS) return { problem: 'Too many servers are looked at at once here; try again in half a minute.' };
    const opening = this.#sessions.get(key) ?? within(ANSWER_MS, openClient(options, SESSION_MS, undefined)).then(async (opened): Promise<Idle> => ({ opened, namespaces: await namespacesOf(opened.session), users: 0 }));
    this.#sessions.set(key, opening);
    let idle: Idle;
    try {
      idle = await opening;
    } catch (error) {
      this.#sessions.delete(key);
      const { verdict } = options.pki;
      if (verdict !== undefined && !verdict.trusted) return { problem: refusedSentence(verdict), verdict };
      throw error;
    }
    clearTimeout(idle.timer);
    idle.users += 1;
    try {
      return await within(ANSWER_MS, work(idle.opened.session, idle.namespaces));
    } catch (error) {
      // what was asked may be wrong, or the connection is gone: the next click opens a new one
      if (!(error instanceof OpcUaIntakeError)) this.#end(key, opening, idle);
      throw error;
    } finally {
      idle.users -= 1;
      if (idle.users === 0) idle.timer = setTimeout(() => { this.#end(key, opening, idle); }, IDLE_MS).unref();
    }
  }

  #end(key: string, opening: Promise<Idle>, { opened: { session, client }, timer }: Idle): void {
    clearTimeout(timer);
    if (this.#sessions.get(key) === opening) this.#sessions.delete(key);
    // a session that cannot be closed any more ends by itself on the server
    void within(3_000, session.close(true)).catch(() => undefined).then(() => dropClient(client));
  }

  /** Everything that can go wrong with a server is an answer for the person who looks. */
  async #answer<T>(url: string, ask: () => Promise<FormAnswer<T>>): Promise<FormAnswer<T>> {
    try {
      return await ask();
    } catch (error) {
      if (error instanceof OpcUaIntakeError) return { problem: error.message };
      return { problem: explainOpcUaFailure(url, error).reason.replace(/; trying again\.$/, '.') };
    }
  }
}

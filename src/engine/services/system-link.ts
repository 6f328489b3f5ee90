import type { Authentication, ServiceDefinition } from '../../domain/service/index.ts';
import { ClientCredentials, SecretError, signerFor } from '../../connectors/auth/index.ts';
import type { Secrets, Signer } from '../../connectors/auth/index.ts';
import type { DriverMemory, Line, LineDriver, LineSettings, WireRequest, WireResult } from '../../connectors/driver.ts';
import { isFileAddress } from '../../connectors/file-transfer/index.ts';
import type { FileStore } from '../../connectors/file-transfer/index.ts';
import { HttpTransport, readAddress, readBase, TlsStore } from '../../connectors/http/index.ts';
import type { Base, TlsFiles } from '../../connectors/http/index.ts';
import type { Clock } from '../support/clock.ts';
import { fileLink } from './file-link.ts';

/** One installation of a kind of system, as a `system` config node binds it. */
export interface SystemSettings {
  readonly id: string;
  /** What circuits, events and people call it. */
  readonly name: string;
  /** For example `erp`: services of this kind can be called here. */
  readonly kind: string;
  readonly url: string;
  /** For systems that hold several, such as Tryton and Odoo; blank: none. */
  readonly database?: string;
  readonly tls: TlsFiles;
  /** SFTP: fingerprints of the host's key, `SHA256:…`, several with blanks between. */
  readonly hostKey?: string;
  readonly proxy?: { readonly url: string; readonly token?: string };
}

/** What went wrong last, for the form. */
export interface LastProblem { readonly at: string; readonly message: string }

/** Brings requests to the system. */
export type Transport = Pick<HttpTransport, 'send' | 'close'>;

type OAuth = Authentication & { readonly kind: 'oauth2-client-credentials' };

/** The connections to a system and the sign-ins of the services that are called there. */
export class SystemLink {
  readonly settings: SystemSettings;
  readonly base: Base;
  readonly secrets: Secrets;
  readonly transport: Transport;
  /** Of a folder, or an SFTP server. */
  readonly files: FileStore | undefined;
  readonly #clock: Clock;
  readonly #signers = new Map<string, Signer>();
  readonly #tokenServers: HttpTransport[] = [];
  readonly #memories = new Map<string, DriverMemory>();
  readonly #lines = new Map<LineDriver, Line>();
  lastProblem: LastProblem | undefined;
  lastAnswerAt: string | undefined;

  /** @throws RangeError when its address cannot be used, in one sentence */
  constructor(settings: SystemSettings, secrets: Secrets, clock: Clock) {
    this.settings = settings;
    this.secrets = secrets;
    this.#clock = clock;
    if (isFileAddress(settings.url)) {
      const { base, store, transport } = fileLink(settings, secrets);
      this.base = base;
      this.files = store;
      this.transport = transport;
      return;
    }
    this.base = readAddress(settings.url);
    this.transport = new HttpTransport({ base: this.base, tls: settings.tls, ...(settings.proxy === undefined ? {} : { proxy: settings.proxy }), clock });
  }

  /** The sign-in of a service here; one for all calls, so that a token is fetched once. */
  signer(service: Pick<ServiceDefinition, 'authentication' | 'timeouts'>): Signer {
    const key = JSON.stringify(service.authentication);
    let signer = this.#signers.get(key);
    if (signer === undefined) {
      const { authentication } = service;
      signer = signerFor(authentication, this.secrets, authentication.kind === 'oauth2-client-credentials' ? this.#oauth(authentication, service) : undefined);
      this.#signers.set(key, signer);
    }
    return signer;
  }

  /** What the driver of a service keeps between calls. */
  memory(service: ServiceDefinition): DriverMemory {
    const key = `${service.id}@${service.version}`;
    let memory = this.#memories.get(key);
    if (memory === undefined) this.#memories.set(key, memory = new Map<string, unknown>());
    return memory;
  }

  /** The connections of a driver that has its own. */
  line(driver: LineDriver): Line {
    let line = this.#lines.get(driver);
    if (line === undefined) {
      this.#lines.set(driver, line = driver.open(this.lineSettings()));
    }
    return line;
  }

  /** For connections that whoever opens them closes. */
  lineSettings(): LineSettings {
    const certificates = new TlsStore(this.settings.tls);
    return { base: this.base, database: this.settings.database ?? '', tls: () => certificates.current(), secret: (name) => this.secrets.get(name), clock: this.#clock };
  }

  send(request: WireRequest, service: ServiceDefinition): Promise<WireResult> {
    return this.transport.send(request, service.timeouts);
  }

  /** Database, and name and password for drivers that sign in by themselves. @throws SecretError */
  credentials({ authentication }: ServiceDefinition): { readonly user?: string; readonly password?: string; readonly database?: string } {
    const { database = '' } = this.settings;
    const named = database === '' ? {} : { database };
    if (authentication.kind !== 'session') return named;
    const [user, password] = [this.secrets.get('user'), this.secrets.get('password')];
    return { ...named, ...(user === undefined ? {} : { user }), ...(password === undefined ? {} : { password }) };
  }

  /** @param problem undefined when it answered as it should */
  note(problem: string | undefined): void {
    if (problem === undefined) this.lastAnswerAt = this.#clock.iso();
    else this.lastProblem = { at: this.#clock.iso(), message: problem };
  }

  async close(): Promise<void> {
    await Promise.all([this.transport, ...this.#tokenServers, ...this.#lines.values()].map((each) => each.close()));
  }

  /** The token server may be another host than the system: who signed the service has approved it. */
  #oauth({ tokenUrl, scope, audience, clientAuthentication }: OAuth, { timeouts }: Pick<ServiceDefinition, 'timeouts'>): ClientCredentials {
    const settings = { ...(scope === undefined ? {} : { scope }), ...(audience === undefined ? {} : { audience }), ...(clientAuthentication === undefined ? {} : { clientAuthentication }) };
    const address = tokenUrl.startsWith('/') ? `${this.base.origin}${this.base.path}${tokenUrl}` : tokenUrl;
    let transport: HttpTransport | undefined;
    const send = (request: WireRequest): Promise<WireResult> => {
      if (transport === undefined) {
        const [base, path] = endpointOf(address);
        transport = new HttpTransport({ base, tls: this.settings.tls, ...(this.settings.proxy === undefined ? {} : { proxy: this.settings.proxy }), clock: this.#clock });
        this.#tokenServers.push(transport);
        tokenPath = path;
      }
      return transport.send({ ...request, path: tokenPath }, timeouts);
    };
    let tokenPath = '/';
    return new ClientCredentials(settings, this.secrets, send, () => this.#clock.now());
  }
}

/** A secret is sent there: in the clear only to this machine. */
function endpointOf(address: string): readonly [Base, string] {
  try {
    const url = new URL(address);
    const base = readBase(url.origin);
    if (!base.secure && !/^(localhost|127(\.\d+){3}|::1)$/.test(base.host)) throw new RangeError('it is not https');
    return [base, `${url.pathname}${url.search}`];
  } catch (error) {
    throw new SecretError(`The service names a server for tokens that is not used (${(error as Error).message}); its owner has to mend it.`, { cause: error });
  }
}

import type { Authentication, ServiceDefinition } from '../../domain/service/index.ts';
import { SecretError } from '../../connectors/auth/index.ts';
import type { WireRequest } from '../../connectors/driver.ts';
import { FileTransferError } from '../../connectors/file-transfer/index.ts';
import type { FileStore } from '../../connectors/file-transfer/index.ts';
import { driverOf, isLineDriver, isLineScheme, misfit } from './drivers.ts';
import type { KnownService } from './source.ts';
import type { SystemLink } from './system-link.ts';

/** One sentence for the person who asked. */
export interface Tried { readonly ok: boolean; readonly message: string }

const bounds = { connectMs: 5_000, headersMs: 5_000, totalMs: 8_000, maxBytes: 4_096 };
const look: WireRequest = { method: 'GET', path: '/', headers: { accept: '*/*' }, body: undefined, safe: true };

/** Reaches for a system, and signs in the way each service of its kind does; changes nothing over there. */
export async function trySystem(link: SystemLink, known: readonly KnownService[]): Promise<Tried> {
  const { name, kind } = link.settings;
  if (isLineScheme(link.base.scheme)) return tryLine(link, services(kind, known));
  if (link.files !== undefined) return tryFiles(link.files, link.base.host, services(kind, known).length);
  const started = performance.now();
  const first = await link.transport.send(look, bounds);
  if (first.kind === 'failure') return { ok: false, message: first.message };
  const took = Math.round(performance.now() - started);
  const callable = services(kind, known);
  for (const service of byAuthentication(callable)) {
    const problem = await signInProblem(link, service);
    if (problem !== undefined) return { ok: false, message: `${link.base.host} answers, but ${problem}` };
  }
  const where = `${link.base.host} answers in ${took} ms${link.base.secure ? ', and its certificate is in order' : ', in the clear: whoever is on the network reads along'}`;
  if (callable.length === 0) return { ok: true, message: `${where}. The catalogue has no service for systems of the kind "${kind}" yet.` };
  return { ok: true, message: `${where}. ${name} can be called by ${callable.length === 1 ? 'one service' : `${callable.length} services`}.` };
}

function services(kind: string, known: readonly KnownService[]): readonly ServiceDefinition[] {
  return known.filter(({ definition, status }) => definition.system === kind && status !== 'retired').map(({ definition }) => definition);
}

/** A line signs in as it connects, and connects as its services say. */
async function tryLine(link: SystemLink, known: readonly ServiceDefinition[]): Promise<Tried> {
  const { base, settings: { name, kind } } = link;
  const spoken = known.flatMap((service) => {
    const driver = driverOf(service.protocol);
    return driver !== undefined && isLineDriver(driver) && misfit(driver, base.scheme) === undefined ? [{ driver, service }] : [];
  });
  if (spoken.length === 0) return { ok: false, message: `The catalogue has no service for systems of the kind "${kind}" at an address that begins with ${base.scheme}://, so nothing says how to sign in there; take one into the catalogue first.` };
  const started = performance.now();
  for (const { driver, service } of spoken) {
    try {
      const problem = await link.line(driver).reach(service);
      if (problem !== undefined) return { ok: false, message: problem };
    } catch (error) {
      if (error instanceof SecretError || error instanceof RangeError) return { ok: false, message: error.message };
      throw error;
    }
  }
  return { ok: true, message: `${base.host} answers in ${Math.round(performance.now() - started)} ms${base.secure ? ', and its certificate is in order' : ''}. ${name} can be called by ${spoken.length === 1 ? 'one service' : `${spoken.length} services`}.` };
}

/** Lists the folder of the address; writes nothing. */
async function tryFiles(files: FileStore, host: string, callable: number): Promise<Tried> {
  try {
    const found = await files.list('/');
    const folders = found.filter(({ kind }) => kind === 'folder').map(({ name }) => name).sort();
    return { ok: true, message: `The folder at ${host} can be read${folders.length === 0 ? '' : `; in it: ${folders.slice(0, 8).join(', ')}`}. It can be called by ${callable === 1 ? 'one service' : `${callable} services`}.` };
  } catch (error) {
    if (error instanceof FileTransferError) return { ok: false, message: error.message };
    throw error;
  }
}

/** One service for each way of signing in. */
function byAuthentication(services: readonly ServiceDefinition[]): readonly ServiceDefinition[] {
  return [...new Map(services.map((service) => [JSON.stringify(service.authentication), service])).values()];
}

async function signInProblem(link: SystemLink, service: ServiceDefinition): Promise<string | undefined> {
  const { authentication } = service;
  try {
    if (authentication.kind === 'mtls' && link.settings.tls.cert === undefined) return `${service.title} signs in by a certificate; give the system one with its key.`;
    if (authentication.kind === 'session') {
      link.secrets.need('user');
      link.secrets.need('password');
      return undefined;
    }
    if (authentication.kind === 'none' || authentication.kind === 'mtls') return undefined;
    const result = await link.transport.send(await link.signer(service).sign(look), bounds);
    if (result.kind === 'failure') return result.message;
    return result.status === 401 ? `does not take the sign-in for ${service.title} (HTTP 401); look at the ${wanted(authentication)}.` : undefined;
  } catch (error) {
    if (error instanceof SecretError) return `not for ${service.title}: ${error.message}`;
    throw error;
  }
}

function wanted({ kind }: Authentication): string {
  return kind === 'basic' ? 'user and password' : kind === 'api-key' ? 'API key' : kind === 'bearer' ? 'token' : 'client id and secret';
}

import { DriverError } from '../../connectors/driver.ts';
import type { WireRequest } from '../../connectors/driver.ts';
import { SecretError } from '../../connectors/auth/index.ts';
import { browse, draftService, hashOfModel, MetadataError, odataDriver, presetOf, presets, readMetadata } from '../../connectors/odata/index.ts';
import type { Browsed, BrowsedSet, Drafted, DraftOptions } from '../../connectors/odata/index.ts';
import type { Authentication, ServiceDefinition } from '../../domain/service/index.ts';
import { serviceProblems } from '../../domain/service/index.ts';
import type { SystemLink } from './system-link.ts';

/** What a form asks the metadata of. */
export interface MetadataAsked {
  /** Path of the service below the system's address. */
  readonly path: string;
  readonly preset?: string;
  readonly authentication: Authentication;
}

/** What metadata hold, without the fields: those of a whole ERP are too many for a page. */
export interface MetadataOverview {
  /** Names the metadata in later questions. */
  readonly token: string;
  readonly path: string;
  readonly version: string;
  readonly bytes: number;
  readonly sets: readonly (Pick<BrowsedSet, 'name' | 'label' | 'singleton' | 'can' | 'etag'> & { readonly fields: number })[];
  readonly operations: Browsed['operations'];
}

/** One sentence for the person who asked. */
export interface Problem { readonly problem: string }

type Model = ReturnType<typeof readMetadata>;
interface Shelved { readonly model: Model; readonly browsed: Browsed }

const MOST = 6;
/** Read at some 5 MiB a second, while which nothing else happens in this process. */
const longest = 16 * 1_048_576;
const bounds = { connectMs: 5_000, headersMs: 60_000, totalMs: 90_000, maxBytes: longest };
const PATH = /^(\/[\w.~%()'=,;:@!$&*+-]+)+$/;
const gone: Problem = { problem: 'These metadata are not here any more; read them again.' };

/** Presets as a form offers them. */
export const odataPresets = presets.map(({ name, title, path, notes }) => ({ name, title, path, notes }));

/** The OData metadata that forms look at, the last few of them. */
export class ODataShelf {
  readonly #shelved = new Map<string, Shelved>();

  /** Reads `$metadata` of a service at the system, as its forms have it. */
  async read(link: SystemLink, asked: MetadataAsked): Promise<MetadataOverview | Problem> {
    const path = pathOf(asked.path, link.settings.url);
    if (!PATH.test(path) || path.split('/').includes('..')) return { problem: `"${path}" is no path of a service below ${link.base.origin}${link.base.path}; it looks like /odata/v4/purchasing.` };
    const bytes = await fetched(link, path, asked);
    if ('problem' in bytes) return bytes;
    let shelved: Shelved;
    try {
      const model = readMetadata(bytes.body);
      shelved = { model, browsed: browse(model) };
    } catch (error) {
      if (error instanceof MetadataError) return { problem: `${link.base.host} answers at ${path}, but not with OData metadata. ${error.message}` };
      throw error;
    }
    const token = hashOfModel(shelved.model).slice(0, 32);
    this.#shelved.delete(token);
    this.#shelved.set(token, shelved);
    const [eldest] = this.#shelved.keys();
    if (this.#shelved.size > MOST && eldest !== undefined) this.#shelved.delete(eldest);
    const { version, sets, operations } = shelved.browsed;
    return { token, path, version, bytes: bytes.body.length, operations, sets: sets.map(({ name, label, singleton, can, etag, properties }) => ({ name, label, singleton, can, etag, fields: properties.length })) };
  }

  /** An entity set or singleton with its fields. */
  set(token: string, name: string): BrowsedSet | Problem {
    const shelved = this.#shelved.get(token);
    if (shelved === undefined) return gone;
    return shelved.browsed.sets.find((each) => each.name === name) ?? { problem: `The metadata have no entity set "${name}".` };
  }

  /** A draft of a service with what is wrong with it so far. */
  draft(token: string, options: DraftOptions): (Drafted & { readonly problems: readonly string[] }) | Problem {
    const shelved = this.#shelved.get(token);
    if (shelved === undefined) return gone;
    try {
      const drafted = draftService(shelved.model, options);
      const wrong = [...serviceProblems(drafted.definition), ...odataDriver.problems(drafted.definition)];
      return { ...drafted, problems: wrong.map(({ at, message }) => `${at}: ${message}`) };
    } catch (error) {
      if (error instanceof MetadataError || error instanceof DriverError) return { problem: error.message };
      throw error;
    }
  }
}

/** What people paste: the whole address, a slash at the end, `$metadata` itself. */
function pathOf(given: string, url: string): string {
  const trimmed = given.trim().replace(/[?#].*$/, '').replace(/\/\$metadata$/, '').replace(/\/+$/, '');
  const base = url.replace(/\/+$/, '');
  const below = trimmed.startsWith(base) ? trimmed.slice(base.length) : trimmed;
  return below.startsWith('/') ? below : `/${below}`;
}

async function fetched(link: SystemLink, path: string, { preset, authentication }: MetadataAsked): Promise<{ readonly body: Uint8Array } | Problem> {
  const { query = {}, headers = {} } = presetOf(preset)?.binding ?? {};
  const options = new URLSearchParams(Object.entries(query).filter(([name]) => name.startsWith('sap-'))).toString();
  const request: WireRequest = { method: 'GET', path: `${path}/$metadata${options === '' ? '' : `?${options}`}`, headers: { ...headers, accept: 'application/xml' }, body: undefined, safe: true };
  const stub: Pick<ServiceDefinition, 'authentication' | 'timeouts'> = { authentication, timeouts: bounds };
  try {
    const result = await link.transport.send(await link.signer(stub).sign(request), bounds);
    if (result.kind === 'failure') return { problem: result.message };
    const { status, truncated, body } = result;
    if (status === 401 || status === 403) return { problem: `${link.base.host} does not take the sign-in (HTTP ${status}); choose another way of signing in, or look at what the system's form has for it.` };
    if (status === 404) return { problem: `There is no OData service at ${path} (HTTP 404); look at the path, for example in the system's own list of services.` };
    if (status >= 300 && status < 400) return { problem: `${link.base.host} points to another address (HTTP ${status}), which is not followed; write that one into the form, or choose another way of signing in.` };
    if (status !== 200) return { problem: `${link.base.host} answers with HTTP ${status} instead of metadata; try again, or ask whoever looks after it.` };
    if (truncated) return { problem: `The metadata have more than ${longest / 1_048_576} MiB, and reading them would hold up this Node-RED; choose a service with fewer entities.` };
    return { body };
  } catch (error) {
    if (error instanceof SecretError) return { problem: error.message };
    throw error;
  }
}

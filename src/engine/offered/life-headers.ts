import { readServiceReference, sunsetAt } from '../../domain/service/index.ts';
import type { KnownService } from '../services/source.ts';

/** Where a version is served: `<base>/<family>/<name>/<version>`. */
export function addressOf(base: string, reference: string): string {
  const read = readServiceReference(reference);
  return read === undefined ? base : `${base}/${read.id}/${read.version}`;
}

/** What a caller is told of the life of the version that it calls: RFC 9745, RFC 8594 and, of what takes its place, RFC 5829. */
export function lifeHeaders({ status, deprecatedAt, sunset, successor }: KnownService, base: string): Readonly<Record<string, string>> {
  if (status === 'published') return {};
  const since = deprecatedAt === undefined ? Number.NaN : Date.parse(deprecatedAt);
  return {
    ...(Number.isNaN(since) ? {} : { Deprecation: `@${Math.floor(since / 1_000)}` }),
    ...(sunset === undefined ? {} : { Sunset: new Date(sunsetAt(sunset)).toUTCString() }),
    ...(successor === undefined ? {} : { Link: `<${addressOf(base, successor)}/openapi.json>; rel="successor-version"` }),
  };
}

import type { JsonObject } from '../../domain/json.ts';
import type { Authentication } from '../../domain/service/index.ts';
import { pointerOf } from '../../domain/json-pointer.ts';
import { listOf, objectOf, textOf } from './read.ts';
import { resolved } from './references.ts';

/** How the document says that one signs in, as far as that is possible here; else a note for the author. */
export function authenticationOf(document: JsonObject): { readonly authentication: Authentication; readonly note?: string } {
  const schemes = objectOf(objectOf(document['components'])['securitySchemes']);
  const wanted = [...listOf(document['security']), ...Object.values(objectOf(document['paths'])).flatMap((path) => Object.values(objectOf(path)).flatMap((operation) => listOf(objectOf(operation)['security'])))];
  const names = [...new Set(wanted.flatMap((each) => Object.keys(objectOf(each))))];
  for (const name of names.length > 0 ? names : Object.keys(schemes)) {
    if (!Object.hasOwn(schemes, name)) continue;
    const scopes = [...new Set(wanted.flatMap((each) => listOf(objectOf(each)[name]).map(String)))];
    const found = one(resolved(document, schemes[name], pointerOf('components', 'securitySchemes', name)).value, scopes);
    if (found !== undefined) return { authentication: found };
  }
  if (names.length === 0) return { authentication: { kind: 'none' } };
  return { authentication: { kind: 'none' }, note: `The document signs in by ${names.join(', ')}, which is not done here; say under "authentication" how it is to be.` };
}

function one(scheme: JsonObject, scopes: readonly string[]): Authentication | undefined {
  const type = textOf(scheme['type']);
  const name = textOf(scheme['name']);
  if (type === 'http') {
    const how = textOf(scheme['scheme']).toLowerCase();
    return how === 'bearer' ? { kind: 'bearer' } : how === 'basic' ? { kind: 'basic' } : undefined;
  }
  if (type === 'apiKey') return scheme['in'] === 'header' || scheme['in'] === 'query' ? { kind: 'api-key', in: scheme['in'], name } : undefined;
  if (type === 'mutualTLS') return { kind: 'mtls' };
  const tokenUrl = textOf(objectOf(objectOf(scheme['flows'])['clientCredentials'])['tokenUrl']);
  return type === 'oauth2' && tokenUrl !== '' ? { kind: 'oauth2-client-credentials', tokenUrl, ...(scopes.length === 0 ? {} : { scope: scopes.join(' ') }) } : undefined;
}

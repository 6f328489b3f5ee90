import { Metadata, MetadataKind } from '@tufjs/models';
import type { Root, Snapshot, Targets, Timestamp } from '@tufjs/models';
import { BoundedJsonError, parseBoundedJson } from '../signing/bounded-json.ts';
import { LIMITS } from './limits.ts';
import { CatalogueRefusal } from './refusal.ts';

/** Signed metadata by its kind (TUF specification 4.3 to 4.6). */
export interface Kinds {
  root: Metadata<Root>;
  timestamp: Metadata<Timestamp>;
  snapshot: Metadata<Snapshot>;
  targets: Metadata<Targets>;
}

const READ: { readonly [Kind in keyof Kinds]: (json: never) => Kinds[Kind] } = {
  root: (json) => Metadata.fromJSON(MetadataKind.Root, json),
  timestamp: (json) => Metadata.fromJSON(MetadataKind.Timestamp, json),
  snapshot: (json) => Metadata.fromJSON(MetadataKind.Snapshot, json),
  targets: (json) => Metadata.fromJSON(MetadataKind.Targets, json),
};

/** Reads metadata of a kind; `name` is the role, for the sentence. @throws CatalogueRefusal `too-large`, `malformed` */
export function readMetadata<Kind extends keyof Kinds>(kind: Kind, bytes: Uint8Array, name: string = kind): Kinds[Kind] {
  try {
    return READ[kind](parseBoundedJson(bytes, { maxBytes: LIMITS[kind], maxDepth: LIMITS.depth }) as never);
  } catch (error) {
    const code = error instanceof BoundedJsonError && error.code === 'too-large' ? 'too-large' : 'malformed';
    throw new CatalogueRefusal(code, `The signed list "${name}" cannot be read: ${(error as Error).message}.`, { cause: error });
  }
}

/** Text of a metadata file as it is published. */
export function metadataBytes(metadata: Kinds[keyof Kinds]): Buffer {
  return Buffer.from(`${JSON.stringify(metadata.toJSON(), undefined, 1)}\n`, 'utf8');
}

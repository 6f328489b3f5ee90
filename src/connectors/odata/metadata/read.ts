import { createHash } from 'node:crypto';

import type { Json } from '../../../domain/json.ts';
import { readXml, XmlError } from '../../xml.ts';
import { modelFromJson } from './from-json.ts';
import { modelFromXml } from './from-xml.ts';
import { MetadataError } from './model.ts';
import type { ODataModel } from './model.ts';

/** The longest metadata known to us, of Dynamics 365 Finance, has some 30 MB. */
export const maxMetadataBytes = 48 * 1024 * 1024;

/**
 * Reads `$metadata`, in XML or in JSON, of V2, V4 or 4.01.
 *
 * @throws MetadataError with one sentence, whatever the bytes are
 */
export function readMetadata(bytes: Uint8Array): ODataModel {
  if (bytes.length > maxMetadataBytes) throw new MetadataError(`The metadata is longer than ${maxMetadataBytes} bytes; ask the system for a service with fewer entities.`);
  try {
    return firstCharacter(bytes) === '{' ? modelFromJson(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as Json) : modelFromXml(readXml(bytes, { maxBytes: maxMetadataBytes }));
  } catch (error) {
    if (error instanceof MetadataError) throw error;
    if (error instanceof XmlError) throw new MetadataError(error.message, { cause: error });
    throw new MetadataError(`The metadata cannot be read: ${error instanceof Error ? error.message : String(error)}.`, { cause: error });
  }
}

/** SHA-256 of the model in one form, hex: two services with the same hash can be called in the same way. */
export function hashOfModel(model: ODataModel): string {
  return createHash('sha256').update(JSON.stringify(sorted(model as unknown as Json))).digest('hex');
}

function sorted(value: Json): Json {
  if (Array.isArray(value)) return (value as readonly Json[]).map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([name, member]) => [name, sorted(member as Json)]));
}

function firstCharacter(bytes: Uint8Array): string {
  return /[^\s\ufeff]/.exec(new TextDecoder().decode(bytes.subarray(0, 64)))?.[0] ?? '';
}

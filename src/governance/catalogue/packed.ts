import { definitionHash, readPackedService } from '../service/pack.ts';
import type { PackedService } from '../service/pack.ts';
import { ServiceError } from '../service/service-error.ts';
import { contentHash } from '../template/normal-form.ts';
import { readPacked } from '../template/pack.ts';
import type { PackedTemplate } from '../template/pack.ts';
import { TemplateError } from '../template/template-error.ts';
import { CatalogueRefusal } from './refusal.ts';

/** What its reader finds wrong with a packed file, as a refusal. */
function malformed<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof TemplateError) && !(error instanceof ServiceError)) throw error;
    throw new CatalogueRefusal('malformed', [error.message, ...error.details].join(' '), { cause: error });
  }
}

/** A packed template as a catalogue has it. @throws CatalogueRefusal `malformed` */
export function readPackedTemplate(bytes: Uint8Array): PackedTemplate & { readonly contentHash: string } {
  return malformed(() => {
    const packed = readPacked(bytes);
    return { ...packed, contentHash: contentHash(packed.flow) };
  });
}

/** A packed service as a catalogue has it. @throws CatalogueRefusal `malformed` */
export function readServiceTarget(bytes: Uint8Array): PackedService & { readonly contentHash: string } {
  return malformed(() => {
    const packed = readPackedService(bytes);
    return { ...packed, contentHash: definitionHash(packed.definition) };
  });
}

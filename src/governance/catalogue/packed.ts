import { contentHash } from '../template/normal-form.ts';
import { readPacked } from '../template/pack.ts';
import type { PackedTemplate } from '../template/pack.ts';
import { TemplateError } from '../template/template-error.ts';
import { CatalogueRefusal } from './refusal.ts';

/** A packed template as a catalogue has it. @throws CatalogueRefusal `malformed` */
export function readPackedTemplate(bytes: Uint8Array): PackedTemplate & { readonly contentHash: string } {
  try {
    const packed = readPacked(bytes);
    return { ...packed, contentHash: contentHash(packed.flow) };
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    throw new CatalogueRefusal('malformed', [error.message, ...error.details].join(' '), { cause: error });
  }
}

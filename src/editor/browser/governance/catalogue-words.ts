import type { Texts } from '../texts.ts';
import type { CatalogueAnswer } from './answers.ts';
import { agoOf, momentOf } from './parts.ts';

/** Reasons of a refusal that have words of their own. */
const CODES = new Set(['cache', 'expired', 'forged', 'frozen', 'function', 'malformed', 'mismatch', 'missing', 'name', 'revoked-key', 'rollback', 'root', 'threshold', 'too-large', 'unsigned']);

/** What is the matter with the catalogue: since when, for how long, and why; undefined when it is in order, or there is none. */
export function catalogueInWords({ state, since, code, reason = '' }: CatalogueAnswer, templates: number, text: Texts, language: string): string | undefined {
  if (state === 'refused') {
    return text('catalogue.refused', { why: code !== undefined && CODES.has(code) ? text(`catalogue.code.${code}`) : '', reason });
  }
  if (state !== 'stale') {
    return undefined;
  }
  if (templates === 0 || since === undefined) {
    return text('catalogue.never', { reason });
  }
  return text('catalogue.stale', { since: momentOf(since, language), ago: agoOf(since, language), reason });
}

import { hash } from 'node:crypto';
import type { Json, JsonObject } from '../../domain/index.ts';
import type { StepPattern } from '../api.ts';
import { asText, list } from './typed.ts';

/** Config of an `audit` node. */
export interface AuditConfig { readonly what: string; readonly whatType: string; readonly why: string; readonly whyType: string; readonly evidence: string; readonly evidenceType: string; readonly redact: string }

function redacted(value: Json, paths: readonly string[]): Json {
  const copy = structuredClone(value) as Json;
  for (const path of paths) {
    const parts = path.split('.');
    const last = parts.pop();
    let at: unknown = copy;
    for (const part of parts) at = typeof at === 'object' && at !== null && Object.hasOwn(at, part) ? (at as Record<string, unknown>)[part] : undefined;
    if (last !== undefined && typeof at === 'object' && at !== null && Object.hasOwn(at, last)) (at as Record<string, unknown>)[last] = '[redacted]';
  }
  return copy;
}

/** Business evidence: what, why, and the hash of what was seen; the redacted evidence itself as erasable content. */
export function auditPattern(config: AuditConfig): StepPattern {
  return {
    async run(step) {
      const what = asText(await step.evaluate(config.what ?? '', config.whatType ?? 'str'));
      const why = asText(await step.evaluate(config.why ?? '', config.whyType ?? 'str'));
      const seen = config.evidence ? await step.evaluate(config.evidence, config.evidenceType ?? 'msg') : undefined;
      const text = seen === undefined ? undefined : JSON.stringify(seen);
      const evidence: JsonObject | undefined = text === undefined ? undefined : { value: redacted(JSON.parse(text) as Json, list(config.redact)) };
      await step.complete([{ port: 0 }], [{
        type: 'RecordAudit', runId: step.runId, what, why,
        attachments: text === undefined ? [] : [{ name: 'evidence', sha256: hash('sha256', text), bytes: Buffer.byteLength(text) }],
        ...(evidence === undefined ? {} : { evidence }),
      }]);
    },
  };
}

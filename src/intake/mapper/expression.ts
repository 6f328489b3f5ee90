/** The format that is an expression: what it may give back. Who evaluates it, and within which bounds, is the caller's business. */
import type { JsonObject } from '../../domain/json.ts';
import { checkJson, type Fault } from './fields.ts';
import { isObject, waybillScan } from './presets.ts';
import type { RawScan } from './types.ts';

export type Evaluation =
  | { readonly ok: true; /** JSON, or undefined where the expression gives nothing. */ readonly value: unknown }
  | { readonly ok: false; readonly reason: 'expression-failed' | 'expression-too-slow'; readonly detail: string };

/**
 * Evaluates the configured expression on one message; never throws, and ends within a bound of its own.
 * @param input the message as JSON text: a document, or the text of a message that is none
 * @param topic the variables of the topic as JSON text
 */
export type ExpressionEvaluator = (input: string, topic: string) => Evaluation;

/** Scans that one message may give. */
const MOST_SCANS = 1_000;

/** The raw scans that an expression gives: an object with the fields of a scan, a bare code, or a list of them. */
export function expressionScans(evaluation: Evaluation, depth: number): readonly RawScan[] | Fault {
  if (!evaluation.ok) return { reason: evaluation.reason, detail: evaluation.detail };
  const { value } = evaluation;
  if (value === undefined || value === null) return { reason: 'not-a-scan', detail: 'the expression gives nothing for it' };
  const unsafe = checkJson(value, depth);
  if (unsafe !== undefined) return { reason: 'expression-result', detail: 'what it gives is nested too deeply or holds a name that is not allowed' };
  const entries: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (entries.length === 0) return { reason: 'not-a-scan', detail: 'the expression gives an empty list for it' };
  if (entries.length > MOST_SCANS) return { reason: 'expression-result', detail: `it gives ${entries.length} scans for one message, ${MOST_SCANS} are allowed` };
  const wrong = entries.find((entry) => !isObject(entry) && typeof entry !== 'string');
  if (wrong !== undefined) return { reason: 'expression-result', detail: `it gives ${Array.isArray(wrong) ? 'a list in a list' : String(wrong)} and no object with the field code` };
  return entries.map((entry) => (typeof entry === 'string' ? { code: entry } : waybillScan(entry as JsonObject)));
}

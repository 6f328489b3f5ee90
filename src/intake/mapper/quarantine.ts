/** Why a message, or one scan of it, is put aside, and what a person is told: the one table of it. */

export type QuarantineReason =
  | 'payload-too-large'
  | 'empty-payload'
  | 'invalid-utf8'
  | 'malformed-json'
  | 'json-too-deep'
  | 'unknown-format'
  | 'not-a-scan'
  | 'expression-failed'
  | 'expression-too-slow'
  | 'expression-result'
  | 'missing-code'
  | 'bad-field'
  | 'field-too-long'
  | 'bad-quantity'
  | 'not-gs1'
  | 'unknown-ai'
  | 'truncated'
  | 'too-long'
  | 'bad-character'
  | 'bad-check-digit'
  | 'bad-date'
  | 'conflicting-elements'
  | 'unknown-pack'
  | 'base-units-differ';

export const QUARANTINE_MESSAGES: Readonly<Record<QuarantineReason, string>> = {
  'payload-too-large': 'The message is larger than this intake accepts.',
  'empty-payload': 'The message is empty.',
  'invalid-utf8': 'The message is not readable text.',
  'malformed-json': 'The message begins like JSON but is not valid JSON.',
  'json-too-deep': 'The message is nested more deeply than this intake accepts.',
  'unknown-format': 'The message is JSON, but not of a kind that this intake knows.',
  'not-a-scan': 'The device reported something other than a scan.',
  'expression-failed': 'The expression of this intake failed on the message; try the message in the form of the node and correct the expression.',
  'expression-too-slow': 'The expression of this intake took too long on the message and was stopped; look for a loop or a costly pattern in it.',
  'expression-result': 'The expression of this intake gives something other than scans.',
  'missing-code': 'The message does not say what was scanned.',
  'bad-field': 'A field of the message has a value of the wrong kind.',
  'field-too-long': 'A field of the message is longer than allowed.',
  'bad-quantity': 'The quantity is not a positive number with at most six decimals.',
  'not-gs1': 'The label is not a GS1 label.',
  'unknown-ai': 'The label holds a GS1 application identifier that does not exist.',
  'truncated': 'The label was read only in part; scan it again.',
  'too-long': 'The label holds more data than GS1 allows.',
  'bad-character': 'The label holds a character that GS1 does not allow there.',
  'bad-check-digit': 'The check digit of the label is wrong; the label is damaged or misprinted.',
  'bad-date': 'A date on the label does not exist.',
  'conflicting-elements': 'The label says the same thing twice and differently.',
  'unknown-pack': 'The trade item is not among the packaging levels of this intake; add it there, then admit the message.',
  'base-units-differ': 'The message says another number of base units than the packaging levels of this intake; correct one of them.',
};

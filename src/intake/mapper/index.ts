/** From the bytes of a device's message to scans, or to a reason for quarantine. Pure, no I/O. */
export type { Evaluation, ExpressionEvaluator } from './expression.ts';
export { createScanMapper, DEFAULT_MAX_PAYLOAD_BYTES, type ScanMapper } from './mapper.ts';
export { QUARANTINE_MESSAGES, type QuarantineReason } from './quarantine.ts';
export { compileTopicPattern, type TopicPattern } from './topic-pattern.ts';
export type { FieldPointers, MapperOptions, MapperPreset, MapResult, MessageContext, Rejection, Scan, ScanBase, UnknownPacks } from './types.ts';
export { suggestMapper, type Suggestion } from './suggest.ts';
export { lifeSignOf, type LifeSign } from './life-sign.ts';

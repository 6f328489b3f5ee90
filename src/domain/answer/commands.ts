import type { Json } from '../json.ts';

/** The case answers the request that opened it: once, whatever runs again. */
export interface AnswerService {
  readonly type: 'AnswerService';
  readonly runId: string;
  /** HTTP status. */
  readonly status: number;
  /** It says no: the body is a problem (RFC 9457). */
  readonly refusal: boolean;
  readonly body: Json;
  readonly bodyHash: string;
}

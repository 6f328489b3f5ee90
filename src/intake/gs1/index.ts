/** GS1: what stands in a bar code, a 2D code, a Digital Link or an RFID tag. Pure. */
export { checkDigit, hasValidCheckDigit, isDigits, withCheckDigit } from '../../domain/gs1/check-digit.ts';
export { parseEpc96 } from './epc.ts';
export { parseGs1 } from './parse.ts';
export type { Gs1Amount, Gs1Code, Gs1Element, Gs1ErrorCode, Gs1Failure, Gs1Form, Gs1Measure, Gs1Options, Gs1Result } from './types.ts';

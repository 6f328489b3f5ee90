/** GS1: what stands in a bar code, a 2D code, a Digital Link or an RFID tag. Pure. */
export { checkDigit, hasValidCheckDigit, isDigits, withCheckDigit } from './check-digit.ts';
export { parseEpc96 } from './epc.ts';
export { parseGs1 } from './parse.ts';
export type { Gs1Code, Gs1Element, Gs1ErrorCode, Gs1Failure, Gs1Form, Gs1Options, Gs1Result } from './types.ts';

/** What the GS1 parser gives back. A scan that cannot be read is a value, never a thrown error. */

/** One element string: an application identifier with its data (GS1 General Specifications §3). */
export interface Gs1Element {
  readonly ai: string;
  /** Data title of the AI, as it is printed beside the bars ('BATCH/LOT'). */
  readonly title: string;
  /** The data as it was scanned. */
  readonly value: string;
  /** ISO date (YYYY-MM-DD) when the AI carries one. */
  readonly date?: string;
  /** Exact decimal string of a measure, count or amount ('1.500' of AI 3103). */
  readonly decimal?: string;
  /** UN/ECE Recommendation 20 unit of a measure ('KGM'). */
  readonly unit?: string;
  /** ISO 4217 numeric currency of AI 391n and 393n. */
  readonly currency?: string;
}

/** How the code was written. */
export type Gs1Form = 'element-string' | 'bracketed' | 'digital-link' | 'plain-key' | 'epc';

/** A measure of the label (General Specifications §3.6.2 to §3.6.4). */
export interface Gs1Measure {
  readonly ai: string;
  /** Exact decimal string with the decimals that the AI announces. */
  readonly quantity: string;
  /** UN/ECE Recommendation 20 ('KGM'). */
  readonly unit: string;
}

/** An amount of money on the label (§3.6.6 to §3.6.11). */
export interface Gs1Amount {
  readonly amount: string;
  /** ISO 4217: letters of a currency that is known, else its three digits; absent where the label leaves it to the market. */
  readonly currency?: string;
}

/** A code that could be read. The named fields repeat the elements that a receiving dock asks for. */
export interface Gs1Code {
  readonly ok: true;
  readonly form: Gs1Form;
  /** ISO/IEC 15424 symbology identifier, if the scanner sent one (']C1'). */
  readonly symbology?: string;
  readonly elements: readonly Gs1Element[];
  /** AI 00: the logistic unit, 18 digits. */
  readonly sscc?: string;
  /** AI 01 or 03: the trade item, always 14 digits. */
  readonly gtin?: string;
  /** AI 02: the trade item inside the logistic unit, 14 digits. */
  readonly contentGtin?: string;
  /** AI 10. */
  readonly lot?: string;
  /** AI 21. */
  readonly serial?: string;
  /** AI 37, else AI 30: pieces, as a decimal string without leading zeros. */
  readonly quantity?: string;
  /** AI 310n: net weight in kilograms. */
  readonly netWeightKg?: string;
  /** Every measure, trade and logistic, in the order of the label. */
  readonly measures?: readonly Gs1Measure[];
  /** The trade measure by which a variable measure item is sold: net weight before volume, area, length; metric before others. */
  readonly tradeMeasure?: Gs1Measure;
  /** AI 393n, else 392n: price of a variable measure item. */
  readonly price?: Gs1Amount;
  /** AI 391n, else 390n: amount payable or coupon value. */
  readonly amountPayable?: Gs1Amount;
  /** AI 395n: price for one unit of measure. */
  readonly unitPrice?: string;
  /** AI 11, 13, 15, 16, 17 as ISO dates. */
  readonly productionDate?: string;
  readonly packDate?: string;
  readonly bestBefore?: string;
  readonly sellBy?: string;
  readonly expiry?: string;
  /** AI 400: the customer's purchase order number. */
  readonly purchaseOrder?: string;
}

/** Why a code could not be read. */
export type Gs1ErrorCode =
  | 'empty'
  | 'not-gs1'
  | 'unknown-ai'
  | 'truncated'
  | 'too-long'
  | 'bad-character'
  | 'bad-check-digit'
  | 'bad-date'
  | 'conflicting-elements';

export interface Gs1Failure {
  readonly ok: false;
  readonly code: Gs1ErrorCode;
  /** Offset of the fault in the code, after FNC1 substitutes were replaced. */
  readonly at: number;
  /** One sentence for a person. */
  readonly message: string;
}

export type Gs1Result = Gs1Code | Gs1Failure;

export interface Gs1Options {
  /** Four-digit year from which two-digit years are judged. */
  readonly referenceYear: number;
  /** What the scanner sends in the place of FNC1 besides ASCII 29, e.g. ['{GS}', '|']. */
  readonly fnc1Substitutes?: readonly string[];
}

export function failure(code: Gs1ErrorCode, at: number, message: string): Gs1Failure {
  return { ok: false, code, at, message };
}

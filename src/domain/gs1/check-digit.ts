/**
 * The GS1 mod-10 check digit (GS1 General Specifications §7.9.1): counted from the right, the digits beside the check
 * digit weigh 3, 1, 3, 1, …; the check digit lifts the sum to a multiple of ten.
 */

const ZERO = 48;

/** Sum of the weighted digits of `text[start, end)`, the last of which stands right before the check digit. */
function weightedSum(text: string, start: number, end: number): number {
  let sum = 0;
  let weight = 3;
  for (let i = end - 1; i >= start; i -= 1) {
    sum += (text.charCodeAt(i) - ZERO) * weight;
    weight = 4 - weight;
  }
  return sum;
}

/** True when every character of `text[start, end)` is 0–9. */
export function isDigits(text: string, start = 0, end = text.length): boolean {
  for (let i = start; i < end; i += 1) {
    const code = text.charCodeAt(i);
    if (code < 48 || code > 57) return false;
  }
  return end > start;
}

/** True when the last digit of `text[start, end)` is the check digit of those before it. Digits only. */
export function hasValidCheckDigit(text: string, start = 0, end = text.length): boolean {
  return (weightedSum(text, start, end - 1) + (text.charCodeAt(end - 1) - ZERO)) % 10 === 0;
}

/** The check digit that belongs behind `digits` ('34012345000000001' → '4'). Digits only. */
export function checkDigit(digits: string): string {
  return String((10 - (weightedSum(digits, 0, digits.length) % 10)) % 10);
}

/** `digits` with its check digit behind it. */
export function withCheckDigit(digits: string): string {
  return digits + checkDigit(digits);
}

/** PINs that are tried first, beside rows and repetitions. */
const common: ReadonlySet<string> = new Set(['2580', '0852', '1004', '1313', '2468', '1357', '112233', '121212', '159753', '147258', '147852', '789456', '69696969', '11223344']);

/** Why a new PIN is not accepted, in one sentence; undefined when it is. */
export function pinProblem(pin: string): string | undefined {
  if (!/^\d{4,8}$/.test(pin)) return 'A PIN has 4 to 8 digits.';
  const repeats = [1, 2, 3, 4].some((size) => size < pin.length && pin === pin.slice(0, size).repeat(Math.ceil(pin.length / size)).slice(0, pin.length));
  const row = ['01234567890123456789', '98765432109876543210'].some((digits) => digits.includes(pin));
  const year = pin.length === 4 && /^(19|20)\d\d$/.test(pin);
  if (repeats || row || year || common.has(pin)) return 'This PIN is one of the first that are tried; take one without a row, a repetition or a year.';
  return undefined;
}

import assert from 'node:assert/strict';
import { parseGs1, withCheckDigit, type Gs1Code } from '../../../src/intake/gs1/index.ts';

interface Clause {
  readonly clause: string;
  readonly rule: string;
  readonly code: string;
  /** Fields of the result, or the failure's code. */
  readonly gives: { readonly [K in keyof Gs1Code]?: Gs1Code[K] | undefined } | string;
  readonly year?: number;
  readonly fnc1?: readonly string[];
}

const FNC1 = '\x1d';
const GTIN = '09521234543213';
const SSCC = '376104250021234569';
/** Variable measure: indicator digit 9. */
const VARIABLE = withCheckDigit('9952123454321');

/** General Specifications, by clause; the examples are GS1's own where there are some. */
const CLAUSES: readonly Clause[] = [
  { clause: '§7.9.1', rule: 'check digit of a GTIN-13: 629104150021 has 3', code: '6291041500213', gives: { gtin: '06291041500213' } },
  { clause: '§7.9.1', rule: 'a wrong one is refused', code: '6291041500214', gives: 'bad-check-digit' },
  { clause: '§7.9.1', rule: 'check digit of an SSCC: 37610425002123456 has 9', code: `]C100${SSCC}`, gives: { sscc: SSCC } },
  { clause: '§7.9.1', rule: 'two digits that changed places are found', code: ']C100376104250021243569', gives: 'bad-check-digit' },
  { clause: '§7.9.1', rule: 'check digit of a GTIN-12', code: '614141000036', gives: { gtin: '00614141000036' } },
  { clause: '§7.9.1', rule: 'check digit of a GTIN-8', code: '95050003', gives: { gtin: '00000095050003' } },
  { clause: '§7.9.1', rule: 'check digit of a GLN', code: `]C141${'4'}${withCheckDigit('952110153001')}`, gives: { elements: [{ ai: '414', title: 'LOC No.', value: withCheckDigit('952110153001') }] } },
  { clause: '§3.2', rule: 'AI 00 has 18 digits', code: `]C100${SSCC.slice(1)}`, gives: 'truncated' },
  { clause: '§3.2', rule: 'AI 10 has up to 20 characters', code: `]C110${'A'.repeat(21)}`, gives: 'too-long' },
  { clause: '§3.2', rule: 'AI 37 has up to 8 digits', code: ']C137123456789', gives: 'too-long' },
  { clause: '§3.2', rule: 'there is no AI 05', code: ']C10512', gives: 'unknown-ai' },
  { clause: '§7.11', rule: 'a lot may hold all of character set 82', code: ']C110!"%&\'()*+,-./_:;<=', gives: { lot: '!"%&\'()*+,-./_:;<=' } },
  { clause: '§7.11', rule: 'and nothing else', code: ']C110A#', gives: 'bad-character' },
  { clause: '§7.11', rule: 'the number sign is in character set 39, and not in 82', code: ']C18010952012345#A', gives: { elements: [{ ai: '8010', title: 'CPID', value: '952012345#A' }] } },
  { clause: '§4.13', rule: 'case counts in a lot', code: ']C110aBc', gives: { lot: 'aBc' } },
  { clause: '§7.8.5', rule: 'a predefined length needs no FNC1', code: `]C101${GTIN}1726123110AB`, gives: { gtin: GTIN, expiry: '2026-12-31', lot: 'AB' } },
  { clause: '§7.8.5', rule: 'another length ends at FNC1', code: `]C110AB${FNC1}17261231`, gives: { lot: 'AB', expiry: '2026-12-31' } },
  { clause: '§7.8.5', rule: 'without it, it goes on to the end', code: ']C110AB17261231', gives: { lot: 'AB17261231' } },
  { clause: '§7.8.5', rule: 'the last element needs no FNC1, and may have one', code: `]C1${'37'}25${FNC1}`, gives: { quantity: '25' } },
  { clause: '§7.8.5', rule: 'a needless FNC1 is tolerated', code: `]C1${FNC1}01${GTIN}${FNC1}${FNC1}3725`, gives: { gtin: GTIN, quantity: '25' } },
  { clause: '§7.8.5', rule: 'what stands for FNC1 can be said', code: `01${GTIN}10AB|3725`, fnc1: ['|'], gives: { gtin: GTIN, lot: 'AB', quantity: '25' } },
  ...[']C1', ']d2', ']Q3', ']e0', ']J1'].map((symbology): Clause => ({ clause: '§5.1.2', rule: `${symbology} carries element strings`, code: `${symbology}00${SSCC}`, gives: { sscc: SSCC, symbology } })),
  { clause: '§5.1.2', rule: ']E0 carries a GTIN', code: ']E06291041500213', gives: { gtin: '06291041500213' } },
  { clause: '§5.1.2', rule: 'another symbology carries no GS1 data', code: ']A0ABC', gives: 'not-gs1' },
  // §7.12, figure 7.12-1: the difference of the years decides
  ...([[2026, '76', '2076'], [2026, '77', '1977'], [2026, '00', '2000'], [2026, '99', '1999'], [2026, '26', '2026'], [2049, '99', '2099'], [2049, '00', '2000'], [2050, '00', '2100'], [2051, '01', '2101'], [2051, '02', '2002'], [1999, '49', '2049'], [1999, '50', '1950'], [2000, '50', '2050'], [2000, '51', '1951']] as const)
    .map(([year, yy, full]): Clause => ({ clause: '§7.12', rule: `in ${year} the year ${yy} is ${full}`, code: `]C117${yy}0615`, year, gives: { expiry: `${full}-06-15` } })),
  { clause: '§3.4.2', rule: 'day 00 is the last day of the month', code: ']C115260200', gives: { bestBefore: '2026-02-28' } },
  { clause: '§3.4.2', rule: 'of a leap year too', code: ']C117280200', gives: { expiry: '2028-02-29' } },
  { clause: '§3.4.2', rule: '2100 is no leap year', code: ']C117000200', year: 2060, gives: { expiry: '2100-02-28' } },
  { clause: '§3.4', rule: 'where a day has to be said, 00 is refused', code: ']C17006261100', gives: 'bad-date' },
  { clause: '§3.4', rule: 'there is no 31 November', code: ']C117261131', gives: 'bad-date' },
  { clause: '§3.4', rule: 'there is no month 13', code: ']C111261301', gives: 'bad-date' },
  { clause: '§3.4', rule: 'nor month 00', code: ']C111260001', gives: 'bad-date' },
  { clause: '§3.8.3', rule: 'there is no hour 24', code: ']C170032612312400', gives: 'bad-date' },
  { clause: '§3.8.3', rule: 'nor minute 60', code: ']C170032612312360', gives: 'bad-date' },
  { clause: '§3.4.5, §3.4.7', rule: 'AI 15 is best before, and not expiry', code: ']C115261231', gives: { bestBefore: '2026-12-31', expiry: undefined } },
  { clause: '§3.4.5, §3.4.7', rule: 'AI 17 is expiry, and not best before', code: ']C117261231', gives: { expiry: '2026-12-31', bestBefore: undefined } },
  { clause: '§3.4.5, §3.4.7', rule: 'both stand side by side', code: ']C11526123117270131', gives: { bestBefore: '2026-12-31', expiry: '2027-01-31' } },
  { clause: '§3.6.2', rule: '3103 has three decimals', code: ']C13103001250', gives: { netWeightKg: '1.250' } },
  { clause: '§3.6.2', rule: '3100 has none', code: ']C13100001250', gives: { netWeightKg: '1250' } },
  { clause: '§3.6.2', rule: '3105 has five', code: ']C13105000001', gives: { netWeightKg: '0.00001' } },
  { clause: '§3.6.2', rule: 'there is no 3106', code: ']C13106000001', gives: 'unknown-ai' },
  { clause: '§3.6.2', rule: 'a measure has six digits', code: ']C1310300125', gives: 'truncated' },
  ...([
    ['3103', '1.250', 'KGM'], ['3113', '1.250', 'MTR'], ['3123', '1.250', 'MTR'], ['3133', '1.250', 'MTR'], ['3142', '12.50', 'MTK'], ['3152', '12.50', 'LTR'], ['3163', '1.250', 'MTQ'], ['3202', '12.50', 'LBR'],
    ['3210', '1250', 'INH'], ['3221', '125.0', 'FOT'], ['3231', '125.0', 'YRD'], ['3501', '125.0', 'INK'], ['3511', '125.0', 'FTK'], ['3521', '125.0', 'YDK'], ['3562', '12.50', 'APZ'], ['3572', '12.50', 'ONZ'],
    ['3602', '12.50', 'QTL'], ['3612', '12.50', 'GLL'], ['3642', '12.50', 'INQ'], ['3652', '12.50', 'FTQ'], ['3662', '12.50', 'YDQ'],
  ] as const).map(([ai, quantity, unit]): Clause => ({ clause: '§3.6.2', rule: `${ai} is a trade measure in ${unit}`, code: `]C101${VARIABLE}${ai}001250`, gives: { tradeMeasure: { ai, quantity, unit } } })),
  { clause: '§3.6.2', rule: 'weight counts before length', code: `]C101${VARIABLE}31130012503103000195`, gives: { tradeMeasure: { ai: '3103', quantity: '0.195', unit: 'KGM' }, measures: [{ ai: '3113', quantity: '1.250', unit: 'MTR' }, { ai: '3103', quantity: '0.195', unit: 'KGM' }] } },
  { clause: '§3.6.2', rule: 'metric before pounds', code: `]C101${VARIABLE}32020027563103001250`, gives: { tradeMeasure: { ai: '3103', quantity: '1.250', unit: 'KGM' }, netWeightKg: '1.250' } },
  ...([['3303', 'KGM'], ['3313', 'MTR'], ['3343', 'MTK'], ['3353', 'LTR'], ['3363', 'MTQ'], ['3403', 'LBR'], ['3533', 'INK'], ['3623', 'QTL'], ['3693', 'YDQ']] as const)
    .map(([ai, unit]): Clause => ({ clause: '§3.6.3', rule: `${ai} is a logistic measure, and no quantity of the goods`, code: `]C100${SSCC}${ai}001250`, gives: { tradeMeasure: undefined, measures: [{ ai, quantity: '1.250', unit }] } })),
  { clause: '§3.6.4', rule: '337n is no quantity', code: ']C13373001250', gives: { tradeMeasure: undefined, measures: [{ ai: '3373', quantity: '1.250', unit: '28' }] } },
  { clause: '§3.6.6', rule: '390n is an amount payable without a currency', code: ']C139021299', gives: { amountPayable: { amount: '12.99' }, price: undefined } },
  { clause: '§3.6.7', rule: '391n has a currency before it', code: ']C139129781299', gives: { amountPayable: { amount: '12.99', currency: 'EUR' } } },
  { clause: '§3.6.8', rule: '392n is the price of a variable measure item', code: `]C101${VARIABLE}310300019539220299`, gives: { price: { amount: '2.99' }, tradeMeasure: { ai: '3103', quantity: '0.195', unit: 'KGM' } } },
  { clause: '§3.6.8', rule: '3920 has no decimals, 3929 nine', code: `]C13929${'123456789012345'}`, gives: { price: { amount: '123456.789012345' } } },
  { clause: '§3.6.9', rule: '393n has a currency before it', code: ']C139307561250', gives: { price: { amount: '1250', currency: 'CHF' } } },
  { clause: '§3.6.9', rule: 'a currency that is not in the list keeps its number', code: ']C13932000299', gives: { price: { amount: '2.99', currency: '000' } } },
  { clause: '§3.6.8, §3.6.9', rule: 'of two prices that with a currency counts, wherever it stands', code: `]C13932978299${FNC1}3922500`, gives: { price: { amount: '2.99', currency: 'EUR' } } },
  { clause: '§3.6.10', rule: '394n is a percentage, and no amount', code: ']C139421250', gives: { price: undefined, amountPayable: undefined } },
  { clause: '§3.6.11', rule: '395n is a price for one unit of measure', code: ']C13952001250', gives: { unitPrice: '12.50', price: undefined } },
  { clause: '§3.6.8', rule: '3922 is a price with two decimals', code: ']C13922299', gives: { elements: [{ ai: '3922', title: 'PRICE', value: '299', decimal: '2.99' }] } },
  { clause: '§3.6.9', rule: '3932 has a currency before it', code: ']C13932978299', gives: { elements: [{ ai: '3932', title: 'PRICE', value: '978299', currency: '978', decimal: '2.99' }] } },
  { clause: '§3.6.9', rule: 'which has to be there', code: ']C1393297', gives: 'truncated' },
  { clause: '§3.3.3, §3.6.5', rule: '02 with 37: what is in it, and how many', code: `]C100${SSCC}02${GTIN}3724`, gives: { sscc: SSCC, contentGtin: GTIN, quantity: '24', gtin: undefined } },
  { clause: '§3.6.5', rule: '37 counts before 30', code: `]C102${GTIN}307${FNC1}3724`, gives: { quantity: '24' } },
  { clause: '§4.13.2', rule: '02 without 37 is read, without a quantity', code: `]C102${GTIN}`, gives: { contentGtin: GTIN, quantity: undefined } },
  { clause: '§4.13.1', rule: 'one AI with two values is refused', code: `]C110A${FNC1}10B`, gives: 'conflicting-elements' },
  { clause: '§4.14', rule: 'the human-readable form', code: `(01)${GTIN}(10)AB(17)261231`, gives: { gtin: GTIN, lot: 'AB', expiry: '2026-12-31', form: 'bracketed' } },
  { clause: 'Digital Link §4', rule: 'GTIN, lot, serial number and expiry', code: 'https://id.gs1.org/01/09520123456788/10/ABC1/21/12345?17=180426', gives: { gtin: '09520123456788', lot: 'ABC1', serial: '12345', expiry: '2018-04-26', form: 'digital-link' } },
  { clause: 'Digital Link §4', rule: 'weight, price and expiry of a piece of meat', code: 'https://example.com/01/09520123456788?3103=000195&3922=0299&17=201225', gives: { gtin: '09520123456788', netWeightKg: '0.195', expiry: '2020-12-25' } },
  { clause: 'Digital Link §4', rule: 'a logistic unit and its content', code: 'https://id.gs1.org/00/952012345678912345?02=09520123456788&37=25&10=ABC123', gives: { sscc: '952012345678912345', contentGtin: '09520123456788', quantity: '25', lot: 'ABC123' } },
  { clause: 'Digital Link §4', rule: 'qualifiers have an order', code: 'https://id.gs1.org/01/09520123456788/21/1/10/A', gives: 'unknown-ai' },
];

describe('GS1 General Specifications, clause by clause', () => {
  for (const { clause, rule, code, gives, year = 2026, fnc1 } of CLAUSES) {
    it(`${clause}: ${rule}`, () => {
      const result = parseGs1(code, { referenceYear: year, ...(fnc1 === undefined ? {} : { fnc1Substitutes: fnc1 }) });
      if (typeof gives === 'string') {
        assert.equal(result.ok ? 'read' : result.code, gives);
        return;
      }
      assert.ok(result.ok, result.ok ? '' : result.message);
      const seen = Object.fromEntries(Object.keys(gives).map((field) => [field, result[field as keyof Gs1Code]]));
      assert.deepEqual(seen, gives);
    });
  }
});

import { amountOf } from './amounts.ts';
import { asTradeMeasure } from './measures.ts';
import { failure, type Gs1Code, type Gs1Element, type Gs1Failure, type Gs1Form } from './types.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Gives the elements their business names; refuses the same AI with two values (GS1 General Specifications §4.13.1). */
export function summarize(form: Gs1Form, symbology: string | undefined, elements: readonly Gs1Element[]): Gs1Code | Gs1Failure {
  const code: Mutable<Gs1Code> = { ok: true, form, elements };
  if (symbology !== undefined) code.symbology = symbology;
  for (let i = 0; i < elements.length; i += 1) {
    const element = elements[i] as Gs1Element;
    for (let j = 0; j < i; j += 1) {
      const earlier = elements[j] as Gs1Element;
      if (earlier.ai === element.ai && earlier.value !== element.value) {
        return failure('conflicting-elements', 0, `AI ${element.ai} (${element.title}) stands there twice with different values.`);
      }
    }
    name(code, element);
  }
  return code;
}

function name(code: Mutable<Gs1Code>, element: Gs1Element): void {
  switch (element.ai) {
    case '00': code.sscc = element.value; return;
    case '01':
    case '03': code.gtin = element.value; return;
    case '02': code.contentGtin = element.value; return;
    case '10': code.lot = element.value; return;
    case '21': code.serial = element.value; return;
    case '400': code.purchaseOrder = element.value; return;
    case '30': code.quantity ??= element.decimal as string; return;
    case '37': code.quantity = element.decimal as string; return;
    case '11': code.productionDate = element.date as string; return;
    case '13': code.packDate = element.date as string; return;
    case '15': code.bestBefore = element.date as string; return;
    case '16': code.sellBy = element.date as string; return;
    case '17': code.expiry = element.date as string; return;
    default: if (element.decimal !== undefined) nameDecimal(code, element, element.decimal);
  }
}

/** Measures (§3.6.2 to §3.6.4) and amounts (§3.6.6 to §3.6.11). The one that names its currency counts before the one that does not. */
function nameDecimal(code: Mutable<Gs1Code>, element: Gs1Element, decimal: string): void {
  const { ai, unit } = element;
  if (unit !== undefined) {
    const measure = { ai, quantity: decimal, unit };
    code.measures = code.measures === undefined ? [measure] : [...code.measures, measure];
    const trade = asTradeMeasure(measure, code.tradeMeasure);
    if (trade !== undefined) code.tradeMeasure = trade;
    if (ai.startsWith('310')) code.netWeightKg = decimal;
    return;
  }
  switch (ai.slice(0, 3)) {
    case '390': code.amountPayable ??= amountOf(element, decimal); return;
    case '391': code.amountPayable = amountOf(element, decimal); return;
    case '392': code.price ??= amountOf(element, decimal); return;
    case '393': code.price = amountOf(element, decimal); return;
    case '395': code.unitPrice = decimal; return;
    default: // 394n is a percentage of a coupon
  }
}

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
    default: if (element.unit === 'KGM' && element.ai.startsWith('310')) code.netWeightKg = element.decimal as string;
  }
}

import { finding } from './place.ts';
import { controlNumberOf } from './reader.ts';
import type { EdiFinding, EdiStandard, Interchange } from './types.ts';
import { valueOf } from './types.ts';

/** By what two interchanges are the same one: who sent what number to whom. */
export interface ControlNumberKey {
  readonly standard: EdiStandard;
  readonly sender: string;
  readonly receiver: string;
  readonly controlNumber: string;
}

/** Where control numbers are kept. */
export interface ControlNumbers {
  /** Keeps the key and answers whether it was new, in one step: of two that come at once one alone is new. */
  readonly take: (key: ControlNumberKey) => boolean | Promise<boolean>;
}

/** Qualifier and id make a party: the same id under another qualifier is another. */
export function controlNumberKey({ standard, header }: Interchange): ControlNumberKey {
  const party = (qualifier: string, id: string): string => (qualifier === '' ? id : `${qualifier}:${id}`);
  return standard === 'x12'
    ? { standard, sender: party(valueOf(header, 5), valueOf(header, 6).trimEnd()), receiver: party(valueOf(header, 7), valueOf(header, 8).trimEnd()), controlNumber: valueOf(header, 13) }
    : { standard, sender: party(valueOf(header, 2, 2), valueOf(header, 2, 1)), receiver: party(valueOf(header, 3, 2), valueOf(header, 3, 1)), controlNumber: valueOf(header, 5) };
}

/** Takes the numbers of interchanges; answers a finding for each that came before, in this file or ever. */
export async function findDuplicates(interchanges: readonly Interchange[], numbers: ControlNumbers): Promise<readonly EdiFinding[]> {
  const found: EdiFinding[] = [];
  for (const interchange of interchanges) {
    const key = controlNumberKey(interchange);
    if (await numbers.take(key)) continue;
    const { header, standard } = interchange;
    found.push(finding('same-control-number', `${key.sender} has sent the control number ${key.controlNumber} to ${key.receiver} before; the interchange is a repeat and is not taken again.`,
      { interchange: controlNumberOf(standard, header), tag: header.tag, element: standard === 'x12' ? 13 : 5, offset: header.offset, line: header.line }));
  }
  return found;
}

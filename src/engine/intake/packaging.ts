import { packagingLevels, packagingProblemText, type PackagingLevels, type PackagingRow } from '../../domain/packaging/index.ts';
import type { UnknownPacks } from '../../intake/mapper/index.ts';

/** What the form of an intake says of packs. */
export interface PackagingOptions { readonly packaging: readonly PackagingRow[]; readonly unknownPacks: string }

const SHOWN_PROBLEMS = 3;
const policies: readonly UnknownPacks[] = ['leave', 'quarantine'];

/** The levels of one intake. @throws RangeError with what is wrong in the list, the first rows of it */
export function intakePackaging({ packaging, unknownPacks }: PackagingOptions): { readonly packaging: PackagingLevels; readonly unknownPacks: UnknownPacks } {
  const levels = packagingLevels(packaging.map(rowOf));
  if (levels.problems.length > 0) {
    const more = levels.problems.length - SHOWN_PROBLEMS;
    throw new RangeError(`${levels.problems.slice(0, SHOWN_PROBLEMS).map(packagingProblemText).join(' ')}${more > 0 ? ` And ${more} more.` : ''}`);
  }
  const policy = policies.find((each) => each === unknownPacks);
  if (policy === undefined) throw new RangeError(`The node does not know what to do with unknown packs by "${unknownPacks}"; choose taken as they are, or quarantine.`);
  return { packaging: levels, unknownPacks: policy };
}

/** A row as it stands in a flow, where anything may stand. */
function rowOf(row: unknown): PackagingRow {
  const given = (typeof row === 'object' && row !== null ? row : {}) as Readonly<Record<string, unknown>>;
  const text = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '');
  return { gtin: text(given['gtin']), contained: text(given['contained']), quantity: text(given['quantity']), unit: text(given['unit']) };
}

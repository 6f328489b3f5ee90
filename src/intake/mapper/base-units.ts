/** From what was scanned to base units: packaging levels, AI 01, 02, 30 and 37, and what the message says. */
import { compare, times } from '../../domain/decimals.ts';
import { isVariableMeasure, type PackagingLevels } from '../../domain/packaging/index.ts';
import type { Gs1Code } from '../gs1/index.ts';
import type { Fault } from './fields.ts';
import type { ScanBase, UnknownPacks } from './types.ts';

export interface Counted {
  readonly gs1: Gs1Code | undefined;
  /** Quantity and base units in one, as the message itself says so. */
  readonly said: string | undefined;
  readonly baseUnits: string | undefined;
}

export interface BaseUnitOptions {
  readonly packaging: PackagingLevels | undefined;
  readonly unknownPacks: UnknownPacks;
}

/** How many of what was scanned, and what that is in base units. */
export interface Counting {
  readonly quantity: string | undefined;
  readonly base?: ScanBase;
  readonly unknownPack?: boolean;
}

/**
 * Counts what was scanned. What the message says of the quantity goes before the label. On the label:
 *
 * - AI 01 is one of it (General Specifications §3.3.2), and 30 how many pieces a variable measure holds (§3.6.1). On a pack
 *   of fixed measure 30 "should be treated as redundant data" (§3.6.1): it does not count packs.
 * - AI 02 is what a logistic unit holds, and 37 how many of it (§3.3.3, §3.6.5): without 37 nobody knows.
 */
export function countScanned({ gs1, said, baseUnits }: Counted, { packaging, unknownPacks }: BaseUnitOptions): Counting | Fault {
  const gtin = gs1?.gtin ?? gs1?.contentGtin;
  const asked = packaging !== undefined && !packaging.empty && gtin !== undefined;
  const known = asked ? packaging.of(gtin) ?? (isVariableMeasure(gtin) ? { gtin, each: '1' } : undefined) : undefined;
  const redundant = known !== undefined && known.each !== '1' && gs1?.gtin !== undefined && !isVariableMeasure(gs1.gtin);
  const quantity = said ?? (redundant ? undefined : gs1?.quantity);
  const packs = quantity ?? (gs1 !== undefined && gs1.gtin === undefined && gs1.contentGtin !== undefined ? undefined : '1');
  const counted = (each: string): Pick<ScanBase, 'quantity'> => (packs === undefined ? {} : { quantity: times(packs, each) });
  if (known === undefined) {
    if (baseUnits !== undefined) return packs === undefined ? { quantity } : { quantity, base: counted(baseUnits) };
    if (!asked) return { quantity };
    if (unknownPacks === 'leave') return { quantity, unknownPack: true };
    const base = packaging.derivedFrom(gtin);
    return { reason: 'unknown-pack', detail: base === undefined ? gtin : `${gtin}, by its indicator digit a pack of ${base}` };
  }
  if (baseUnits !== undefined && compare(baseUnits, known.each) !== 0) {
    return { reason: 'base-units-differ', detail: `${gtin}: ${baseUnits} in the message, ${known.each} in the packaging levels` };
  }
  return { quantity, base: { gtin: known.gtin, ...counted(known.each), ...(known.unit === undefined ? {} : { unit: known.unit }) } };
}

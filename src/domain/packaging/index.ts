/** Packaging levels of trade items: from pallets and cases to base units. Pure. */
export { gtin14, isGrouping, isVariableMeasure, packagingLevels, packagingProblems } from './levels.ts';
export type { BaseUnits, PackagingLevels, PackagingProblem, PackagingProblemCode, PackagingRow } from './levels.ts';
export { readPackagingList } from './list.ts';
export type { ListedPackaging, PackagingListProblem } from './list.ts';
export { packagingProblemText } from './texts.ts';

/** What a list of packaging levels is and what is wrong with one, the same in the editor and in the engine. */
export { gtin14, packagingProblems, readPackagingList } from '../../../domain/packaging/index.ts';
export type { ListedPackaging, PackagingListProblem, PackagingProblem, PackagingRow } from '../../../domain/packaging/index.ts';

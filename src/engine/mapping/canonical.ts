import { codeListId } from '../../domain/mapping/index.ts';
import type { CodeList } from '../../domain/mapping/index.ts';
import { contractId, packagedFolder, readCodeLists, readContracts } from '../../governance/contract/contract-files.ts';
import type { Contract } from '../../governance/contract/contract-files.ts';

/** Contracts and code lists that this site knows. */
export interface CanonicalContent {
  readonly contracts: readonly Contract[];
  readonly lists: readonly CodeList[];
}

let packaged: CanonicalContent | undefined;
let signed: () => CanonicalContent = () => ({ contracts: [], lists: [] });

/** Tells where the catalogue of this process stands; it changes while the site runs. */
export function setSignedContent(catalogue: () => { contracts(): readonly Contract[]; codeLists(): readonly CodeList[] }): void {
  signed = () => {
    const now = catalogue();
    return { contracts: now.contracts(), lists: now.codeLists() };
  };
}

/** Those of the catalogue, and those that come with the package; of two under one name that of the catalogue. */
export function canonicalContent(): CanonicalContent {
  packaged ??= { contracts: readContracts(packagedFolder('contracts')), lists: readCodeLists(packagedFolder('code-lists')) };
  const { contracts, lists } = signed();
  if (contracts.length + lists.length === 0) return packaged;
  const [known, listed] = [new Set(contracts.map(contractId)), new Set(lists.map(codeListId))];
  return { contracts: [...contracts, ...packaged.contracts.filter((each) => !known.has(contractId(each)))], lists: [...lists, ...packaged.lists.filter((each) => !listed.has(codeListId(each)))] };
}

/** A contract by `name@version`. */
export const contractById = (id: string): Contract | undefined => canonicalContent().contracts.find((each) => contractId(each) === id);
/** A contract by the URI that its schema has as `$id`. */
export const contractByUri = (uri: string): Contract | undefined => canonicalContent().contracts.find(({ schema }) => schema['$id'] === uri);
/** A code list by `name@version`. */
export const codeListById = (id: string): CodeList | undefined => canonicalContent().lists.find((each) => codeListId(each) === id);

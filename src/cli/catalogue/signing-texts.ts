import type { Signing } from '../../governance/catalogue/owners.ts';
import type { DraftState } from '../../governance/catalogue/publisher/drafts.ts';
import { keysText } from '../../governance/signing/public-key.ts';

/** Who signs for a family. */
export function signingText({ threshold, keys, functions, firstRing }: Pick<Signing, 'threshold' | 'keys' | 'functions' | 'firstRing'>): string {
  return `${threshold} of ${keysText(keys)}${functions.length === 0 ? '' : `, one each of ${functions.join(', ')}`}${firstRing === undefined ? '' : `; new versions begin with ${firstRing}`}`;
}

/** How far a draft is signed. */
export function signedText({ signers, threshold, missingFunctions }: Pick<DraftState, 'signers' | 'threshold' | 'missingFunctions'>): string {
  const lacks = missingFunctions.length === 0 ? '' : `, one of ${missingFunctions.join(' and ')} is missing`;
  return `signed by ${signers.map(({ name }) => name).join(', ') || 'nobody yet'} (${signers.length} of ${threshold}${lacks})`;
}

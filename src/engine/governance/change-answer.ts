import type { BringAnswer } from '../../domain/change/index.ts';
import type { FamilyOwners } from '../../governance/catalogue/site-catalogue.ts';
import { answerSigned, readAnswerFile } from '../../governance/change/answer-file.ts';
import { ChangeFileError } from '../../governance/change/change-file.ts';

interface ReadAnswer { readonly changeId: string; readonly answer: Omit<BringAnswer, 'channel' | 'at'> }

/** An answer that was brought, with who has signed it by the owners that the verified catalogue names. `wrong`: one sentence when it is none. */
export function answerIn(file: string, ownersOf: (family: string) => FamilyOwners | undefined): ReadAnswer | { readonly wrong: string } {
  try {
    const read = readAnswerFile(Buffer.from(file, 'utf8'));
    const owners = ownersOf(read.family);
    const { signers, problem } = owners === undefined ? { signers: [], problem: 'answer-no-owners' as const } : answerSigned(read, owners);
    const { changeId, site, family, requestHash, terms, comment, answeredAt, validUntil } = read;
    return {
      changeId,
      answer: {
        site, family, requestHash, terms, ...(comment === undefined ? {} : { comment }), answeredAt, validUntil, ...(problem === undefined ? {} : { problem }),
        signedBy: signers.map(({ keyId }) => keyId), names: signers.map(({ name }) => name),
      },
    };
  } catch (error) {
    if (!(error instanceof ChangeFileError)) throw error;
    return { wrong: error.message };
  }
}

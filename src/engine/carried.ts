import { own } from '../domain/index.ts';
import type { CaseState, EncodedMessage } from '../domain/index.ts';

/** The message that a token carries: its own, or what its run sent to its port. Undefined when it was erased. */
export function carriedBy(state: CaseState, tokenId: string): EncodedMessage | undefined {
  const token = own(state.tokens, tokenId);
  return token === undefined ? undefined : token.message ?? state.runs[token.issuedBy]?.messages?.[String(token.port)];
}

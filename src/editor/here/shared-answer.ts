/**
 * Asks at most once every `forMs` and shares the answer, so that twenty open editors cost the ledger what one costs.
 * A failed question is forgotten at once.
 */
export function sharedAnswer<T>(ask: () => Promise<T>, forMs: number, now: () => number = Date.now): () => Promise<T> {
  let kept: { readonly answer: Promise<T>; readonly until: number } | undefined;
  return () => {
    if (kept !== undefined && now() < kept.until) return kept.answer;
    const answer = ask();
    const own = { answer, until: now() + forMs };
    kept = own;
    answer.catch(() => {
      if (kept === own) kept = undefined;
    });
    return answer;
  };
}

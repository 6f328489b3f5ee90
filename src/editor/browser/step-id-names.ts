/** What a step id looks like: letters, digits, dot, dash, underscore; at most 64 characters. */
export const STEP_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/**
 * The first free step id `<base>-<n>`.
 *
 * @param wanted an id that is taken (`post-receipt`, `approval-2`), or the kind of a new node (`approval`)
 * @param taken ids of the other nodes
 */
export function freeStepId(wanted: string, taken: ReadonlySet<string>): string {
  const base = wanted.replace(/-\d+$/, '');
  for (let n = base === wanted && taken.has(wanted) ? 2 : 1; ; n += 1) {
    const candidate = `${base}-${n}`;
    if (!taken.has(candidate)) {
      return candidate;
    }
  }
}

import { leafText } from '../leaf.ts';
import type { EncodedEvent } from '../leaf.ts';
import type { Commit, Condition } from '../port.ts';
import { project } from '../projections.ts';
import type { Cell } from '../projections.ts';
import type { RowEncoder, StatementText } from './statements.ts';

/** A commit whose events are encoded but for their time of recording. */
export interface EncodedCommit {
  readonly commit: Commit;
  readonly events: readonly EncodedEvent[];
}

/** Entries of `parts` for each event: type, leaf text, stored content, stored personal content. */
export const partsPerEvent = 4;

/**
 * A group of commits on its way to the writer, one array for each column: flat arrays of text and numbers are the cheapest to
 * clone between threads. Rows were projected on the main thread, from the same events that the leaves hold; the contract suite
 * proves that a rebuild from the leaves gives the same.
 */
export interface BatchColumns {
  readonly streamIds: readonly string[];
  readonly expectedVersions: readonly number[];
  /** Where each commit's parts and rows end. */
  readonly partsTo: readonly number[];
  readonly rowsTo: readonly number[];
  readonly parts: readonly (string | null)[];
  /** See statements.ts. */
  readonly rows: readonly Cell[];
  /** Only for commits that have one. */
  readonly conditions: readonly (readonly [commit: number, conditions: readonly Condition[]])[];
  readonly commandKeys: readonly (readonly [commit: number, key: string])[];
}

/** A batch with the statements that its rows name. */
export interface BatchMessage extends BatchColumns {
  readonly kind: 'batch';
  /** It may be on disk already, because the writer that had it failed. */
  readonly again: boolean;
  /** Statement texts from number `statementsFrom` on: those that the writer has not been told. */
  readonly statementsFrom: number;
  readonly statements: readonly StatementText[];
}

/** Encodes commits for the writer. */
export function encodeBatch(commits: readonly EncodedCommit[], recordedAt: string, encoder: RowEncoder): BatchColumns {
  const columns = {
    streamIds: [] as string[], expectedVersions: [] as number[], partsTo: [] as number[], rowsTo: [] as number[], parts: [] as (string | null)[], rows: [] as Cell[],
    conditions: [] as [number, readonly Condition[]][], commandKeys: [] as [number, string][],
  };
  commits.forEach(({ commit, events }, index) => {
    events.forEach((encoded, i) => {
      const event = commit.events[i]!;
      columns.parts.push(event.type, leafText(encoded, recordedAt), encoded.content, encoded.personal);
      for (const op of project(event, recordedAt)) encoder.encode(op, columns.rows);
    });
    columns.streamIds.push(commit.streamId);
    columns.expectedVersions.push(commit.expectedVersion);
    columns.partsTo.push(columns.parts.length);
    columns.rowsTo.push(columns.rows.length);
    if (commit.conditions !== undefined && commit.conditions.length > 0) columns.conditions.push([index, commit.conditions]);
    if (commit.commandKey !== undefined) columns.commandKeys.push([index, commit.commandKey]);
  });
  return columns;
}

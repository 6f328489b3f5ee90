import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import type { Change, ChangeTerms, KnownWaiver, SignedWaiver } from '../../src/domain/change/index.ts';
import { answerChange, commentChange, decideChange, evolveChange, followWaiver, requestChange, withdrawChange } from '../../src/domain/change/index.ts';
import type { AnyEvent } from '../../src/domain/envelope.ts';
import type { Cell } from '../../src/ledger/projections.ts';
import { project } from '../../src/ledger/projections.ts';
import { StatementCache } from '../../src/ledger/sqlite/database.ts';
import { projectionSchema } from '../../src/ledger/sqlite/schema.ts';
import { RowEncoder, RowExecutor } from '../../src/ledger/sqlite/statements.ts';

const now = '2026-06-15T08:00:00.000Z';
const after = (days: number): string => new Date(Date.parse(now) + days * 86_400_000).toISOString();

/** Rows of the projections after these events. */
function tables(): { readonly take: (events: readonly AnyEvent[]) => void; readonly row: (table: string) => Record<string, unknown> | undefined } {
  const db = new DatabaseSync(':memory:');
  db.exec(projectionSchema);
  const encoder = new RowEncoder();
  const executor = new RowExecutor(new StatementCache(db));
  return {
    take: (events) => {
      for (const event of events) {
        const cells: Cell[] = [];
        for (const op of project({ ...event, site: 'dc-1', streamId: 's', actor: { kind: 'person', id: 'p' }, epoch: 1 } as never, now)) encoder.encode(op, cells);
        executor.learn(encoder.texts);
        executor.run(cells);
      }
    },
    row: (table) => db.prepare(`SELECT * FROM ${table}`).get() as Record<string, unknown> | undefined,
  };
}

describe('rows of changes and waivers agree with the domain after whatever commands', () => {
  it('on changes', () => {
    const terms = fc.constantFrom<ChangeTerms>({ decision: 'accept', version: '1.1.0' }, { decision: 'decline' }, { decision: 'waive', rule: 'no-exec', scope: { fingerprints: ['f'] }, expiresAt: after(9) });
    const person = fc.constantFrom('eve', 'otto', 'olga');
    const word = fc.oneof(
      fc.record({ do: fc.constant('decide' as const), by: person, terms }), fc.record({ do: fc.constant('comment' as const), by: person }),
      fc.record({ do: fc.constant('withdraw' as const), by: person }), fc.record({ do: fc.constant('answer' as const), terms }),
    );
    fc.assert(fc.property(fc.integer({ min: 1, max: 2 }), fc.array(word, { maxLength: 12 }), (quorum, words) => {
      const rows = tables();
      let state: Change | undefined;
      const apply = (events: readonly AnyEvent[]): void => {
        rows.take(events);
        for (const event of events) state = evolveChange(state, { ...event, site: 'dc-1' });
      };
      apply(requestChange(undefined, {
        changeId: 'c', kind: 'change', family: 'returns', template: 'returns/x@1.0.0', proposedHash: 'h', by: 'eve', quorum, requestHash: 'r', at: now, content: { title: 'T', reason: 'R' }, name: 'Eve',
      }).events);
      for (const each of words) {
        const speaker = { by: 'by' in each ? each.by : '', roles: ['owner:returns'], name: 'N', channel: 'api', authMethod: 'token' };
        const decision = each.do === 'decide' ? decideChange(state, { ...speaker, terms: each.terms, requestHash: 'r', at: now }) : each.do === 'comment' ? commentChange(state, { ...speaker, commentId: 'k', comment: 'C' })
          : each.do === 'withdraw' ? withdrawChange(state, { by: speaker.by, manages: false }) : answerChange(state, each.terms);
        if (decision.kind === 'accepted') apply(decision.events);
      }
      const row = rows.row('changes');
      assert.deepEqual([row?.['status'], row?.['quorum'], row?.['requested_by'], row?.['template']], [state?.status, state?.quorum, state?.requester, state?.template]);
      assert.equal(row?.['version'], state?.terms?.decision === 'accept' ? state.terms.version : null);
      assert.equal(row?.['expires_at'], state?.terms?.decision === 'waive' ? state.terms.expiresAt : null);
    }), { numRuns: 200 });
  });

  it('on waivers, and a second look records nothing', () => {
    fc.assert(fc.property(fc.array(fc.tuple(fc.option(fc.integer({ min: 1, max: 30 })), fc.integer({ min: 0, max: 5 })), { maxLength: 12 }), (looks) => {
      const rows = tables();
      let today = 0;
      for (const [end, pass] of looks) {
        today += pass;
        const signed: SignedWaiver | undefined = end === null ? undefined : { id: 'w', rule: 'no-exec', sites: ['dc-1'], scope: { fingerprints: ['f'] }, reason: 'R', grantedAt: now, expiresAt: after(end) };
        const known = (): KnownWaiver | undefined => {
          const row = rows.row('waivers');
          return row === undefined ? undefined : { id: 'w', rule: 'no-exec', expiresAt: String(row['expires_at']), status: row['status'] as KnownWaiver['status'] };
        };
        rows.take(followWaiver(known(), signed, after(today)));
        assert.deepEqual(followWaiver(known(), signed, after(today)), []);
        assert.equal(known()?.status === 'active', end !== null && end > today, JSON.stringify({ looks, end, today, known: known() }));
      }
    }), { numRuns: 300 });
  });
});

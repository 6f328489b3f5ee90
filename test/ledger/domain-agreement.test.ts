import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { addressKey } from '../../src/domain/envelope.ts';
import { heldGathering, isOpenRun, ripeness } from '../../src/domain/index.ts';
import type { CaseState, Task } from '../../src/domain/index.ts';
import type { Cell } from '../../src/ledger/projections.ts';
import { project } from '../../src/ledger/projections.ts';
import { StatementCache } from '../../src/ledger/sqlite/database.ts';
import { projectionSchema } from '../../src/ledger/sqlite/schema.ts';
import { RowEncoder, RowExecutor } from '../../src/ledger/sqlite/statements.ts';
import { play, program } from '../domain/properties/hostile-case.ts';
import type { Move } from '../domain/properties/hostile-case.ts';

type Row = Record<string, Cell>;

/** Plays a program of the domain's own properties and projects what it records. */
function projected(moves: readonly Move[]): { readonly state: CaseState; readonly rows: (sql: string) => Row[] } {
  const db = new DatabaseSync(':memory:');
  db.exec(projectionSchema);
  const cache = new StatementCache(db);
  const encoder = new RowEncoder();
  const executor = new RowExecutor(cache);
  const state = play(moves, ({ recorded }) => {
    for (const event of recorded) {
      const encoded: Cell[] = [];
      // That a claim is free is a condition of the commit; there is none here.
      for (const op of project(event as never, event.recordedAt)) if (op.table !== 'reservations') encoder.encode(op, encoded);
      executor.learn(encoder.texts);
      executor.run(encoded);
    }
  });
  return { state, rows: (sql) => db.prepare(sql).all().map((row) => ({ ...row }) as Row) };
}

/** When it is due, or was when it ended; nothing while a question is with the requester. */
const dueOf = (task: Task): string | null => task.dueAt ?? null;

const sorted = <T>(list: readonly T[]): T[] => [...list].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));

describe('projections and the domain agree after whatever commands', function () {
  this.timeout(60_000);
  const check = (look: (state: CaseState, rows: (sql: string) => Row[]) => void): void => {
    fc.assert(fc.property(program, (moves) => {
      const { state, rows } = projected(moves);
      look(state, rows);
    }), { numRuns: 150 });
  };

  it('on live tokens', () => {
    check((state, rows) => {
      const live = Object.values(state.tokens).filter((token) => token.state === 'live');
      assert.deepEqual(
        sorted(rows('SELECT token_id, address, port, wire, target, attempt, epoch, unclean_epochs FROM tokens').map((row) => Object.values(row))),
        sorted(live.map((token) => [token.tokenId, addressKey(token.from), token.port, token.wire, token.target, token.attempt, token.epoch, token.uncleanEpochs])),
      );
    });
  });

  it('on open steps, and none that could go on is held back', () => {
    check((state, rows) => {
      const open = Object.values(state.runs).filter((run) => isOpenRun(run));
      const steps = rows('SELECT run_id, address, epoch, unclean_epochs, waiting_on FROM steps');
      assert.deepEqual(sorted(steps.map((row) => [row['run_id'], row['address'], row['epoch']])), sorted(open.map((run) => [run.runId, addressKey(run.address), run.epoch])));
      for (const { run_id: runId, waiting_on: waitingOn } of steps) {
        const task = Object.values(state.tasks).some((one) => one.runId === runId && one.status === 'open');
        const effects = Object.values(state.effects).filter((effect) => effect.runId === runId);
        const exception = Object.values(state.exceptions).some((one) => one.runId === runId && one.status === 'open');
        const gathering = heldGathering(state, String(runId));
        const reasons: Record<string, boolean> = { task, event: state.waits[String(runId)] !== undefined && state.waits[String(runId)]?.signalId === undefined, timer: effects.some((effect) => effect.state === 'waiting') || Object.values(state.timers).some((timer) => timer.runId === runId), branches: gathering !== undefined && ripeness(gathering) === undefined, held: exception || effects.some((effect) => effect.state === 'dead') };
        if (waitingOn !== null) assert.ok(reasons[String(waitingOn)], `step ${String(runId)} waits on ${String(waitingOn)} for no reason`);
      }
    });
  });

  it('on tasks and their claims', () => {
    check((state, rows) => {
      assert.deepEqual(
        sorted(rows('SELECT task_id, run_id, status, claimed_by, role, assignee, held_until, due_at, asks_info, approvals FROM tasks').map((row) => Object.values(row))),
        sorted(Object.values(state.tasks).map((task) => [task.taskId, task.runId, task.status, task.status === 'open' ? task.claimedBy ?? null : null, task.role, task.assignee ?? null, task.held?.until ?? null,
          dueOf(task), task.status === 'open' && task.info !== undefined ? 1 : 0, task.approvers.length])),
      );
    });
  });

  it('on timers', () => {
    check((state, rows) => {
      const reversals = Object.values(state.reversals).map((each) => ['reversal', state.caseId, each.at]);
      const expected = state.status !== 'open' ? reversals : [
        ...reversals,
        ...Object.values(state.tasks).filter((task) => task.status === 'open' && task.dueAt !== undefined && task.held === undefined).map((task) => ['task-expiry', task.taskId, task.dueAt]),
        ...Object.values(state.tasks).filter((task) => task.status === 'open' && task.remindAt !== undefined).map((task) => ['task-reminder', task.taskId, task.remindAt]),
        ...Object.values(state.tasks).flatMap((task) => (task.held === undefined ? [] : [['task-release', task.taskId, task.held.until]])),
        ...Object.values(state.effects).filter((effect) => effect.state === 'waiting').map((effect) => ['retry', effect.effectId, effect.dueAt]),
        ...Object.values(state.tokens).filter((token) => token.state === 'live' && token.retry?.dueAt !== undefined).map((token) => ['token-retry', token.tokenId, token.retry?.dueAt]),
        ...Object.values(state.ladders).filter((ladder) => ladder.paused === undefined).map((ladder) => [ladder.rungs[ladder.next]?.action === 'reject' ? 'escalation-expiry' : 'escalation', ladder.ladderId, ladder.rungs[ladder.next]?.dueAt]),
        ...Object.values(state.timers).map((timer) => [timer.destructive ? 'step-expiry' : 'step', timer.runId, timer.dueAt]),
      ];
      assert.deepEqual(sorted(rows('SELECT kind, ref, due_at FROM timers').map((row) => Object.values(row))), sorted(expected));
    });
  });

  it('on ladders', () => {
    check((state, rows) => {
      const ladders = Object.values(state.ladders).map((ladder) => [ladder.ladderId, ladder.subject.kind, ladder.subject.id, ladder.next + 1, ladder.paused === undefined ? ladder.rungs[ladder.next]?.dueAt : null, ladder.paused === undefined ? 'running' : 'paused']);
      assert.deepEqual(sorted(rows('SELECT ladder_id, subject_kind, subject_id, rung, due_at, status FROM ladders').map((row) => Object.values(row))), sorted(ladders));
    });
  });

  it('on who waits for an event', () => {
    check((state, rows) => {
      const waiting = Object.values(state.waits).filter((wait) => wait.signalId === undefined).map((wait) => [wait.runId, wait.name, wait.keyHash, wait.since, wait.dueAt ?? null]);
      assert.deepEqual(sorted(rows('SELECT run_id, name, key_hash, since, due_at FROM waits').map((row) => Object.values(row))), sorted(waiting));
    });
  });

  it('on dead letters, exceptions and the case itself', () => {
    check((state, rows) => {
      const dead = state.status !== 'open' ? [] : Object.values(state.effects).filter((effect) => effect.state === 'dead').map((effect) => [effect.deadLetterId, effect.effectId, null, effect.runId, effect.calls]);
      const given = Object.values(state.tokens).flatMap((token) => (token.state === 'live' && token.retry?.deadLetterId !== undefined ? [[token.retry.deadLetterId, null, token.tokenId, token.issuedBy, token.retry.failures]] : []));
      dead.push(...given as typeof dead);
      assert.deepEqual(sorted(rows(`SELECT dead_letter_id, effect_id, token_id, run_id, calls FROM dead_letters WHERE status = 'open'`).map((row) => Object.values(row))), sorted(dead));
      assert.deepEqual(
        sorted(rows('SELECT exception_id, class, code, status, severity, queue, priority, category, assignee, merged_into, outcome FROM exceptions').map((row) => Object.values(row))),
        sorted(Object.values(state.exceptions).map((one) => [
          one.exceptionId, one.class, one.code, one.status, one.severity, one.queue, one.priority, one.category ?? null, one.assignee ?? null, one.mergedInto?.exceptionId ?? null, one.outcome ?? null,
        ])),
      );
      assert.deepEqual(
        sorted(rows('SELECT exception_id, other FROM exception_links').map((row) => Object.values(row))),
        sorted(Object.values(state.exceptions).flatMap((one) => (one.links ?? []).flatMap((other) => [[one.exceptionId, other], [other, one.exceptionId]]))),
      );
      assert.deepEqual(
        sorted(rows('SELECT attachment_id, subject_kind, subject_id, sha256, erased FROM attachments').map((row) => Object.values(row))),
        sorted(Object.values(state.attachments).map((one) => [one.attachmentId, one.subject.kind, one.subject.id, one.sha256, one.erased === true ? 1 : 0])),
      );
      assert.deepEqual(rows('SELECT status, outcome FROM cases').map((row) => Object.values(row)), state.status === 'absent' ? [] : [[state.status, state.outcome ?? null]]);
    });
  });
});

import assert from 'node:assert/strict';
import type { AppendResult, Ledger } from '../../src/ledger/port.ts';
import type { LedgerError } from '../../src/ledger/port.ts';
import { parseVerifierKey, treeHead, verifyCheckpoint, decodeEntryBundle, leafHash } from '../../src/ledger/transparency/index.ts';
import { at, closed, commit, completed, decided, entered, opened, taskCreated, withFolder } from './support.ts';

/** How an engine is opened for the contract: on a place that outlives the ledger, with a clock. */
export interface EngineFactory {
  readonly name: string;
  open(folder: string, options?: { readonly now?: () => number }): Promise<Ledger>;
}

const lateTime = '2030-01-01T00:00:00.000Z';

function ok(result: AppendResult): Extract<AppendResult, { ok: true }> {
  assert.ok(result.ok, JSON.stringify(result));
  return result;
}

/** What every ledger engine has to do; run it once for each. */
export function ledgerContract(engine: EngineFactory): void {
  describe(`ledger contract on ${engine.name}`, () => {
    let ledger: Ledger;
    let folder: string;
    let done: (() => void) | undefined;
    let cleaned: Promise<void>;

    beforeEach(async () => {
      await new Promise<void>((ready) => {
        cleaned = withFolder((own) => { folder = own; ready(); return new Promise<void>((resolve) => { done = resolve; }); });
      });
      ledger = await engine.open(folder);
    });
    afterEach(async () => {
      await ledger.close();
      done?.();
      await cleaned;
    });

    describe('appending', () => {
      it('gives events back as they were, with position, ledger id and time', async () => {
        const draft = commit('c1', 0, opened({ keys: ['0034'] }), completed('scan', 't1'));
        const result = ok(await ledger.append(draft));
        assert.equal(result.lastPosition, 2);
        const [first, second] = await ledger.readStream('c1');
        assert.deepEqual(first, { ...draft.events[0], ledgerId: ledger.ledgerId, recordedAt: result.recordedAt, position: 1, typeVersion: 1 });
        assert.deepEqual(second, { ...draft.events[1], ledgerId: ledger.ledgerId, recordedAt: result.recordedAt, position: 2, typeVersion: 1 });
        assert.deepEqual(await ledger.readStream('c1', 2), [second]);
        assert.deepEqual(await ledger.lastOfStream('c1'), second);
        assert.equal(await ledger.lastOfStream('c9'), undefined);
        assert.deepEqual(await ledger.readAll(1, 1), [first]);
        assert.deepEqual(await ledger.readAll(3, 10), []);
      });

      it('refuses a version that is not the stream\'s last', async () => {
        ok(await ledger.append(commit('c1', 0, opened())));
        assert.deepEqual(await ledger.append(commit('c1', 0, opened())), { ok: false, reason: 'version-conflict', actualVersion: 1 });
        assert.deepEqual(await ledger.append(commit('c1', 2, closed())), { ok: false, reason: 'version-conflict', actualVersion: 1 });
        assert.deepEqual(await ledger.append(commit('c2', 1, closed())), { ok: false, reason: 'version-conflict', actualVersion: 0 });
        assert.equal((await ledger.readStream('c1')).length, 1);
      });

      it('lets exactly one of several that expect the same version through', async () => {
        ok(await ledger.append(commit('c1', 0, opened())));
        const results = await Promise.all(Array.from({ length: 10 }, (_, i) => ledger.append(commit('c1', 1, entered(`r${i}`)))));
        assert.equal(results.filter((result) => result.ok).length, 1);
        assert.equal((await ledger.readStream('c1')).length, 2);
      });

      it('takes consecutive commits of one stream that are appended without waiting', async () => {
        const results = await Promise.all([
          ledger.append(commit('c1', 0, opened())), ledger.append(commit('c1', 1, entered('r1'))), ledger.append(commit('c1', 2, completed('r1', 't1'))),
        ]);
        assert.deepEqual(results.map((result) => ok(result).lastPosition), [1, 2, 3]);
      });

      it('keeps a commit whole and its neighbours in the group untouched when it is refused', async () => {
        const results = await Promise.all([
          ledger.append(commit('c1', 0, opened())),
          ledger.append({ ...commit('c2', 0, opened({ keys: ['k'] }), entered('r1')), conditions: [{ kind: 'version', scope: 's', keyHash: 'h', version: 3 }] }),
          ledger.append(commit('c3', 0, opened())),
        ]);
        assert.deepEqual(results.map((result) => result.ok), [true, false, true]);
        assert.deepEqual(await ledger.readStream('c2'), []);
        assert.equal(await ledger.getCase('c2'), undefined);
        assert.equal((await ledger.counts()).casesOpen, 2);
        assert.equal((await ledger.readAll(1, 10)).length, 2);
      });

      it('keeps a commit whole and its neighbours untouched when it fails unexpectedly', async () => {
        ok(await ledger.append(commit('c0', 0, opened({ claims: ['taken'] }))));
        const settled = await Promise.allSettled([
          ledger.append(commit('c1', 0, opened(), completed('s', 'tok-1'))),
          // Claims what is taken without making that a condition: the engine must not overwrite the holder.
          ledger.append(commit('c2', 0, entered('run-c2'), opened({ claims: ['taken'] }))),
          ledger.append(commit('c3', 0, opened(), completed('s', 'tok-3'))),
        ]);
        assert.deepEqual(settled.map((result) => result.status), ['fulfilled', 'rejected', 'fulfilled']);
        assert.equal(((settled[1] as PromiseRejectedResult).reason as LedgerError).code, 'bad-event');
        assert.equal((await ledger.getReservation('sscc', 'taken'))?.holder, 'c0');
        assert.deepEqual(await ledger.readStream('c2'), []);
        const counts = await ledger.counts();
        assert.deepEqual([counts.casesOpen, counts.tokensLive, counts.stepsOpen, counts.events], [3, 2, 0, 5]);
        assert.deepEqual((await ledger.readAll(1, 10)).map((event) => event.position), [1, 2, 3, 4, 5]);
      });

      it('carries a command out once', async () => {
        ok(await ledger.append({ ...commit('c1', 0, opened(), entered('r1')), commandKey: 'k' }));
        assert.deepEqual(await ledger.append({ ...commit('c2', 0, opened()), commandKey: 'k' }), { ok: false, reason: 'duplicate-command', streamId: 'c1', version: 2 });
        assert.deepEqual(await ledger.findCommand('k'), { streamId: 'c1', version: 2 });
        assert.equal(await ledger.findCommand('another'), undefined);
        const both = await Promise.all(['c3', 'c4'].map((id) => ledger.append({ ...commit(id, 0, opened()), commandKey: 'k2' })));
        assert.deepEqual(both.map((result) => result.ok), [true, false]);
      });

      it('refuses events that do not belong in the commit, or that no leaf can hold', async () => {
        const code = (expected: string) => (error: LedgerError): boolean => error.code === expected;
        await assert.rejects(ledger.append({ streamId: 'c1', expectedVersion: 0, events: [] }), code('bad-event'));
        await assert.rejects(ledger.append({ ...commit('c1', 0, opened()), streamId: 'c2' }), code('bad-event'));
        await assert.rejects(ledger.append({ ...commit('c1', 0, opened()), expectedVersion: 1 }), code('bad-event'));
        await assert.rejects(ledger.append(commit('c1', 0, { ...opened(), data: { ...opened().data, configHash: 'x'.repeat(65_536) } })), code('leaf-too-large'));
        await assert.rejects(ledger.append(commit('c1', 0, { ...opened(), data: { ...opened().data, configHash: '\ud800' } })), code('bad-event'));
        await assert.rejects(ledger.append(commit('c1', 0, { ...opened(), data: { ...opened().data, extra: Number.NaN } as never })), code('bad-event'));
        assert.equal((await ledger.counts()).events, 0);
      });

      it('keeps dirty text in content as it is', async () => {
        const title = 'a\u0000b \ud800 \u001d "\\ud800" \u{1F4E6}';
        ok(await ledger.append(commit('c1', 0, opened({ title }))));
        const [event] = await ledger.readStream('c1');
        assert.equal(event?.type === 'CaseOpened' && event.content?.title, title);
      });
    });

    describe('reservations', () => {
      const free = (keyHash: string) => [{ kind: 'free' as const, scope: 'sscc', keyHash }];

      it('gives a unique claim to exactly one of several at once, also after its case has closed', async () => {
        const results = await Promise.all(['c1', 'c2', 'c3'].map((id) => ledger.append({ ...commit(id, 0, opened({ claims: ['k'] })), conditions: free('k') })));
        assert.deepEqual(results.map((result) => result.ok), [true, false, false]);
        assert.deepEqual(results[1], { ok: false, reason: 'reserved', scope: 'sscc', keyHash: 'k', holder: 'c1' });
        ok(await ledger.append(commit('c1', 1, closed())));
        assert.deepEqual(await ledger.append({ ...commit('c4', 0, opened({ claims: ['k'] })), conditions: free('k') }), { ok: false, reason: 'reserved', scope: 'sscc', keyHash: 'k', holder: 'c1' });
      });

      it('judges each of many openings at once on its own: a stream that comes twice, a claim that is held, one that another of them takes', async () => {
        ok(await ledger.append({ ...commit('held', 0, opened({ claims: ['k-held'] })), conditions: free('k-held') }));
        const opening = (id: string, claim: string) => ledger.append({ ...commit(id, 0, opened({ claims: [claim], keys: [id] }), completed('scan', `t-${id}-${claim}`)), conditions: free(claim) });
        const many = Array.from({ length: 50 }, (_, i) => [`c${i}`, `k${i}`] as const);
        const [before, after] = [many.slice(0, 20), many.slice(20)];
        const results = await Promise.all([...before, ['c3', 'k-new'] as const, ['d1', 'k-held'] as const, ['d2', 'k7'] as const, ...after].map(([id, claim]) => opening(id, claim)));
        assert.deepEqual(results.slice(20, 23), [
          { ok: false, reason: 'version-conflict', actualVersion: 2 },
          { ok: false, reason: 'reserved', scope: 'sscc', keyHash: 'k-held', holder: 'held' },
          { ok: false, reason: 'reserved', scope: 'sscc', keyHash: 'k7', holder: 'c7' },
        ]);
        assert.deepEqual([...results.slice(0, 20), ...results.slice(23)].map((result) => ok(result).lastPosition), many.map((_, i) => 3 + 2 * i));
        assert.deepEqual((await ledger.readAll(2, 200)).map(({ position, streamId, version, type }) => [position, streamId, version, type]),
          many.flatMap(([id], i) => [[2 + 2 * i, id, 1, 'CaseOpened'], [3 + 2 * i, id, 2, 'StepCompleted']]));
        const counts = await ledger.counts();
        assert.deepEqual([counts.casesOpen, counts.tokensLive, counts.events], [51, 50, 101]);
        for (const [id, claim] of many) assert.equal((await ledger.getReservation('sscc', claim))?.holder, id);
      });

      it('claims a scan\'s transport id once', async () => {
        const scan = (id: string) => ({
          ...commit(id, 0, { type: 'ScanRecorded', data: { operatorUnknown: true, repeat: 'first', possibleDuplicate: false, transport: { scope: 'transport', keyHash: 'x' } }, content: { code: '123' } }),
          conditions: [{ kind: 'free' as const, scope: 'transport', keyHash: 'x' }],
        });
        ok(await ledger.append(scan('c1')));
        assert.equal((await ledger.append(scan('c2'))).ok, false);
        assert.deepEqual(await ledger.getReservation('transport', 'x'), { scope: 'transport', key_hash: 'x', holder: 'c1', version: 1, total: null });
      });

      it('lets two docks add to a quantity only one after the other', async () => {
        const reserve = (id: string, version: number, reservationVersion: number, total: string) => ({
          ...commit(id, version, { type: 'QuantityReserved', data: { claimId: `${id}-q`, scope: 'po', keyHash: 'line', quantity: '5', total, limit: '8', overBy: '0', reservationVersion } }),
          conditions: [{ kind: 'version' as const, scope: 'po', keyHash: 'line', version: reservationVersion - 1 }],
        });
        const results = await Promise.all([ledger.append(reserve('c1', 0, 1, '5')), ledger.append(reserve('c2', 0, 1, '5'))]);
        assert.deepEqual(results[1], { ok: false, reason: 'reservation-moved', scope: 'po', keyHash: 'line', version: 1 });
        ok(await ledger.append(reserve('c2', 0, 2, '10')));
        assert.deepEqual(await ledger.getReservation('po', 'line'), { scope: 'po', key_hash: 'line', holder: 'c2', version: 2, total: '10' });
        ok(await ledger.append(commit('c2', 1, { type: 'QuantityReleased', data: { claimId: 'c2-q', scope: 'po', keyHash: 'line', quantity: '5', total: '5', reservationVersion: 3 } })));
        assert.equal((await ledger.getReservation('po', 'line'))?.total, '5');
      });
    });

    describe('time', () => {
      it('never lets recordedAt decrease, also over a reopening', async () => {
        await ledger.close();
        let now = Date.parse('2026-01-01T10:00:00.000Z');
        ledger = await engine.open(folder, { now: () => now });
        assert.equal(ok(await ledger.append(commit('c1', 0, opened()))).recordedAt, '2026-01-01T10:00:00.000Z');
        now -= 3_600_000;
        assert.equal(ok(await ledger.append(commit('c1', 1, entered('r1')))).recordedAt, '2026-01-01T10:00:00.000Z');
        await ledger.close();
        ledger = await engine.open(folder, { now: () => now });
        assert.equal(ok(await ledger.append(commit('c1', 2, closed()))).recordedAt, '2026-01-01T10:00:00.000Z');
        now += 7_200_000;
        assert.equal(ok(await ledger.append(commit('c2', 0, opened()))).recordedAt, '2026-01-01T11:00:00.000Z');
      });
    });

    describe('projections', () => {
      it('follow a token into a step and out of it', async () => {
        ok(await ledger.append(commit('c1', 0, opened({ keys: ['k1', 'k2'] }), completed('scan', 't1', 't2'))));
        const token = await ledger.getToken('t1');
        assert.deepEqual({ ...token, issued_at: '' }, {
          token_id: 't1', case_id: 'c1', address: 'main/scan', port: 0, wire: 0, target: 'n2', attempt: 1, epoch: 1, unclean_epochs: 0, issued_at: '', owner: null, lease_until: null,
        });
        ok(await ledger.append(commit('c1', 2, { type: 'TokenResent', epoch: 3, data: { tokenId: 't1', attempt: 2, uncleanEpochs: 1 } })));
        assert.deepEqual((await ledger.tokensBefore(3, '', 10)).map((row) => row.token_id), ['t2']);
        assert.deepEqual((await ledger.tokensFrom('main/scan', 't1', 10)).map((row) => row.token_id), ['t2']);
        ok(await ledger.append(commit('c1', 3, entered('r1', 't1'), entered('r2'), { type: 'TokenVoided', data: { tokenId: 't2', reason: 'x' } })));
        assert.equal(await ledger.getToken('t1'), undefined);
        assert.deepEqual(await ledger.addressCounts(), [{ address: 'main/r1', steps: 1, tokens: 0 }, { address: 'main/r2', steps: 1, tokens: 0 }]);
        assert.deepEqual((await ledger.stepsBefore(2, '', 1)).map((row) => [row.run_id, row.waiting_on]), [['r1', null]]);
        ok(await ledger.append(commit('c1', 6, { type: 'StepResumed', epoch: 2, data: { runId: 'r1', uncleanEpochs: 1 } }, { type: 'StepVoided', data: { runId: 'r2', reason: 'x' } })));
        assert.deepEqual(await ledger.stepsBefore(2, '', 10), []);
        assert.deepEqual((await ledger.stepsAt('main/r1', '', 10)).map((row) => [row.epoch, row.unclean_epochs]), [[2, 1]]);
        assert.deepEqual(await ledger.caseKeys('c1'), [{ type: 'sscc', value: 'k1', case_id: 'c1' }, { type: 'sscc', value: 'k2', case_id: 'c1' }]);
        ok(await ledger.append(commit('c1', 8, completed('r1', 't3'), closed())));
        const counts = await ledger.counts();
        assert.deepEqual([counts.tokensLive, counts.stepsOpen, counts.casesOpen, counts.casesClosed], [0, 0, 0, 1]);
        const row = await ledger.getCase('c1');
        assert.deepEqual([row?.status, row?.outcome, row?.version, row?.title], ['closed', 'received', 10, 'A pallet']);
      });

      it('hold a step for its task and its timer, and let it go with the decision', async () => {
        ok(await ledger.append(commit('c1', 0, opened(), entered('r1'), taskCreated('k1', 'r1', lateTime))));
        assert.deepEqual((await ledger.stepsAt('main/r1', '', 1))[0]?.waiting_on, 'task');
        assert.deepEqual(await ledger.stepsBefore(9, '', 10), []);
        assert.deepEqual(await ledger.timersDue(lateTime, 10), [{ timer_id: 'k1', due_at: lateTime, kind: 'task-expiry', case_id: 'c1', ref: 'k1', owner: null, lease_until: null }]);
        assert.deepEqual(await ledger.timersDue('2029-12-31T23:59:59.999Z', 10), []);
        assert.equal(await ledger.nextTimerDue('2029-12-31T23:59:59.999Z'), lateTime);
        assert.equal(await ledger.nextTimerDue(lateTime), undefined);
        ok(await ledger.append(commit('c1', 3, { type: 'TaskClaimed', data: { taskId: 'k1', claimant: 'u-1' } }, decided('k1', 'r1'))));
        const halfway = await ledger.getTask('k1');
        assert.deepEqual([halfway?.status, halfway?.approvals, halfway?.claimed_by, halfway?.process, halfway?.shown], ['open', 1, null, 'receiving', '{"quantity":7}']);
        ok(await ledger.append(commit('c1', 5, decided('k1', 'r1', 'approved'))));
        assert.deepEqual((await ledger.getTask('k1'))?.status, 'approved');
        assert.equal((await ledger.counts()).timers, 0);
        assert.equal((await ledger.stepsAt('main/r1', '', 1))[0]?.waiting_on, null);
      });

      it('let a step go when its task expires or is voided, and void open tasks with the case', async () => {
        ok(await ledger.append(commit('c1', 0, opened(), entered('r1'), taskCreated('k1', 'r1', lateTime), { type: 'TaskExpired', data: { taskId: 'k1', dueAt: lateTime, outcome: 'rejected' } },
          entered('r2'), taskCreated('k2', 'r2', lateTime), { type: 'TaskVoided', data: { taskId: 'k2', reason: 'x' } }, entered('r3'), taskCreated('k3', 'r3', lateTime))));
        assert.deepEqual(await Promise.all(['k1', 'k2', 'k3'].map(async (id) => (await ledger.getTask(id))?.status)), ['expired', 'voided', 'open']);
        assert.deepEqual((await ledger.stepsBefore(9, '', 10)).map((row) => row.run_id), ['r1', 'r2']);
        ok(await ledger.append(commit('c1', 9, closed('cancelled'))));
        assert.equal((await ledger.getTask('k3'))?.status, 'voided');
        assert.equal((await ledger.counts()).timers, 0);
      });

      const effect = (runId: string): Parameters<typeof commit>[2] => ({
        type: 'EffectIntended', ...at(runId), data: { effectId: `e-${runId}`, runId, generation: 1, idempotencyKey: 'i', requestHash: 'h', system: 'erp', service: 'goods', operation: 'post-receipt', recovery: 'same-key' }, content: { request: { a: 1 } },
      });

      it('hold a step for a retry, a dead letter and its replay', async () => {
        const call = (n: number): Parameters<typeof commit>[2][] => [
          { type: 'CallStarted', data: { callId: `call-${n}`, effectId: 'e-r1', callNumber: n } },
          { type: 'CallEnded', data: { callId: `call-${n}`, effectId: 'e-r1', outcome: 'transient', durationMs: 5 }, content: { error: 'no route' } },
        ];
        ok(await ledger.append(commit('c1', 0, opened(), entered('r1'), effect('r1'), ...call(1), { type: 'RetryScheduled', data: { callId: 'call-2', effectId: 'e-r1', callNumber: 2, dueAt: lateTime } })));
        assert.deepEqual((await ledger.timersDue(lateTime, 10)).map((timer) => [timer.kind, timer.timer_id, timer.ref]), [['retry', 'call-2', 'e-r1']]);
        assert.equal((await ledger.stepsAt('main/r1', '', 1))[0]?.waiting_on, 'timer');
        ok(await ledger.append(commit('c1', 6, ...call(2))));
        assert.equal((await ledger.counts()).timers, 0);
        assert.equal((await ledger.stepsAt('main/r1', '', 1))[0]?.waiting_on, null);
        ok(await ledger.append(commit('c1', 8, { type: 'DeadLettered', data: { deadLetterId: 'd1', effectId: 'e-r1', reason: 'gave up' } })));
        const letter = await ledger.getDeadLetter('d1');
        assert.deepEqual([letter?.run_id, letter?.address, letter?.system, letter?.operation, letter?.calls, letter?.status], ['r1', 'main/r1', 'erp', 'post-receipt', 2, 'open']);
        assert.equal((await ledger.stepsAt('main/r1', '', 1))[0]?.waiting_on, 'held');
        ok(await ledger.append(commit('c1', 9, { type: 'Replayed', data: { deadLetterId: 'd1', effectId: 'e-r1', edited: false, requestHash: 'h' } })));
        assert.equal((await ledger.getDeadLetter('d1'))?.status, 'replayed');
        assert.equal((await ledger.stepsAt('main/r1', '', 1))[0]?.waiting_on, null);
      });

      it('hold a step for an exception until it is resolved', async () => {
        const raised = (exceptionId: string, runId?: string): Parameters<typeof commit>[2] => ({
          type: 'ExceptionRaised', ...at('r1'), data: { exceptionId, class: 'node-error', severity: 'high', queue: 'inbound', code: 'boom', ...(runId === undefined ? { tokenId: 't1' } : { runId }) }, content: { message: 'It broke' },
        });
        ok(await ledger.append(commit('c1', 0, opened(), completed('scan', 't1'), entered('r1'), raised('x1', 'r1'), raised('x2'))));
        assert.equal((await ledger.stepsAt('main/r1', '', 1))[0]?.waiting_on, 'held');
        ok(await ledger.append(commit('c1', 5, { type: 'ExceptionAssigned', data: { exceptionId: 'x1', assignee: 'u-9' } })));
        assert.deepEqual((await ledger.listExceptions({ status: 'open', queue: 'inbound', sites: ['dc-1'] }, { limit: 10 })).items.map((row) => [row.exception_id, row.assignee]), [['x1', 'u-9'], ['x2', null]]);
        ok(await ledger.append(commit('c1', 6, { type: 'ExceptionResolved', data: { exceptionId: 'x1', code: 'fixed', outcome: 'retry', tokens: [] } },
          { type: 'ExceptionResolved', ...at('scan'), data: { exceptionId: 'x2', code: 'resent', outcome: 'continue', tokens: [{ tokenId: 't9', port: 0, wire: 0, target: 'n', replaces: 't1' }] } })));
        assert.equal((await ledger.stepsAt('main/r1', '', 1))[0]?.waiting_on, null);
        assert.equal(await ledger.getToken('t1'), undefined);
        assert.equal((await ledger.getToken('t9'))?.address, 'main/scan');
        const row = await ledger.getException('x1');
        assert.deepEqual([row?.status, row?.resolution, row?.message, row?.address], ['resolved', 'fixed', 'It broke', 'main/r1']);
      });

      it('know epochs, incarnations and quarantine', async () => {
        assert.deepEqual(await ledger.lastEpoch(), { epoch: 0, clean: true, incarnation: 1 });
        ok(await ledger.append(commit('engine', 0, { type: 'EpochStarted', data: { epoch: 1, previousClean: true, incarnation: 1 } })));
        assert.deepEqual(await ledger.lastEpoch(), { epoch: 1, clean: false, incarnation: 1 });
        ok(await ledger.append(commit('engine', 1, { type: 'EpochEnded', data: { epoch: 1, clean: true } })));
        assert.deepEqual(await ledger.lastEpoch(), { epoch: 1, clean: true, incarnation: 1 });
        ok(await ledger.append(commit('engine', 2, { type: 'LedgerRecovered', data: { incarnation: 2, knownSize: 9, foundSize: 2 } })));
        assert.equal((await ledger.lastEpoch()).incarnation, 2);
        ok(await ledger.append(commit('q', 0, { type: 'Quarantined', data: { quarantineId: 'q1', reason: 'not-json', bytes: 3, sha256: 's', deviceId: 'd' }, content: { topic: 't', head: 'abc', message: 'No JSON' } })));
        const [row] = (await ledger.listQuarantine({ status: 'held' }, { limit: 5 })).items;
        assert.deepEqual({ ...row, received_at: '' }, { quarantine_id: 'q1', reason: 'not-json', message: 'No JSON', received_at: '', site: 'dc-1', device_id: 'd', topic: 't', bytes: 3, sha256: 's', head: 'abc', status: 'held', case_id: null, resolved_at: null });
        ok(await ledger.append(commit('q', 1, { type: 'QuarantineResolved', data: { quarantineId: 'q1', resolution: 'discarded' } })));
        assert.equal((await ledger.counts()).quarantineHeld, 0);
      });

      it('keep who acts for whom: living ones by delegate, all of a person, the last granted first', async () => {
        const grant = (id: string, from: string, to: string, toTime: string) => commit(`delegation:${id}`, 0, {
          type: 'DelegationGranted', data: { delegationId: id, from, to, roles: ['buyer'], sites: ['dc-1'], fromTime: '2026-06-01T00:00:00.000Z', toTime }, personal: { fromName: 'F', toName: 'T' },
        });
        ok(await ledger.append(grant('d1', 'a', 'b', '2026-06-10T00:00:00.000Z')));
        ok(await ledger.append(grant('d2', 'c', 'b', '2026-06-20T00:00:00.000Z')));
        ok(await ledger.append(grant('d3', 'b', 'a', '2026-06-20T00:00:00.000Z')));
        const ids = (rows: readonly { readonly delegation_id: string }[]): string[] => rows.map(({ delegation_id: id }) => id).sort();
        assert.deepEqual(ids(await ledger.livingDelegations('2026-06-05T00:00:00.000Z', 10, 'b')), ['d1', 'd2']);
        assert.deepEqual(ids(await ledger.livingDelegations('2026-06-10T00:00:00.000Z', 10)), ['d2', 'd3']);
        assert.deepEqual(ids((await ledger.listDelegations({ person: 'a' }, { limit: 10 })).items), ['d1', 'd3']);
        ok(await ledger.append(commit('delegation:d2', 1, { type: 'DelegationEnded', data: { delegationId: 'd2', by: 'b' } })));
        assert.deepEqual(ids(await ledger.livingDelegations('2026-06-05T00:00:00.000Z', 10, 'b')), ['d1']);
        const first = await ledger.listDelegations({}, { limit: 2 });
        const rest = await ledger.listDelegations({}, { limit: 2, ...(first.next === undefined ? {} : { cursor: first.next }) });
        assert.deepEqual(ids([...first.items, ...rest.items]), ['d1', 'd2', 'd3']);
        const row = await ledger.getDelegation('d2');
        assert.deepEqual([row?.from_person, row?.roles, row?.ended_at !== null], ['c', '["buyer"]', true]);
        assert.equal(await ledger.getDelegation('none'), undefined);
      });

      it('keep devices by site and id, with the key as long as they have one', async () => {
        const register = (deviceId: string, more: { readonly station?: string; readonly silentAfter?: number } = {}) => commit(`device:dc-1/${deviceId}`, 0, {
          type: 'DeviceRegistered', data: { deviceId, by: 'p', kind: 'scanner', ...more }, content: { name: `Name of ${deviceId}` },
        });
        ok(await ledger.append(register('S2', { station: 'dock-1', silentAfter: 30 })));
        ok(await ledger.append(register('S1')));
        ok(await ledger.append(register('S3')));
        const [first, second] = await ledger.devicesAfter('', '', 2);
        assert.deepEqual([first?.device_id, second?.device_id], ['S1', 'S2']);
        assert.deepEqual((await ledger.devicesAfter('dc-1', 'S2', 10)).map(({ device_id: id }) => id), ['S3']);
        assert.deepEqual({ ...second, registered_at: '' }, {
          site: 'dc-1', device_id: 'S2', kind: 'scanner', name: 'Name of S2', station: 'dock-1', certificate: null, silent_after: 30, state: 'active', verifier: null, clock: 'ok', skew_seconds: 0, registered_at: '', registered_by: 'p', version: 1,
        });

        ok(await ledger.append(commit('device:dc-1/S2', 1,
          { type: 'DeviceChanged', data: { deviceId: 'S2', kind: 'gateway', certificate: 'ab' }, content: { name: 'Gate' } },
          { type: 'DeviceKeyChanged', data: { deviceId: 'S2', verifier: '$7$v' } },
          { type: 'DeviceClockNoted', data: { deviceId: 'S2', clock: 'behind', skewSeconds: -90 } },
          { type: 'DeviceBlocked', data: { deviceId: 'S2' }, content: { reason: 'lost' } })));
        const row = async () => (await ledger.devicesAfter('dc-1', 'S1', 1))[0];
        const blocked = await row();
        assert.deepEqual([blocked?.kind, blocked?.name, blocked?.station, blocked?.certificate, blocked?.silent_after, blocked?.state, blocked?.verifier, blocked?.clock, blocked?.skew_seconds, blocked?.version], ['gateway', 'Gate', null, 'ab', null, 'blocked', '$7$v', 'behind', -90, 5]);
        ok(await ledger.append(commit('device:dc-1/S2', 5, { type: 'DeviceUnblocked', data: { deviceId: 'S2' } })));
        assert.equal((await row())?.state, 'active');
        ok(await ledger.append(commit('device:dc-1/S2', 6, { type: 'DeviceRetired', data: { deviceId: 'S2' } })));
        const retired = await row();
        assert.deepEqual([retired?.state, retired?.verifier, retired?.version], ['retired', null, 7]);
      });

      it('keep how each site misses its devices, and which silences last', async () => {
        ok(await ledger.append(commit('device-watch:dc-1', 0, { type: 'DeviceWatchSet', data: { minutes: 30, per: 'device', calendar: '', role: 'supervisor' } })));
        ok(await ledger.append(commit('device-watch:dc-1', 1, { type: 'DeviceWatchSet', data: { minutes: 45, per: 'station', calendar: 'shift', role: 'foreman' } })));
        assert.deepEqual(await ledger.deviceWatches(), [{ site: 'dc-1', minutes: 45, per: 'station', calendar: 'shift', role: 'foreman', version: 2 }]);

        const since = '2026-06-01T00:00:00.000Z';
        const silent = (alarmId: string, subject: 'device' | 'station', subjectId: string, version = 0) => commit(`device-silence:dc-1/${subject}:${subjectId}`, version, { type: 'DeviceSilent', data: { alarmId, subject, subjectId, since, minutes: 45 } });
        ok(await ledger.append(silent('a1', 'station', 'dock-1')));
        ok(await ledger.append(silent('a2', 'device', 'S1')));
        const lasting = async () => (await ledger.deviceSilences()).map((row) => [row.subject, row.subject_id, row.alarm_id, row.since, row.minutes, row.version]);
        assert.deepEqual(await lasting(), [['device', 'S1', 'a2', since, 45, 1], ['station', 'dock-1', 'a1', since, 45, 1]]);
        ok(await ledger.append(commit('device-silence:dc-1/device:S1', 1, { type: 'DeviceHeard', data: { alarmId: 'a2', subject: 'device', subjectId: 'S1', how: 'heard' } })));
        assert.deepEqual(await lasting(), [['station', 'dock-1', 'a1', since, 45, 1]]);
        ok(await ledger.append(silent('a3', 'device', 'S1', 2)));
        assert.deepEqual(await lasting(), [['device', 'S1', 'a3', since, 45, 3], ['station', 'dock-1', 'a1', since, 45, 1]]);
      });
    });

    describe('lists', () => {
      it('page through cases by key, status, site and process', async () => {
        for (let i = 0; i < 25; i += 1) {
          const id = `c${String(i).padStart(2, '0')}`;
          ok(await ledger.append(commit(id, 0, opened({ keys: [i % 5 === 0 ? 'five' : `k${i}`], site: i % 2 === 0 ? 'dc-1' : 'dc-2', process: i < 20 ? 'receiving' : 'returns' }), ...(i < 3 ? [closed()] : []))));
        }
        const all = async (filter: Parameters<Ledger['listCases']>[0]): Promise<string[]> => {
          const ids: string[] = [];
          for (let cursor: string | undefined; ;) {
            const page = await ledger.listCases(filter, { limit: 4, ...(cursor === undefined ? {} : { cursor }) });
            ids.push(...page.items.map((row) => row.case_id));
            cursor = page.next;
            if (cursor === undefined) return ids;
          }
        };
        assert.deepEqual(await all({}), Array.from({ length: 25 }, (_, i) => `c${String(24 - i).padStart(2, '0')}`));
        assert.deepEqual(await all({ key: 'five' }), ['c20', 'c15', 'c10', 'c05', 'c00']);
        assert.deepEqual(await all({ status: 'closed' }), ['c02', 'c01', 'c00']);
        assert.equal((await all({ status: 'open', sites: ['dc-2'] })).length, 11);
        assert.deepEqual(await all({ process: 'returns', sites: ['dc-1', 'dc-2'] }), ['c24', 'c23', 'c22', 'c21', 'c20']);
        assert.deepEqual(await all({ sites: [] }), []);
        assert.deepEqual(await ledger.listCases({ key: 'five' }, { limit: 5 }).then((page) => page.next), undefined);
      });

      it('page through open tasks oldest first, filtered by role, site and case', async () => {
        for (let i = 0; i < 9; i += 1) ok(await ledger.append(commit(`c${i}`, 0, opened(), entered(`r${i}`), taskCreated(`k${i}`, `r${i}`, undefined, i % 3 === 0 ? 'manager' : 'supervisor'))));
        ok(await ledger.append(commit('c1', 3, decided('k1', 'r1', 'rejected'))));
        const first = await ledger.listTasks({ status: 'open', roles: ['supervisor'], sites: ['dc-1'] }, { limit: 3 });
        assert.deepEqual(first.items.map((row) => row.task_id), ['k2', 'k4', 'k5']);
        const second = await ledger.listTasks({ status: 'open', roles: ['supervisor'], sites: ['dc-1'] }, { limit: 3, cursor: first.next! });
        assert.deepEqual([second.items.map((row) => row.task_id), second.next], [['k7', 'k8'], undefined]);
        assert.deepEqual((await ledger.listTasks({ caseId: 'c1' }, { limit: 3 })).items.map((row) => [row.task_id, row.status]), [['k1', 'rejected']]);
        assert.deepEqual((await ledger.listTasks({ caseId: 'c2', status: 'open' }, { limit: 3 })).items.map((row) => row.task_id), ['k2']);
        assert.deepEqual((await ledger.listDeadLetters({ status: 'open' }, { limit: 3 })).items, []);
      });

      it('refuse a cursor that they did not give', async () => {
        for (const cursor of ['%%%', Buffer.from('[1]').toString('base64url'), Buffer.from('["a","b","c"]').toString('base64url')]) {
          await assert.rejects(ledger.listTasks({ status: 'open' }, { limit: 3, cursor }), (error: LedgerError) => error.code === 'bad-cursor');
        }
      });
    });

    describe('checkpoints', () => {
      it('are signed over every committed event and go on after a reopening', async () => {
        assert.equal(await ledger.checkpoint(), undefined);
        const open = (id: string): Promise<AppendResult> => ledger.append(commit(id, 0, opened()));
        await Promise.all(Array.from({ length: 300 }, (_, i) => open(`a${i}`)));
        const verified = async (note: string) => verifyCheckpoint({ text: note, origin: ledger.origin, keys: [parseVerifierKey(ledger.verifierKey)] }).checkpoint;
        const first = await verified(await ledger.seal());
        assert.equal(first.size, 300);
        assert.equal(ledger.health().checkpointSize, 300);
        await ledger.close();
        ledger = await engine.open(folder);
        await Promise.all(Array.from({ length: 300 }, (_, i) => open(`b${i}`)));
        const second = await verified(await ledger.seal());
        assert.equal(await ledger.checkpoint(), await ledger.seal());
        const leaves = [...decodeEntryBundle((await ledger.tile('entries', 0, 256))!), ...decodeEntryBundle((await ledger.tile('entries', 1, 256))!), ...decodeEntryBundle((await ledger.tile('entries', 2, 88))!)];
        assert.deepEqual(Buffer.from(treeHead(leaves.map(leafHash))), Buffer.from(second.root));
        assert.deepEqual(Buffer.from(treeHead(leaves.slice(0, 300).map(leafHash))), Buffer.from(first.root));
        assert.equal(await ledger.tile('entries', 2, 89), undefined);
        assert.deepEqual(await ledger.tile(0, 1, 44).then((tile) => tile?.length), 44 * 32);
        assert.deepEqual(await ledger.tile(1, 0, 2).then((tile) => tile?.length), 64);
        assert.equal(await ledger.tile(1, 0, 3), undefined);
      });

      it('come by themselves while events come', async () => {
        ok(await ledger.append(commit('c1', 0, opened())));
        while (ledger.health().checkpointSize < 1) await new Promise((resolve) => setTimeout(resolve, 50));
        assert.match((await ledger.checkpoint())!, /\n1\n/);
      });
    });

    it('keeps everything over a reopening and takes nothing once closed', async () => {
      ok(await ledger.append(commit('c1', 0, opened(), completed('s', 't1'))));
      await ledger.close();
      await assert.rejects(ledger.append(commit('c1', 2, closed())), (error: LedgerError) => error.code === 'closed');
      assert.equal(ledger.health().state, 'closed');
      const { ledgerId } = ledger;
      ledger = await engine.open(folder);
      assert.equal(ledger.ledgerId, ledgerId);
      assert.equal((await ledger.readStream('c1')).length, 2);
      assert.equal(ledger.health().lastPosition, 2);
    });

    it('never writes personal data or business keys into a leaf', async () => {
      ok(await ledger.append(commit('c1', 0, opened({ keys: ['003412345678901234'], title: 'secret title' }))));
      await ledger.seal();
      const leaf = Buffer.from(decodeEntryBundle((await ledger.tile('entries', 0, 1))!)[0]!).toString('utf8');
      for (const secret of ['003412345678901234', 'Ann', 'secret title']) assert.ok(!leaf.includes(secret), secret);
      assert.match(leaf, /"commit":\{"business":"[^"]{44}","personal":"[^"]{44}"\}/);
    });
  });
}


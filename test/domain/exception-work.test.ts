import assert from 'node:assert/strict';

import { maxPhotos, priorityAt, priorityByRules, priorityRulesProblem, urgentAt } from '../../src/domain/index.ts';
import type { PriorityRule, ResolutionCode } from '../../src/domain/index.ts';
import { assignException, at, attachPhoto, caseId, closeCase, completeStep, createTask, decideTask, enterStep, mergeException, openCase, raiseException, resolveException, susan, tom } from './support/commands.ts';
import { given, happened } from './support/given.ts';

const raised = happened(openCase(), enterStep('t1'), raiseException({ runId: 't1' }));
const two = [...raised, ...given(raised).when(raiseException({ exceptionId: 'x-2', code: 'wet' })).decision.events];
const after = (history: typeof raised, ...commands: Parameters<ReturnType<typeof given>['when']>[0][]): typeof raised =>
  commands.reduce((events, command) => [...events, ...given(events).when(command).decision.events], history);

describe('work on exceptions', () => {
  it('is given to a person, taken over when that is said, and given back', () => {
    given(raised).when(assignException('x-1')).thenTypes('ExceptionAssigned').thenState((state) => { assert.equal(state.exceptions['x-1']?.assignee, susan); });
    const assigned = after(raised, assignException('x-1'));
    given(assigned).when(assignException('x-1')).thenNothing('assigned');
    given(assigned).when(assignException('x-1', tom)).thenRefused('assigned-to-other');
    given(assigned).when(assignException('x-1', tom, true)).thenTypes('ExceptionAssigned');
    given(assigned).when({ type: 'ReleaseException', exceptionId: 'x-1' }).thenTypes('ExceptionReleased').thenState((state) => { assert.equal(state.exceptions['x-1']?.assignee, undefined); });
    given(raised).when({ type: 'ReleaseException', exceptionId: 'x-1' }).thenNothing('not-assigned');
    given(raised).when(assignException('constructor')).thenRefused('exception-unknown');
  });

  it('is classified anew, with what stays said as well', () => {
    const change = { type: 'ReclassifyException', exceptionId: 'x-1', severity: 'critical', priority: 1, reason: 'Food.' } as const;
    const outcome = given(raised).when(change);
    outcome.thenTypes('Reclassified').thenState((state) => { assert.deepEqual([state.exceptions['x-1']?.severity, state.exceptions['x-1']?.queue, state.exceptions['x-1']?.priority], ['critical', 'clerk', 1]); });
    assert.deepEqual((outcome.decision.events[0] as { content?: object }).content, { reason: 'Food.' });
    given(after(raised, change)).when(change).thenNothing('same');
  });

  it('is opened again while the case is open: it holds the step that is at work, or follows up', () => {
    const reopen = { type: 'ReopenException', exceptionId: 'x-1', reason: 'Not so.' } as const;
    const resolved = after(raised, resolveException('x-1', 'retry'));
    given(raised).when(reopen).thenRefused('exception-open');
    given(resolved).when(reopen).then({ type: 'Reopened', address: { instance: 'dock-1', stepId: 'validate' }, data: { exceptionId: 'x-1', runId: 't1' }, content: { reason: 'Not so.' } })
      .thenState((state) => { assert.deepEqual([state.exceptions['x-1']?.status, state.exceptions['x-1']?.outcome], ['open', undefined]); });
    given(after(resolved, completeStep('t1'))).when(reopen).thenTypes('Reopened').thenState((state) => { assert.equal(state.exceptions['x-1']?.status, 'open'); });
    given(after(resolved, closeCase({ cancelOpen: true }))).when(reopen).thenRefused('case-closed');
    given(after(resolved, reopen)).when(resolveException('x-1', 'retry')).thenTypes('ExceptionResolved');
  });

  it('is merged one level deep', () => {
    given(two).when(mergeException('x-1', 'x-1')).thenRefused('merge-itself');
    given(two).when(mergeException('x-1', 'x-2')).thenTypes('Merged');
    const merged = after(two, mergeException('x-1', 'x-2'));
    given(merged).when(mergeException('x-1', 'x-2')).thenNothing('merged');
    given(merged).when(mergeException('x-2', 'x-1')).thenRefused('merge-chain');
    given(merged).when(mergeException('x-2', 'elsewhere')).thenRefused('merge-chain');
    given(merged).when(mergeException('x-1', 'elsewhere')).thenRefused('merge-chain');
    given(two).when(mergeException('x-1', 'e', { isMain: true })).thenRefused('merge-chain');
    given(two).when(mergeException('x-1', 'e', { into: { exceptionId: 'e', caseId: 'c', open: true, merged: true } })).thenRefused('merge-chain');
    given(two).when(mergeException('x-1', 'e', { into: { exceptionId: 'e', caseId: 'c', open: false, merged: false } })).thenRefused('main-resolved');
    given(after(two, resolveException('x-2', 'acknowledged'))).when(mergeException('x-1', 'x-2')).thenRefused('main-resolved');
    given(merged).when({ type: 'UnmergeException', exceptionId: 'x-1', reason: 'person' }).thenTypes('Unmerged');
    given(two).when({ type: 'UnmergeException', exceptionId: 'x-1', reason: 'person' }).thenRefused('not-merged');
  });

  it('takes only the codes that its class declares, unless it is resolved along with something else', () => {
    const resolutions: readonly ResolutionCode[] = [{ code: 'repacked', label: '', reason: false, outcomes: [] }, { code: 'scrapped', label: '', reason: true, outcomes: ['cancel'] }];
    const declared = happened(openCase(), enterStep('t1'), raiseException({ runId: 't1', resolutions }));
    given(declared).when(resolveException('x-1', 'retry')).thenRefused('resolution-undeclared');
    given(declared).when(resolveException('x-1', 'retry', { code: 'scrapped', note: 'n' })).thenRefused('resolution-outcome');
    given(declared).when(resolveException('x-1', 'cancel', { code: 'scrapped' })).thenRefused('resolution-needs-note');
    given(declared).when(resolveException('x-1', 'cancel', { code: 'scrapped', note: 'Wet.' })).thenTypes('ExceptionResolved');
    given(declared).when(resolveException('x-1', 'retry', { code: 'repacked' })).thenTypes('ExceptionResolved');
    given(declared).when(resolveException('x-1', 'retry', { along: 'x-9' })).thenTypes('ExceptionResolved');
  });

  it('holds photos: each once, so many, and no more on a task that has ended', () => {
    const subject = { kind: 'exception', id: 'x-1' } as const;
    given(raised).when(attachPhoto(subject)).thenTypes('PhotoAttached');
    given(after(raised, attachPhoto(subject))).when(attachPhoto(subject, { attachmentId: 'a-2' })).thenNothing('attached');
    const full = after(raised, ...Array.from({ length: maxPhotos }, (_, i) => attachPhoto(subject, { attachmentId: `a-${i}`, sha256: `h-${i}` })));
    given(full).when(attachPhoto(subject, { attachmentId: 'more', sha256: 'more' })).thenRefused('photos-too-many');
    given(full).when(attachPhoto({ kind: 'case', id: caseId }, { attachmentId: 'more', sha256: 'more' })).thenTypes('PhotoAttached');
    given(raised).when(attachPhoto({ kind: 'case', id: 'another' })).thenRefused('photo-subject-unknown');
    given(after(raised, attachPhoto(subject), { type: 'ErasePhoto', attachmentId: 'a-1', reason: 'A face.' })).when({ type: 'ErasePhoto', attachmentId: 'a-1', reason: 'Again.' }).thenRefused('photo-unknown');
    const asked = happened(openCase(), enterStep('t1'), createTask('t1', { kind: 'evidence', photos: 1 }));
    const task = { kind: 'task', id: 'task-t1' } as const;
    given(asked).when(decideTask('task-t1')).thenRefused('photos-missing');
    given(asked).when(decideTask('task-t1', { decision: 'reject' })).thenRefused('reason-missing');
    given(asked).when(decideTask('task-t1', { decision: 'reject', comment: 'Gone.' })).thenTypes('Decided');
    given(after(asked, attachPhoto(task))).when(decideTask('task-t1')).thenTypes('Decided');
    given(after(asked, attachPhoto(task), { type: 'ErasePhoto', attachmentId: 'a-1', reason: 'A face.' })).when(decideTask('task-t1')).thenRefused('photos-missing');
    given(after(asked, attachPhoto(task), decideTask('task-t1'))).when(attachPhoto(task, { attachmentId: 'a-2', sha256: 'h' })).thenRefused('photo-subject-unknown');
  });
});

describe('priority of exceptions', () => {
  const day = 24 * 3_600_000;
  it('rises by a step a day, and a deadline that is sooner counts', () => {
    const start = Date.parse(at(0));
    for (const [priority, days, expected] of [[5, 0, 5], [5, 1, 4], [5, 4, 1], [5, 9, 1], [1, 0, 1], [3, 1.5, 2]] as const) {
      assert.equal(priorityAt(urgentAt(start, priority, undefined), start + days * day), expected, `${priority} after ${days} days`);
    }
    assert.equal(priorityAt(urgentAt(start, 5, start + day / 24), start), 2);
    assert.equal(priorityAt(urgentAt(start, 5, start + day / 24), start + day / 24), 1);
    assert.equal(urgentAt(start, 1, start + day), start);
  });

  it('comes from the first line that fits', () => {
    const rules: readonly PriorityRule[] = [
      { on: 'amount', path: '', op: 'ge', value: '1000.00', priority: 1 }, { on: 'facts', path: 'supplier.tier', op: 'eq', value: 'gold', priority: 2 },
      { on: 'age', path: '', op: 'gt', value: '8', priority: 3 }, { on: 'facts', path: 'cold', op: 'set', value: '', priority: 4 },
    ];
    const by = (about: Partial<Parameters<typeof priorityByRules>[1]>) => priorityByRules(rules, { document: {}, amount: undefined, ageHours: 0, ...about });
    assert.equal(by({ amount: '1000' }), 1);
    assert.equal(by({ amount: '999.99' }), undefined);
    assert.equal(by({ document: { supplier: { tier: 'gold' } }, ageHours: 9 }), 2);
    assert.equal(by({ ageHours: 9 }), 3);
    assert.equal(by({ document: { cold: true } }), 4);
    assert.equal(by({ document: { cold: false } }), undefined);
    assert.equal(priorityRulesProblem(rules), undefined);
    assert.match(priorityRulesProblem([{ on: 'amount', path: '', op: 'ge', value: 'much', priority: 1 }]) ?? '', /Line 1 .* is no number/);
    assert.match(priorityRulesProblem([{ on: 'facts', path: ' ', op: 'eq', value: 'x', priority: 1 }]) ?? '', /names no fact/);
    assert.match(priorityRulesProblem([{ on: 'amount', path: '', op: 'ge', value: '1', priority: 7 as 1 }]) ?? '', /priority 7/);
  });
});

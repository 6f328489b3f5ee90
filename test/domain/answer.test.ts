import assert from 'node:assert/strict';
import { absentCase, decide } from '../../src/domain/index.ts';
import type { CaseCommand } from '../../src/domain/index.ts';
import { serviceProblems } from '../../src/domain/service/index.ts';
import type { ServiceDefinition } from '../../src/domain/service/index.ts';
import { deliveryService } from '../nodes/support/offered.ts';

const answer = (runId: string): CaseCommand => ({ type: 'AnswerService', runId, status: 201, refusal: false, body: { receipt: 'R' }, bodyHash: 'h' });
const run = (runId: string) => ({ runId, address: { instance: 't', stepId: 'out' }, nodeType: 'waybill-service-out', state: 'pending' as const, enteredAt: '', hops: 1, uncleanEpochs: 0, epoch: 1 });
const state = { ...absentCase, status: 'open' as const, caseId: 'c', runs: { one: run('one'), two: run('two') } };

describe('the answer of a case', () => {
  it('is given once: by the same step again it changes nothing, by another one it is refused', () => {
    const first = decide(state, answer('one'));
    assert.deepEqual(first.kind === 'accepted' && first.events.map(({ type, data, content }) => [type, data, content]), [['ServiceAnswered', { bodyHash: 'h', refusal: false, runId: 'one', status: 201 }, { body: { receipt: 'R' } }]]);
    const answered = { ...state, answer: { runId: 'one', status: 201, refusal: false, at: '' } };
    assert.deepEqual(decide(answered, answer('one')), { kind: 'accepted', events: [], note: 'answered' });
    const second = decide(answered, answer('two'));
    assert.equal(second.kind === 'refused' && second.code, 'answered-already');
    const none = decide(state, answer('three'));
    assert.equal(none.kind === 'refused' && none.code, 'run-not-open');
  });
});

describe('what is wrong with a service that is offered', () => {
  const problems = (more: Partial<ServiceDefinition>): readonly string[] => serviceProblems(deliveryService(more)).map(({ at }) => at);
  const { confirm, status } = deliveryService().operations as { readonly confirm: ServiceDefinition['operations'][string]; readonly status: ServiceDefinition['operations'][string] };

  it('is said with its place', () => {
    assert.deepEqual(problems({}), []);
    assert.deepEqual(problems({ protocol: 'soap' }), ['/protocol']);
    assert.deepEqual(problems({ limits: { concurrency: 0, perSecond: 0, burst: 0 } }), ['/limits/perSecond']);
    assert.deepEqual(problems({ limits: { concurrency: 1, perSecond: 1, burst: 1, quota: { calls: 10, per: 'day' } } }), ['/limits/quota']);
    assert.deepEqual(problems({ offered: { admits: ['token'], maxBytes: 1_000, waitMs: 0, signatureSeconds: 60 } }), ['/offered/signatureSeconds']);
    const { idempotency: _key, recovery: _recovery, ...unkeyed } = confirm;
    assert.deepEqual(problems({ operations: { confirm: { ...unkeyed, recovery: { by: 'none' } } } }), ['/operations/confirm/idempotency']);
    assert.deepEqual(problems({ operations: { status, other: { ...status, binding: { method: 'GET', path: '/shipments/{id}' } } } }), ['/operations/other/binding']);
    for (const path of ['shipments', '/a?b', '/a//b', '/a/../b', '/openapi.json', '/requests/{id}']) assert.deepEqual(problems({ operations: { status: { ...status, binding: { method: 'GET', path } } } }), ['/operations/status/binding/path'], path);
    assert.ok(problems({ operations: { confirm: { ...confirm, binding: { method: 'GET', path: '/x' } } } }).includes('/operations/confirm/binding/method'));
    assert.ok(problems({ operations: { status: { ...status, binding: { method: 'TRACE', path: '/x' } } } }).includes('/operations/status/binding/method'));
  });
});

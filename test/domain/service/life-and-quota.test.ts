import assert from 'node:assert/strict';
import { quotaState, quotaWindow, readServiceReference, serviceReference, statusAt, takeQuota } from '../../../src/domain/service/index.ts';

const at = (iso: string): number => Date.parse(iso);

describe('the life of a service', () => {
  it('ends with the day of its sunset, in UTC, without anybody signing again', () => {
    const life = { status: 'deprecated', sunset: '2027-06-30' } as const;
    assert.deepEqual(['2027-06-29T23:59:59.999Z', '2027-06-30T00:00:00Z', '2027-06-30T00:30:00+02:00'].map((now) => statusAt(life, at(now))), ['deprecated', 'retired', 'deprecated']);
    assert.equal(statusAt({ status: 'published' }, at('2099-01-01T00:00:00Z')), 'published');
    assert.equal(statusAt({ status: 'deprecated' }, at('2099-01-01T00:00:00Z')), 'deprecated', 'without a day nothing retires it');
  });

  it('is named as family/name@version, and free names are none', () => {
    assert.deepEqual(readServiceReference('erp/goods-receipt@1.2.0-beta.1'), { id: 'erp/goods-receipt', version: '1.2.0-beta.1' });
    for (const text of ['stock@1', 'erp/goods-receipt', 'erp/goods-receipt@1', 'erp/goods-receipt@1.0', 'Erp/x@1.0.0', 'a/b/c@1.0.0', 'erp/x@1.0.0@2.0.0', `erp/${'x'.repeat(300)}@1.0.0`, '']) assert.equal(readServiceReference(text), undefined, text);
    assert.equal(serviceReference({ id: 'erp/x', version: '1.0.0' }), 'erp/x@1.0.0');
  });
});

describe('the quota of a service', () => {
  const quota = { calls: 2, per: 'hour' } as const;
  const now = at('2026-11-29T10:30:00Z');

  it('counts in windows that lie on the hours and days of UTC', () => {
    assert.deepEqual(quotaWindow(quota, now), { since: at('2026-11-29T10:00:00Z'), until: at('2026-11-29T11:00:00Z') });
    assert.deepEqual(quotaWindow({ per: 'day' }, now), { since: at('2026-11-29T00:00:00Z'), until: at('2026-11-30T00:00:00Z') });
  });

  it('lets as many calls pass as it says, then none until the next window, and counts none that it did not let pass', () => {
    const one = takeQuota(quota, undefined, now);
    const two = takeQuota(quota, one.use, now + 1);
    const three = takeQuota(quota, two.use, now + 2);
    assert.deepEqual([one.taken, two.taken, three.taken, three.use.calls, three.resetsAt], [true, true, false, 2, at('2026-11-29T11:00:00Z')]);
    assert.deepEqual(quotaState(quota, three.use, now + 3), { used: 2, left: 0, resetsAt: at('2026-11-29T11:00:00Z') });
    const next = takeQuota(quota, three.use, three.resetsAt);
    assert.deepEqual([next.taken, next.use], [true, { since: at('2026-11-29T11:00:00Z'), calls: 1 }]);
  });

  it('gives nothing back when a clock is set back, and knows what a smaller quota means for what was used', () => {
    const use = { since: at('2026-11-29T11:00:00Z'), calls: 2 };
    assert.deepEqual([takeQuota(quota, use, now).taken, quotaState(quota, use, now).resetsAt], [false, at('2026-11-29T12:00:00Z')]);
    assert.deepEqual(quotaState({ calls: 1, per: 'hour' }, use, at('2026-11-29T11:10:00Z')), { used: 2, left: 0, resetsAt: at('2026-11-29T12:00:00Z') });
  });
});

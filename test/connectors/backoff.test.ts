import assert from 'node:assert/strict';
import fc from 'fast-check';
import { nextDelay, parseRetryAfter } from '../../src/connectors/resilience/backoff.ts';
import type { RetryPolicy } from '../../src/connectors/resilience/backoff.ts';

const policies: fc.Arbitrary<RetryPolicy> = fc.record({
  maxAttempts: fc.integer({ min: 1, max: 50 }), maxElapsedMs: fc.integer({ min: 0, max: 10_000_000 }),
  baseDelayMs: fc.integer({ min: 1, max: 100_000 }), maxDelayMs: fc.integer({ min: 1, max: 1_000_000 }),
});
const anyRandom = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const patient: RetryPolicy = { maxAttempts: 10, maxElapsedMs: 3_600_000, baseDelayMs: 100, maxDelayMs: 5_000 };

describe('delay before the next call', () => {
  it('lies between nothing and the smaller of max and base·2^(calls-1), for every policy (full jitter)', () => {
    fc.assert(fc.property(policies, fc.integer({ min: 1, max: 60 }), fc.nat(10_000_000), anyRandom, (policy, calls, elapsed, random) => {
      const delay = nextDelay(policy, calls, elapsed, undefined, () => random);
      if (delay === undefined) return;
      assert.ok(Number.isInteger(delay) && delay >= 0, `${delay} is no number of milliseconds`);
      assert.ok(delay <= Math.min(policy.maxDelayMs, policy.baseDelayMs * 2 ** (calls - 1)), `${delay} is above the ceiling`);
    }));
  });

  it('reaches both ends of the range, so that callers spread over all of it', () => {
    assert.equal(nextDelay(patient, 3, 0, undefined, () => 0), 0);
    assert.equal(nextDelay(patient, 3, 0, undefined, () => 0.999_999), 400);
    assert.equal(nextDelay(patient, 9, 0, undefined, () => 0.999_999_9), 5_000);
  });

  it('doubles its ceiling with every call until the maximum', () => {
    const ceilings = [1, 2, 3, 4, 5, 6, 7].map((calls) => nextDelay(patient, calls, 0, undefined, () => 1 - Number.EPSILON));
    assert.deepEqual(ceilings, [100, 200, 400, 800, 1_600, 3_200, 5_000]);
  });

  it('gives up after the last attempt, for every policy', () => {
    fc.assert(fc.property(policies, fc.nat(20), anyRandom, (policy, more, random) => {
      assert.equal(nextDelay(policy, policy.maxAttempts + more, 0, undefined, () => random), undefined);
    }));
  });

  it('never sets a call later than the policy\'s time, for every policy', () => {
    fc.assert(fc.property(policies, fc.integer({ min: 1, max: 60 }), fc.nat(10_000_000), fc.option(fc.nat(10_000_000), { nil: undefined }), anyRandom, (policy, calls, elapsed, retryAfter, random) => {
      const delay = nextDelay(policy, calls, elapsed, retryAfter, () => random);
      assert.ok(delay === undefined || elapsed + delay <= policy.maxElapsedMs);
    }));
  });

  it('is never earlier than the other side\'s Retry-After, for every policy', () => {
    fc.assert(fc.property(policies, fc.integer({ min: 1, max: 60 }), fc.nat(10_000_000), anyRandom, (policy, calls, retryAfter, random) => {
      const delay = nextDelay(policy, calls, 0, retryAfter, () => random);
      assert.ok(delay === undefined || delay >= retryAfter);
    }));
  });

  it('gives up when the other side wants more patience than the policy has', () => {
    assert.equal(nextDelay(patient, 1, 0, 3_600_001, () => 0), undefined);
    assert.equal(nextDelay(patient, 1, 0, Number.POSITIVE_INFINITY, () => 0), undefined);
  });
});

describe('Retry-After (RFC 9110 §10.2.3)', () => {
  const now = Date.parse('2026-03-02T10:00:00Z');

  it('reads seconds', () => {
    assert.equal(parseRetryAfter('120', now), 120_000);
    assert.equal(parseRetryAfter(' 0 ', now), 0);
  });

  it('reads every form of an HTTP date (§5.6.7): IMF-fixdate, RFC 850, asctime', () => {
    assert.equal(parseRetryAfter('Mon, 02 Mar 2026 10:02:00 GMT', now), 120_000);
    assert.equal(parseRetryAfter('Monday, 02-Mar-26 10:02:00 GMT', now), 120_000);
    assert.equal(parseRetryAfter('Mon Mar  2 10:02:00 2026', now), 120_000);
  });

  it('takes a date that has passed for now', () => {
    assert.equal(parseRetryAfter('Mon, 02 Mar 2026 09:00:00 GMT', now), 0);
  });

  it('takes what is neither for absent, also where a lenient parser of dates would see one', () => {
    for (const text of [undefined, '', 'soon', '-5', '1.5', 'May 2099', '120, 60', '1e3']) {
      assert.equal(parseRetryAfter(text, now), undefined, text);
    }
  });
});

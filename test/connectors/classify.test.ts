import assert from 'node:assert/strict';
import { classify } from '../../src/connectors/rest/classify.ts';
import type { Classified } from '../../src/connectors/rest/classify.ts';
import type { HttpResult } from '../../src/connectors/rest/http-json.ts';

const answer = (status: number): HttpResult => ({ kind: 'response', status, headers: {}, text: '', truncated: false });
const failure = (sent: boolean, errorClass: string): HttpResult => ({ kind: 'failure', sent, errorClass, message: '' });

/** What an answer means: for a request that changes something, and for one that only reads. */
const table: readonly (readonly [string, HttpResult, Classified['outcome'], Classified['outcome']])[] = [
  ['200', answer(200), 'success', 'success'],
  ['201', answer(201), 'success', 'success'],
  ['204', answer(204), 'success', 'success'],
  ['304: nothing was asked conditionally', answer(304), 'permanent', 'permanent'],
  ['302: redirects are not followed', answer(302), 'permanent', 'permanent'],
  ['400', answer(400), 'permanent', 'permanent'],
  ['404', answer(404), 'permanent', 'permanent'],
  ['409', answer(409), 'permanent', 'permanent'],
  ['422', answer(422), 'permanent', 'permanent'],
  ['401: somebody has to mend the credentials', answer(401), 'transient', 'transient'],
  ['403', answer(403), 'transient', 'transient'],
  ['407', answer(407), 'transient', 'transient'],
  ['408: the request did not arrive whole (RFC 9110 §15.5.9)', answer(408), 'transient', 'transient'],
  ['425: refused unread (RFC 8470 §5.2)', answer(425), 'transient', 'transient'],
  ['429: refused unread (RFC 6585 §4)', answer(429), 'transient', 'transient'],
  ['503: refused for now (RFC 9110 §15.6.4)', answer(503), 'transient', 'transient'],
  ['500: it may have happened before the error', answer(500), 'unknown', 'transient'],
  ['502: a gateway lost the answer', answer(502), 'unknown', 'transient'],
  ['504: a gateway waited in vain', answer(504), 'unknown', 'transient'],
  ['a failure before it was sent', failure(false, 'ECONNREFUSED'), 'transient', 'transient'],
  ['a time limit before it was sent', failure(false, 'timeout'), 'transient', 'transient'],
  ['a failure after it was sent', failure(true, 'ECONNRESET'), 'unknown', 'transient'],
  ['a time limit after it was sent', failure(true, 'timeout'), 'unknown', 'transient'],
  ['an answer that broke off', failure(true, 'aborted'), 'unknown', 'transient'],
  ['no URL', failure(false, 'bad-url'), 'permanent', 'permanent'],
  ['no request that HTTP can carry', failure(false, 'bad-request'), 'permanent', 'permanent'],
];

describe('what an answer means for the effect', () => {
  for (const [what, result, changing, reading] of table) {
    it(`${what}: ${changing} for a request that changes something, ${reading} for one that reads`, () => {
      assert.equal(classify(result, false).outcome, changing);
      assert.equal(classify(result, true).outcome, reading);
    });
  }

  it('names the class of everything that is no success', () => {
    for (const [what, result] of table) {
      const { outcome, errorClass } = classify(result, false);
      assert.equal(errorClass === undefined, outcome === 'success', what);
    }
    assert.equal(classify(answer(422), false).errorClass, 'http-422');
    assert.equal(classify(failure(true, 'ECONNRESET'), false).errorClass, 'ECONNRESET');
  });

  it('calls hopeless only what somebody has to mend first', () => {
    const hopeless = table.filter(([, result]) => classify(result, false).hopeless === true).map(([, result]) => (result.kind === 'response' ? result.status : 0));
    assert.deepEqual(hopeless, [401, 403, 407]);
  });

  it('never guesses: for a request that changes something, every 5xx but 503 leaves the outcome unknown', () => {
    for (let status = 500; status < 600; status += 1) {
      assert.equal(classify(answer(status), false).outcome, status === 503 ? 'transient' : 'unknown', String(status));
    }
  });

  it('takes a 409 that answers a repeat under the same key for a first request that still runs (draft-ietf-httpapi-idempotency-key-header-07 §2.7)', () => {
    assert.deepEqual(classify(answer(409), false, { repeated: true }), { outcome: 'unknown', errorClass: 'http-409' });
    assert.equal(classify(answer(409), true, { repeated: true }).outcome, 'permanent');
    assert.equal(classify(answer(422), false, { repeated: true }).outcome, 'permanent');
  });
});

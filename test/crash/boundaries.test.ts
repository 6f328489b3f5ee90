import assert from 'node:assert/strict';
import { boundariesOf } from '../engine/support/boundary.ts';
import { crossAll } from '../engine/support/crash-run.ts';
import { personFlow, scanFlow } from '../engine/support/flows.ts';

/** PROTOCOL §9: crash injection at every boundary, enumerated. */
describe('a crash at every boundary', function () {
  this.timeout(600_000);

  it('loses, doubles and hides nothing of a case that is scanned and received', async () => {
    const { counts, crossed, breaches } = await crossAll({ intake: 'scan', person: false, flow: scanFlow }, 2, boundariesOf);
    assert.deepEqual(breaches, []);
    assert.ok(counts.append >= 14 && counts.send >= 6 && counts.effect === 1 && counts.answer === 1, JSON.stringify(counts));
    assert.equal(crossed, 2 * counts.append + 2 * counts.send + 3 * counts.effect + 2 * counts.answer);
  });

  it('loses, doubles and hides nothing of a case that a person decides', async () => {
    const { counts, crossed, breaches } = await crossAll({ intake: 'message', person: true, flow: personFlow }, 2, boundariesOf);
    assert.deepEqual(breaches, []);
    assert.ok(counts.append >= 15 && counts.send >= 6 && counts.effect === 1 && counts.answer === 2, JSON.stringify(counts));
    assert.equal(crossed, 2 * counts.append + 2 * counts.send + 3 * counts.effect + 2 * counts.answer);
  });
});

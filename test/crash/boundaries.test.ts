import assert from 'node:assert/strict';
import { boundariesOf } from '../engine/support/boundary.ts';
import type { BoundaryCounts } from '../engine/support/boundary.ts';
import { crossAll } from '../engine/support/crash-run.ts';
import type { CrashStory } from '../engine/support/crash-run.ts';
import { personFlow, scanFlow, withRetries } from '../engine/support/flows.ts';

/** PROTOCOL §9: crash injection at every boundary, enumerated. */
describe('a crash at every boundary', function () {
  this.timeout(600_000);

  async function crossed(story: CrashStory): Promise<BoundaryCounts> {
    const { counts, crossed: number, breaches } = await crossAll(story, 2, boundariesOf);
    assert.deepEqual(breaches, []);
    assert.equal(number, 2 * counts.append + 2 * counts.send + 3 * counts.effect + 2 * counts.answer);
    return counts;
  }

  it('loses, doubles and hides nothing of a case that is scanned and received', async () => {
    const counts = await crossed({ intake: 'scan', flow: scanFlow });
    assert.ok(counts.append >= 14 && counts.send >= 6 && counts.effect === 1 && counts.answer === 1, JSON.stringify(counts));
  });

  it('loses, doubles and hides nothing of a case that retries in front of plain nodes and of a call', async () => {
    const counts = await crossed({ intake: 'scan', flow: (erpUrl) => withRetries(scanFlow(erpUrl)) });
    assert.ok(counts.append >= 18 && counts.send >= 9 && counts.effect === 1, JSON.stringify(counts));
  });

  it('loses, doubles and hides nothing of a case that a person decides', async () => {
    const counts = await crossed({ intake: 'message', flow: personFlow });
    assert.ok(counts.append >= 15 && counts.send >= 6 && counts.effect === 1 && counts.answer === 2, JSON.stringify(counts));
  });
});

import assert from 'node:assert/strict';
import process from 'node:process';
import { boundariesOf, distinctBoundariesOf } from '../engine/support/boundary.ts';
import type { BoundaryCounts } from '../engine/support/boundary.ts';
import { crossAll } from '../engine/support/crash-run.ts';
import type { CrashStory } from '../engine/support/crash-run.ts';
import { personFlow, scanFlow, withRetries } from '../engine/support/flows.ts';

/** PROTOCOL §9: crash injection at every boundary, enumerated; each that leaves something else behind, and in the long form every single one. */
const LONG = process.env['WAYBILL_CRASH_LONG'] === '1';

describe('a crash at every boundary', function () {
  this.timeout(600_000);

  async function crossed(story: CrashStory): Promise<BoundaryCounts> {
    const { counts, crossed: number, breaches } = await crossAll(story, 2, LONG ? boundariesOf : distinctBoundariesOf);
    assert.deepEqual(breaches, []);
    const { append, send, effect, answer } = counts;
    assert.equal(number, (LONG ? 2 * append + 2 * send : 1 + append + Math.floor((send + 1) / 3)) + 3 * effect + 2 * answer);
    return counts;
  }

  // All of it is in the case that retries.
  if (LONG) it('loses, doubles and hides nothing of a case that is scanned and received', async () => {
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

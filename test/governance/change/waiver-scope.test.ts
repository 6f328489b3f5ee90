import assert from 'node:assert/strict';
import { waiverOf } from '../../../src/governance/change/waiver-of.ts';
import { readWaiver } from '../../../src/governance/catalogue/published.ts';
import type { Finding } from '../../../src/governance/gate/rules/rule.ts';
import { underWaivers } from '../../../src/governance/gate/rules/waivers.ts';

const change = { changeId: '01a223b9-acd8-7000-b979-50b993504148', site: 'dc-1', family: 'returns', reason: 'The label printer.' };
const granted = '2026-11-01T08:00:00.000Z';
const ends = '2026-12-01T08:00:00.000Z';
const waiver = waiverOf(change, { rule: 'no-exec', scope: { fingerprints: ['f'] }, expiresAt: ends }, granted);
const finding = (more: Partial<Finding> = {}): Finding => ({ rule: 'no-exec', level: 'error', message: 'M.', mend: 'D.', fingerprint: 'f', place: '', ...more });
const admitted = (found: Finding, now = '2026-11-15T08:00:00.000Z', site = 'dc-1'): boolean => underWaivers(found, [waiver], now, site).admitted?.by === 'waiver';

describe('the waiver that a decision makes', () => {
  it('is one that the catalogue takes, named after its request', () => {
    const { family, ...content } = waiver;
    assert.deepEqual(readWaiver(Buffer.from(JSON.stringify(content)), `waivers/returns/${waiver.id}.json`, waiver.id, family), waiver);
    assert.deepEqual([waiver.id, waiver.sites, waiver.changeId], [change.changeId, ['dc-1'], change.changeId]);
  });
  it('covers what was decided: this finding, at this site, in its time', () => {
    assert.ok(admitted(finding()));
    assert.ok(admitted(finding({ template: 'returns/damaged-goods@1.0.0' })));
    assert.ok(!admitted(finding({ rule: 'no-secrets' })));
    assert.ok(!admitted(finding({ fingerprint: 'g' })));
    assert.ok(!admitted(finding(), '2026-11-15T08:00:00.000Z', 'dc-2'));
    assert.ok(!admitted(finding(), granted.replace('11-01', '10-31')));
    assert.ok(!admitted(finding(), ends), 'at its end it is over');
  });
  it('says in the finding that it has ended, and when', () => {
    assert.match(underWaivers(finding(), [waiver], '2026-12-02T08:00:00.000Z', 'dc-1').mend, /ended on 2026-12-01/);
  });
  it('exempts nobody at the template of another family', () => {
    assert.ok(!admitted(finding({ template: 'order-to-cash/order-exception@1.2.0' })));
    assert.ok(!admitted(finding({ template: 'returns-else/x@1.0.0' })));
  });
});

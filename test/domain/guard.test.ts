import assert from 'node:assert/strict';
import type { CaseState } from '../../src/domain/index.ts';
import { breachOf } from '../../src/domain/guard.ts';

const state = (milestones: CaseState['milestones']): CaseState => ({ milestones } as CaseState);
const reached = (milestone: string, ...by: string[]): CaseState['milestones'][string] => ({ milestone, covers: [], factsHash: 'h', ...(by.length === 0 ? {} : { by }) });
const different = [{ milestone: 'counted', factsHash: 'h' }, { milestone: 'approved', factsHash: 'h', differentFrom: 'counted' }];

describe('guards of different people', () => {
  it('hold when nobody reached both', () => {
    assert.equal(breachOf(state({ counted: reached('counted', 'p1'), approved: reached('approved', 'p2', 'p3') }), different), undefined);
  });
  it('breach when one of several reached both, also on behalf of another', () => {
    assert.equal(breachOf(state({ counted: reached('counted', 'p1'), approved: reached('approved', 'p2', 'p1') }), different)?.code, 'same-person:approved:counted');
  });
  it('breach when it is not known who reached one, as after a rule decided', () => {
    assert.equal(breachOf(state({ counted: reached('counted'), approved: reached('approved', 'p2') }), different)?.code, 'same-person:approved:counted');
  });
  it('name the milestone that is missing', () => {
    assert.equal(breachOf(state({ approved: reached('approved', 'p2') }), different)?.code, 'milestone-missing:counted');
  });
});

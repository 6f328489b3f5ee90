import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Delegation, DelegationParty, GrantDelegation } from '../../../src/domain/delegation/index.ts';
import { endDelegation, evolveDelegation, grantDelegation, isActive } from '../../../src/domain/delegation/index.ts';
import { refusalText } from '../../../src/domain/index.ts';

const day = 86_400_000;
const now = '2026-06-15T08:00:00.000Z';
const after = (days: number): string => new Date(Date.parse(now) + days * day).toISOString();
const person = (name: string, roles = ['buyer', 'finance'], sites = ['dc-1', 'dc-2'], disabled = false): DelegationParty => ({ person: name, roles, sites, disabled });
const command = (more: Partial<GrantDelegation> = {}): GrantDelegation => ({
  delegationId: 'd', from: person('anna'), to: person('ben', ['clerk'], ['dc-1']), by: 'anna', manages: false, roles: [], sites: [], toTime: after(14), at: now, longestMs: 92 * day, ...more,
});
const given = (from: string, to: string, more: Partial<Delegation> = {}): Delegation => ({ delegationId: `${from}-${to}`, from, to, roles: ['buyer'], sites: ['dc-1'], fromTime: now, toTime: after(14), ended: false, ...more });
const codeOf = (others: readonly Delegation[], more: Partial<GrantDelegation>): string => {
  const decision = grantDelegation(others, command(more));
  return decision.kind === 'refused' ? decision.code : 'granted';
};

describe('granting a delegation', () => {
  it('gives all roles and sites from now on', () => {
    const decision = grantDelegation([], command({ personal: { fromName: 'Anna', toName: 'Ben', reason: 'Holiday' } }));
    assert.deepEqual(decision, { kind: 'accepted', events: [{
      type: 'DelegationGranted', data: { delegationId: 'd', from: 'anna', to: 'ben', roles: ['buyer', 'finance'], sites: ['dc-1', 'dc-2'], fromTime: now, toTime: after(14) },
      personal: { fromName: 'Anna', toName: 'Ben', reason: 'Holiday' },
    }] });
  });

  const refusals: readonly (readonly [string, Partial<GrantDelegation>, (readonly Delegation[])?])[] = [
    ['delegation-from-disabled', { from: undefined }],
    ['delegation-from-disabled', { from: person('anna', ['buyer'], ['dc-1'], true) }],
    ['delegation-of-other', { by: 'ben' }],
    ['delegation-of-other', { by: 'mallory' }],
    ['delegation-to-disabled', { to: undefined }],
    ['delegation-to-disabled', { to: person('ben', ['clerk'], ['dc-1'], true) }],
    ['delegation-to-oneself', { to: person('anna') }],
    ['delegation-past', { toTime: now }],
    ['delegation-past', { toTime: after(-1) }],
    ['delegation-past', { fromTime: after(-1) }],
    ['delegation-backwards', { fromTime: after(3), toTime: after(2) }],
    ['delegation-backwards', { fromTime: after(3), toTime: after(3) }],
    ['delegation-too-long', { toTime: after(92.1) }],
    ['delegation-beyond-own', { roles: ['site-manager'] }],
    ['delegation-beyond-own', { roles: ['buyer', 'site-manager'] }],
    ['delegation-beyond-own', { sites: ['dc-3'] }],
    ['delegation-beyond-own', { sites: ['*'] }],
    ['delegation-beyond-own', { from: person('anna', []) }],
    ['delegation-site', { sites: ['dc-2'] }],
    ['delegation-site', { to: person('ben', ['clerk'], []) }],
    ['delegation-circular', {}, [given('ben', 'anna')]],
    ['delegation-circular', {}, [given('ben', 'carl'), given('carl', 'dora'), given('dora', 'anna')]],
    ['delegation-circular', { fromTime: after(1) }, [given('ben', 'carl', { fromTime: after(2) }), given('carl', 'anna', { fromTime: after(3) })]],
    ['delegation-circular', {}, [given('ben', 'anna', { sites: ['*'] })]],
    ['delegation-too-many', {}, Array.from({ length: 20 }, (_none, index) => given('anna', `p${index}`))],
  ];
  for (const [index, [code, more, others = []]] of refusals.entries()) it(`is refused: ${code} (${index + 1})`, () => { assert.equal(codeOf(others, more), code); });

  it('is no circle with other roles, other sites, at another time, or with what has ended', () => {
    for (const other of [given('ben', 'anna', { roles: ['clerk'] }), given('ben', 'anna', { sites: ['dc-9'] }), given('ben', 'anna', { fromTime: after(14), toTime: after(20) }), given('ben', 'anna', { ended: true }), given('ben', 'anna', { fromTime: after(-9), toTime: after(-1) })]) {
      assert.equal(codeOf([other], {}), 'granted', JSON.stringify(other));
    }
    assert.equal(codeOf([given('ben', 'carl', { toTime: after(3) }), given('carl', 'anna', { fromTime: after(5) })], {}), 'granted');
  });

  it('may be granted for somebody by who looks after the account, a little late, and for all sites', () => {
    assert.equal(codeOf([], { by: 'admin', manages: true }), 'granted');
    assert.equal(codeOf([], { fromTime: new Date(Date.parse(now) - 60_000).toISOString() }), 'granted');
    assert.equal(codeOf([], { from: person('anna', ['buyer'], ['*']), sites: ['dc-1'] }), 'granted');
    assert.equal(codeOf([], { from: person('anna', ['buyer'], ['*']) }), 'granted');
  });
});

describe('ending a delegation', () => {
  const end = (delegation: Delegation | undefined, by: string, manages = false, at = now): string => {
    const decision = endDelegation(delegation, { by, manages, at });
    return decision.kind === 'refused' ? decision.code : 'ended';
  };
  it('is for the delegator, the delegate, and who looks after the account', () => {
    const delegation = given('anna', 'ben');
    assert.deepEqual([end(delegation, 'anna'), end(delegation, 'ben'), end(delegation, 'carl'), end(delegation, 'carl', true)], ['ended', 'ended', 'delegation-of-other', 'ended']);
  });
  it('is refused when there is nothing to end', () => {
    assert.deepEqual([end(undefined, 'anna'), end(given('anna', 'ben', { ended: true }), 'anna'), end(given('anna', 'ben'), 'anna', false, after(14))], ['delegation-unknown', 'delegation-over', 'delegation-over']);
  });
});

describe('delegations, whatever is granted and ended', () => {
  const people = ['anna', 'ben', 'carl', 'dora'];
  const roles = ['buyer', 'finance'];
  const move = fc.record({
    from: fc.nat(3), to: fc.nat(3), by: fc.nat(3), roles: fc.subarray(roles), start: fc.integer({ min: 0, max: 20 }), length: fc.integer({ min: -1, max: 20 }), at: fc.integer({ min: 0, max: 3 }), end: fc.option(fc.nat(9), { nil: undefined }),
  });
  /** Who acts for whom at an instant in a role, over any number of people. */
  const actsFor = (all: readonly Delegation[], role: string, at: string): boolean => {
    const edges = all.filter((each) => isActive(each, at) && each.roles.includes(role));
    const reach = (from: string, goal: string, seen: readonly string[]): boolean => edges.some((edge) => edge.from === from && !seen.includes(edge.to) && (edge.to === goal || reach(edge.to, goal, [...seen, edge.to])));
    return people.some((each) => reach(each, each, []));
  };

  it('never make a circle, never reach beyond the delegator, and every refusal has its sentence', () => {
    fc.assert(fc.property(fc.array(move, { maxLength: 25 }), (moves) => {
      const all: Delegation[] = [];
      let at = 0;
      for (const each of moves) {
        at += each.at;
        const when = after(at);
        const known = all[each.end ?? -1];
        const decision = known === undefined ? grantDelegation(all, command({
          delegationId: `d${all.length}`, from: person(people[each.from] ?? '', roles, ['dc-1']), to: person(people[each.to] ?? '', roles, ['dc-1']), by: people[each.by] ?? '', manages: each.by === 0,
          roles: each.roles, fromTime: after(at + each.start), toTime: after(at + each.start + each.length), at: when,
        })) : endDelegation(known, { by: people[each.by] ?? '', manages: each.by === 0, at: when });
        const [event] = decision.events;
        assert.equal(decision.events.length, 1);
        if (decision.kind === 'refused') {
          assert.ok(refusalText[decision.code].length > 20);
          assert.equal(event?.type, 'CommandRefused');
          continue;
        }
        const next = evolveDelegation(known, event!);
        assert.ok(next !== undefined && next.from !== next.to && next.fromTime < next.toTime && next.roles.every((role) => roles.includes(role)));
        const place = all.findIndex(({ delegationId }) => delegationId === next.delegationId);
        if (place < 0) all.push(next); else all[place] = next;
        for (const role of roles) for (let later = at; later < at + 45; later += 1) assert.equal(actsFor(all, role, after(later)), false);
      }
    }), { numRuns: 150 });
  }).timeout(60_000);
});

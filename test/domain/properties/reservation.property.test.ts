import assert from 'node:assert/strict';

import Big from 'big.js';
import fc from 'fast-check';

import { decide, emptyReservation, evolve, release, reserve } from '../../../src/domain/index.ts';
import type { CaseCommand, CaseState, Reservation } from '../../../src/domain/index.ts';
import { enterStep, openCase, releaseQuantity, reserveQuantity, token } from '../support/commands.ts';
import { happened, only, stateAfter } from '../support/given.ts';
import { record } from './hostile-case.ts';

/** Decimal strings of up to three places, negative ones (reversals) now and then. */
const quantity = fc.tuple(fc.boolean(), fc.nat(9999), fc.nat(3), fc.nat(9)).map(([positive, whole, places, sign]) =>
  `${sign === 0 && !positive ? '-' : ''}${places === 0 ? whole : new Big(whole).div(10 ** places).toFixed(places)}`);

const runs = ['t0', 't1', 't2', 't3'];
const step = fc.record({ give: fc.integer({ min: 0, max: 3 }).map((n) => n === 0), who: fc.nat(2), run: fc.nat(runs.length - 1), quantity });

/** Carries a command out as the engine does: the reservation moves only when the case takes the event. */
function execute(state: CaseState, command: CaseCommand): { readonly state: CaseState; readonly taken: boolean } {
  const { events, kind } = decide(state, command);
  return { state: events.map((e) => record(e, 0)).reduce(evolve, state), taken: kind === 'accepted' && events.length > 0 };
}

describe('whatever cases reserve and release', () => {
  it('the holds of all cases add up to the total, and nothing is over the limit without saying so', () => {
    const start = stateAfter(happened(openCase({ tokens: runs.map((id) => token(id)) }), ...runs.map((id) => enterStep(id))));
    fc.assert(fc.property(fc.array(step, { maxLength: 40 }), quantity, (steps, limit) => {
      const cases = [start, start, start];
      let shared: Reservation = emptyReservation;
      for (const s of steps) {
        const state = only(cases[s.who]);
        const claimId = `c-${only(runs[s.run])}`;
        if (s.give) {
          const next = release(shared, state.holds[claimId]?.quantity ?? '0');
          const done = execute(state, releaseQuantity(claimId, { total: next.total, reservationVersion: next.version }));
          cases[s.who] = done.state;
          if (done.taken) shared = next;
        } else {
          const next = reserve(shared, s.quantity, limit);
          if (next === undefined) continue;
          assert.equal(new Big(next.overBy).gt(0), new Big(s.quantity).gt(0) && new Big(next.total).gt(limit), 'over the limit without saying so');
          const done = execute(state, reserveQuantity(only(runs[s.run]), { ...next, reservationVersion: next.version }));
          cases[s.who] = done.state;
          if (done.taken) shared = { total: next.total, version: next.version };
        }
        const held = cases.flatMap((c) => Object.values(c.holds)).reduce((sum, hold) => sum.plus(hold.quantity), new Big(0));
        assert.equal(held.toFixed(), shared.total);
        assert.match(shared.total, /^(0|-?(?!0\d)\d+(\.\d*[1-9])?)$/, 'the total is not in its one form');
      }
    }), { numRuns: 400 });
  });
});

import assert from 'node:assert/strict';

import fc from 'fast-check';

import { absentCase, decide, evolve } from '../../../src/domain/index.ts';
import type { CaseEvent } from '../../../src/domain/index.ts';
import { controlState } from '../support/control-state.ts';
import { play, program, secret } from './hostile-case.ts';
import { Observer } from './observer.ts';

/** What stands in the leaf of an event: everything but the erasable parts. */
function leafOf(event: CaseEvent): CaseEvent {
  const { content: _content, personal: _personal, ...leaf } = event;
  return leaf as CaseEvent;
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
}

describe('whatever commands a case is given', function () {
  this.timeout(60_000);

  it('no token is lost or used twice, nothing is decided twice or by the wrong person, closed stays closed', () => {
    fc.assert(fc.property(program, (moves) => {
      const observer = new Observer();
      play(moves, (turn) => { observer.see(turn); });
    }), { numRuns: 600 });
  });

  it('evolve reads only what stands in leaves, whichever contents are erased (PROTOCOL §6)', () => {
    fc.assert(fc.property(program, fc.nat(2 ** 30), (moves, mask) => {
      let bare = absentCase;
      let partly = absentCase;
      let n = 0;
      play(moves, ({ command, before, decision, recorded, after }) => {
        assert.deepEqual(decide(bare, command), decision);
        assert.deepEqual(decide(partly, command), decision);
        assert.equal(before.version, bare.version);
        for (const event of recorded) {
          bare = evolve(bare, leafOf(event));
          partly = evolve(partly, (mask >> (n++ % 30)) % 2 === 0 ? event : leafOf(event));
        }
        assert.deepEqual(controlState(bare), controlState(after));
        assert.deepEqual(controlState(partly), controlState(after));
        assert.deepEqual(bare, { ...bare, ...controlState(bare) }, 'a view without content');
      });
    }), { numRuns: 150 });
  });

  it('its events survive JSON, and no decider changes what it is given', () => {
    fc.assert(fc.property(program, (moves) => {
      let read = absentCase;
      const end = play(moves, ({ command, before, recorded }) => {
        deepFreeze(before);
        deepFreeze(command);
        deepFreeze(recorded);
        for (const event of recorded) read = evolve(read, JSON.parse(JSON.stringify(event)) as CaseEvent);
      });
      assert.deepEqual(read, end);
    }), { numRuns: 150 });
  });

  it('nothing erasable stands in a leaf', () => {
    fc.assert(fc.property(program, (moves) => {
      play(moves, ({ recorded }) => {
        for (const event of recorded) assert.ok(!JSON.stringify(leafOf(event)).includes(secret), `${event.type} tells content in its leaf`);
      });
    }), { numRuns: 150 });
  });
});

import assert from 'node:assert/strict';
import type { NodeStatus } from 'node-red';
import { connectedWith, IntakeStatus } from '../../../src/engine/intake/intake-status.ts';

describe('the status of an intake', () => {
  it('tells what was taken from repeats of a flood that were left out', () => {
    const shown: NodeStatus[] = [];
    const status = new IntakeStatus((one) => { shown.push(one); }, connectedWith('scan', 'scans'));
    try {
      status.taken('opened');
      for (let i = 0; i < 3; i += 1) status.leftOut();
      status.connection({ kind: 'connected' }, undefined);
      assert.deepEqual(shown.at(-1), { fill: 'yellow', shape: 'dot', text: 'a device sends one message over and over · 1 scan · 3 repeats left out' });
    } finally {
      status.close();
    }
    assert.deepEqual(connectedWith('scan', 'scans')({ taken: 1, aside: 2, leftOut: 3, flooded: false }), { fill: 'green', shape: 'dot', text: 'connected · 1 scan · 3 repeats left out · 2 put aside' });
  });
});

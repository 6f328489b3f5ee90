import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Circuit } from '../../src/connectors/resilience/circuit.ts';
import type { CircuitChange, CircuitMemory, Pass } from '../../src/connectors/resilience/circuit.ts';

const settings = { threshold: 3, openMs: 1_000, concurrency: 2 };
const fresh: CircuitMemory = { state: 'closed', since: 0, until: undefined, failures: 0, manual: false };

function circuit(memory = fresh): { readonly it: Circuit; readonly changes: CircuitChange[] } {
  const changes: CircuitChange[] = [];
  return { it: new Circuit(settings, memory, (change) => changes.push(change)), changes };
}
function pass(it: Circuit, now: number): Pass {
  const got = it.enter(now);
  assert.equal(got.kind, 'pass', JSON.stringify(got));
  return (got as { pass: Pass }).pass;
}
function failing(it: Circuit, times: number, now = 0): void {
  for (let i = 0; i < times; i += 1) it.end(pass(it, now), 'failed', now);
}

describe('circuit of a system', () => {
  it('opens after failures in a row, not before; an answer begins the count anew', () => {
    const { it, changes } = circuit();
    failing(it, 2);
    it.end(pass(it, 0), 'answered', 0);
    failing(it, 2);
    assert.deepEqual(changes, []);
    failing(it, 1, 5);
    assert.deepEqual(changes, [{ state: 'open', since: 5, until: 1_005, failures: 3, manual: false, why: 'failures' }]);
    assert.deepEqual(it.enter(1_004), { kind: 'open', until: 1_005 });
  });

  it('lets one probe through when its time has come, and the probe decides', () => {
    const { it, changes } = circuit();
    failing(it, 3);
    const probe = pass(it, 1_000);
    assert.equal(probe.probe, true);
    assert.deepEqual(it.enter(1_000), { kind: 'open', until: 2_000 });
    it.end(probe, 'failed', 1_100);
    assert.deepEqual(it.enter(2_099), { kind: 'open', until: 2_100 });
    const second = pass(it, 2_100);
    it.end(second, 'answered', 2_101);
    assert.deepEqual(changes.map(({ state, why }) => [state, why]), [['open', 'failures'], ['half-open', 'probe'], ['open', 'probe-failed'], ['half-open', 'probe'], ['closed', 'answered']]);
    failing(it, 2, 3_000);
    assert.equal(it.memory.state, 'closed');
  });

  it('lets another probe through when the first was lost', () => {
    const { it } = circuit({ ...fresh, state: 'open', until: 10 });
    it.end(pass(it, 10), 'lost', 11);
    assert.equal(pass(it, 11).probe, true);
  });

  it('takes no word from what began before it opened', () => {
    const { it } = circuit();
    const old = pass(it, 0);
    failing(it, 3);
    it.end(old, 'answered', 500);
    assert.equal(it.memory.state, 'open');
  });

  it('lets so many run at once', () => {
    const { it } = circuit();
    const first = pass(it, 0);
    pass(it, 0);
    assert.deepEqual(it.enter(0), { kind: 'busy' });
    it.end(first, 'answered', 0);
    it.end(first, 'answered', 0);
    assert.equal(it.running, 1);
  });

  it('stays open by hand until it is closed by hand', () => {
    const { it, changes } = circuit();
    assert.equal(it.openByHand(5, undefined), true);
    assert.equal(it.openByHand(6, undefined), false);
    assert.deepEqual(it.enter(1e12), { kind: 'open', until: undefined });
    assert.equal(it.closeByHand(7), true);
    assert.equal(it.closeByHand(8), false);
    pass(it, 8);
    assert.deepEqual(changes.map(({ state, why }) => [state, why]), [['open', 'manual'], ['closed', 'manual']]);
  });

  it('never opens by itself without a threshold', () => {
    const it = new Circuit({ ...settings, threshold: 0 }, fresh, () => assert.fail('changed'));
    failing(it, 50);
    assert.equal(it.memory.state, 'closed');
  });

  it('goes on from what it remembers', () => {
    const { it } = circuit({ state: 'half-open', since: 0, until: undefined, failures: 4, manual: false });
    assert.equal(pass(it, 1).probe, true);
    assert.equal(it.enter(1).kind, 'open');
  });

  it('holds whatever happens: never more than its limit, never two probes, nothing leaves while open', () => {
    const step = fc.oneof(fc.record({ kind: fc.constant('enter' as const) }), fc.record({ kind: fc.constant('end' as const), n: fc.nat(5), how: fc.constantFrom('answered' as const, 'failed' as const, 'lost' as const) }),
      fc.record({ kind: fc.constant('tick' as const), ms: fc.nat(700) }), fc.record({ kind: fc.constantFrom('open' as const, 'close' as const) }));
    fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const { it } = circuit();
      let now = 0;
      const out: Pass[] = [];
      for (const one of steps) {
        if (one.kind === 'tick') now += one.ms;
        else if (one.kind === 'open') it.openByHand(now, undefined);
        else if (one.kind === 'close') it.closeByHand(now);
        else if (one.kind === 'end') {
          const [ended] = out.splice(one.n, 1);
          if (ended !== undefined) it.end(ended, one.how, now);
        } else {
          const { state, until } = it.memory;
          const got = it.enter(now);
          if (got.kind !== 'pass') continue;
          assert.ok(state !== 'open' || (until !== undefined && now >= until), 'left while open');
          out.push(got.pass);
          if (state !== 'closed') assert.ok(got.pass.probe);
          if (state === 'half-open') assert.equal(it.isOpen(now), true);
        }
        assert.ok(out.length <= settings.concurrency);
        assert.equal(it.running, out.length);
      }
    }));
  });
});

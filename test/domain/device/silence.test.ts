import assert from 'node:assert/strict';
import fc from 'fast-check';
import { endSilence, evolveSilence, evolveWatch, noWatch, raiseSilence, setWatch } from '../../../src/domain/device/index.ts';
import type { Silence } from '../../../src/domain/device/index.ts';
import { Listening } from '../../../src/engine/devices/listening.ts';

const subject = { kind: 'device', id: 'S1' } as const;
const alarm = (alarmId: string) => ({ alarmId, since: '2026-06-15T08:00:00.000Z', minutes: 60 });

describe('silence of a device', () => {
  it('is an alarm once, until it is over', () => {
    const raised = raiseSilence({ version: 0 }, subject, alarm('a1'));
    assert.deepEqual(raised.events, [{ type: 'DeviceSilent', data: { ...alarm('a1'), subject: 'device', subjectId: 'S1' } }]);
    const standing = raised.events.reduce<Silence>(evolveSilence, { version: 0 });
    assert.deepEqual(raiseSilence(standing, subject, alarm('a2')).events, []);
    const over = endSilence(standing, subject, 'heard');
    assert.deepEqual(over.events, [{ type: 'DeviceHeard', data: { alarmId: 'a1', subject: 'device', subjectId: 'S1', how: 'heard' } }]);
    assert.deepEqual(over.events.reduce<Silence>(evolveSilence, standing), { version: 2 });
    assert.deepEqual(endSilence({ version: 2 }, subject, 'heard').events, []);
  });

  it('raises and ends in turn, whatever is looked at how often', () => {
    fc.assert(fc.property(fc.array(fc.boolean(), { maxLength: 50 }), (silent) => {
      let state: Silence = { version: 0 };
      const types: string[] = [];
      silent.forEach((is, index) => {
        const { events } = is ? raiseSilence(state, subject, alarm(`a${index}`)) : endSilence(state, subject, 'heard');
        types.push(...events.map(({ type }) => type));
        state = events.reduce(evolveSilence, state);
      });
      types.forEach((type, index) => { assert.equal(type, index % 2 === 0 ? 'DeviceSilent' : 'DeviceHeard'); });
      assert.equal(state.version, types.length);
    }));
  });

  it('is expected as the site says', () => {
    const watch = { minutes: 45, per: 'station', calendar: 'Two shifts', role: 'supervisor' } as const;
    const set = setWatch(noWatch, watch);
    assert.deepEqual(set.events.reduce(evolveWatch, noWatch), watch);
    assert.deepEqual(setWatch(watch, watch).events, []);
    assert.deepEqual([setWatch(noWatch, { ...watch, minutes: -1 }), setWatch(noWatch, { ...watch, role: 'A b' })].map((each) => (each.kind === 'refused' ? each.code : '')), ['device-silence-invalid', 'device-role-invalid']);
  });
});

describe('when devices could be heard', () => {
  const plain = (from: number, to: number): number => to - from;

  it('leaves out what nobody could hear', () => {
    const listening = new Listening([{ from: 0, to: 100 }]);
    assert.equal(listening.quiet(50, 300, plain), 200);
    assert.equal(listening.quiet(200, 300, plain), 100);
    listening.hears(false, 320, 310);
    listening.hears(false, 340, 320);
    listening.hears(true, 400, 340);
    assert.equal(listening.quiet(300, 500, plain), 110);
    assert.deepEqual(listening.deaf.at(-1), { from: 310, to: 400 });
  });

  it('keeps a bounded number of gaps', () => {
    const listening = new Listening();
    for (let at = 0; at < 500; at += 1) listening.add({ from: at * 10, to: at * 10 + 5 });
    assert.equal(listening.deaf.length, 50);
    assert.equal(listening.quiet(4_900, 5_000, plain), 50);
  });
});

import assert from 'node:assert/strict';
import { instantOf } from '../../src/engine/support/instants.ts';

describe('instants', () => {
  const cases: readonly (readonly [value: unknown, zone: string, expected: string | undefined])[] = [
    ['2026-03-31T06:00:00Z', 'Europe/Berlin', '2026-03-31T06:00:00.000Z'],
    ['2026-03-31T06:00:00+02:00', 'America/New_York', '2026-03-31T04:00:00.000Z'],
    ['2026-03-31T06:00+02:00[Europe/Berlin]', 'America/New_York', '2026-03-31T04:00:00.000Z'],
    ['2026-03-31T06:00', 'Europe/Berlin', '2026-03-31T04:00:00.000Z'],
    ['2026-03-31 06:00', 'Europe/Berlin', '2026-03-31T04:00:00.000Z'],
    ['2026-03-31', 'Europe/Berlin', '2026-03-30T22:00:00.000Z'],
    // The hour that the change of clocks leaves out, and the one that comes twice.
    ['2026-03-29T02:30', 'Europe/Berlin', '2026-03-29T01:30:00.000Z'],
    ['2026-10-25T02:30', 'Europe/Berlin', '2026-10-25T00:30:00.000Z'],
    // Days that began at one o'clock.
    ['2018-11-04', 'America/Sao_Paulo', '2018-11-04T03:00:00.000Z'],
    ['2026-04-05T01:45', 'Australia/Lord_Howe', '2026-04-04T14:45:00.000Z'],
    [1_775_000_000_000, 'UTC', '2026-03-31T23:33:20.000Z'],
    [1_775_000_000, 'UTC', undefined], [Number.NaN, 'UTC', undefined], ['', 'UTC', undefined], ['soon', 'UTC', undefined], ['2026-02-30', 'UTC', undefined],
    ['2026-13-01T00:00', 'UTC', undefined], ['1', 'UTC', undefined], [null, 'UTC', undefined], [undefined, 'UTC', undefined], [{}, 'UTC', undefined], ['9999-12-31', 'UTC', undefined],
  ];
  for (const [value, zone, expected] of cases) {
    it(`${JSON.stringify(value) ?? 'undefined'} in ${zone} is ${expected ?? 'none'}`, () => { assert.equal(instantOf(value, zone), expected); });
  }
});

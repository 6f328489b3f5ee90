import assert from 'node:assert/strict';
import { readDate, writeDate } from '../../../src/domain/mapping/dates.ts';
import { mappingProblemText } from '../../../src/domain/mapping/index.ts';

const read = (text: string, format: string, zone?: string, as: 'date' | 'date-time' = 'date-time'): string => {
  const made = readDate(text, format, zone, as);
  return 'value' in made ? made.value : made.problem;
};
const write = (text: string, format: string, zone?: string): string => {
  const made = writeDate(text, format, zone);
  return 'value' in made ? made.value : made.problem;
};

describe('dates of a mapping', () => {
  it('are read as their format says, with the offset of their zone', () => {
    assert.equal(read('20260301 0815', 'YYYYMMDD HHmm', 'Europe/Berlin'), '2026-03-01T08:15:00+01:00');
    assert.equal(read('01.07.2026 08:15:30', 'DD.MM.YYYY HH:mm:ss', 'Europe/Berlin'), '2026-07-01T08:15:30+02:00');
    assert.equal(read('07/04/2026', 'MM/DD/YYYY', undefined, 'date'), '2026-07-04');
    assert.equal(read('2026-03-01T08:15:00.250Z', 'iso'), '2026-03-01T08:15:00.250Z');
    assert.equal(read('2026-03-01T23:30:00Z', 'iso', 'Europe/Berlin', 'date'), '2026-03-02');
    assert.equal(read('1772352900', 'unix-seconds', 'UTC'), '2026-03-01T08:15:00Z');
    assert.equal(read('1772352900000', 'unix-milliseconds', 'Asia/Kolkata'), '2026-03-01T13:45:00+05:30');
    assert.equal(read('/Date(1772352900000)/', 'odata-v2', 'America/New_York'), '2026-03-01T08:15:00-05:00');
    assert.equal(read('/Date(1772352900000+0060)/', 'odata-v2'), '2026-03-01T08:15:00Z');
    assert.equal(read('20260301T081500+0530', 'YYYYMMDDTHHmmssZ'), '2026-03-01T08:15:00+05:30');
  });

  it('without a zone are a problem that says what to do', () => {
    for (const [text, format] of [['2026-03-01T08:15:00', 'iso'], ['2026-03-01', 'iso'], ['20260301', 'YYYYMMDD'], ['20260301 0815', 'YYYYMMDD HHmm'], ['/Date(1772352900000)/', 'odata-v2']] as const) assert.equal(read(text, format), 'zone-missing', text);
    assert.equal(read('1772352900', 'unix-seconds', undefined, 'date'), 'zone-missing');
    assert.equal(mappingProblemText({ code: 'zone-missing', row: '0', at: '/t', values: { value: '2026-03-01T08:15:00' } }), '"2026-03-01T08:15:00" does not say of which time zone it is; say the zone in the date conversion, or have the sender write it with an offset such as +01:00.');
  });

  it('that a clock change leaves out or has twice are not guessed', () => {
    assert.equal(read('2026-03-29T02:30:00', 'iso', 'Europe/Berlin'), 'time-skipped');
    assert.equal(read('2026-10-25T02:30:00', 'iso', 'Europe/Berlin'), 'time-twice');
    assert.equal(read('2026-10-25T02:30:00+01:00', 'iso', 'Europe/Berlin'), '2026-10-25T02:30:00+01:00');
  });

  it('that are none are refused', () => {
    assert.deepEqual([read('2026-02-30', 'iso', 'UTC', 'date'), read('31.04.2026', 'DD.MM.YYYY', 'UTC', 'date'), read('2026-03-01T25:00:00Z', 'iso'), read('soon', 'iso'), read('1.3.2026', 'DD.MM.YYYY', 'UTC', 'date'), read('2024-02-29', 'iso', 'UTC', 'date')],
      ['date-unreal', 'date-unreal', 'date-unreal', 'date-form', 'date-form', '2024-02-29']);
  });

  it('are written in the form of another system', () => {
    assert.equal(write('2026-03-01', 'DD.MM.YYYY'), '01.03.2026');
    assert.equal(write('2026-03-01T23:15:00Z', 'YYYYMMDD', 'Europe/Berlin'), '20260302');
    assert.equal(write('2026-03-01T08:15:00Z', 'YYYYMMDD HHmm'), 'zone-missing');
    assert.equal(write('2026-03-01T08:15:00Z', 'YYYY-MM-DDTHH:mm:ssZ', 'Europe/Berlin'), '2026-03-01T09:15:00+01:00');
    assert.equal(write('2026-03-01', 'odata-v2'), '/Date(1772323200000)/');
    assert.equal(write('2026-03-01T08:15:00Z', 'unix-milliseconds'), '1772352900000');
    assert.equal(write('2026-03-01T08:15', 'DD.MM.YYYY'), 'zone-missing');
  });
});

import assert from 'node:assert/strict';
import { tryEvents } from '../../src/engine/intake/plc-in/events-tryout.ts';
import type { PlcInNodeConfig } from '../../src/engine/intake/plc-in-node.ts';

const opening = { process: 'p', template: '', site: 's', device: 'line', uniqueScope: '' };
const config = { mode: 'events', title: '', keyField: '', keyType: '', leastSeverity: 400, suppressed: false } as unknown as PlcInNodeConfig;
const tried = (text: string, more: Partial<PlcInNodeConfig> = {}): string[] => tryEvents({ ...config, ...more }, opening, text.split('\n'), Date.parse('2026-11-29T08:00:00Z'))
  .map((outcome) => `${outcome.line} ${outcome.ok ? outcome.title : `- ${outcome.message}`}`);

describe('what pasted events would become', () => {
  it('is one case for each activation, and what is told of it', () => {
    assert.deepEqual(tried('Line Jam = active 700 belt jammed\nLine Jam = active 800\nLine Jam = acknowledged\nLine Jam = inactive\nLine Jam = active 700'), [
      '1 Line: belt jammed', '2 - This is known: its case is there.', '3 Line Jam is told as alarm.acknowledged', '4 Line Jam is told as alarm.inactive', '5 Line: Jam',
    ]);
  });

  it('keeps to the severity, and reads scans', () => {
    assert.deepEqual(tried('event = 300 belt worn\nevent = 500 belt torn\nscan = (00)340123450000000017'), [
      '1 - This is less severe than what opens a case.', '2 belt torn', '3 SSCC 340123450000000017',
    ]);
  });

  it('says how a line is to be written', () => {
    assert.throws(() => tried('what is this'), /Line 1 is no event; write it like Line Jam = active 700/);
  });
});

import assert from 'node:assert/strict';
import { readClassOverrides } from '../../../src/engine/exception-classes.ts';
import { close, Desk } from './support/desk.ts';

describe('classes that the engine raises', () => {
  it('are raised as the site says', async () => {
    const desk = await Desk.open({ exceptionClasses: '{"node-error": {"queue": "it-desk", "severity": "low", "priority": 5}}' });
    try {
      desk.add({ id: 'scan', wires: [['fail']] });
      desk.add({ id: 'fail', wires: [['end']], pattern: { run: () => Promise.reject(new Error('no')) } });
      desk.add({ id: 'end', wires: [], pattern: close });
      await desk.start();
      const { caseId } = await desk.openCase('scan');
      const { queue, severity, priority } = await desk.exception(caseId);
      assert.deepEqual({ queue, severity, priority }, { queue: 'it-desk', severity: 'low', priority: 5 });
    } finally {
      await desk.close();
    }
  });

  it('say what is wrong with what the site says', () => {
    assert.deepEqual(readClassOverrides(undefined), {});
    for (const [text, sentence] of [
      ['{', /no JSON/], ['[]', /must be an object/], ['{"business": {}}', /names the class "business"/], ['{"orphan": 1}', /says nothing of orphan/], ['{"orphan": {"que": "x"}}', /says "que"/],
      ['{"orphan": {"queue": ""}}', /no role/], ['{"orphan": {"severity": "bad"}}', /severity "bad"/], ['{"orphan": {"priority": 9}}', /priority 9/],
    ] as const) assert.throws(() => readClassOverrides(text), sentence);
  });
});

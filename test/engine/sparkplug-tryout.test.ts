import assert from 'node:assert/strict';
import { tryPayload } from '../../src/engine/intake/sparkplug-tryout.ts';
import { SPARKPLUG_IN_DEFAULTS } from '../../nodes/sparkplug-in/migrations.ts';
import { bareData, encodePayload } from '../intake/sparkplug/support/edge-node.ts';

const NOW = Date.UTC(2026, 10, 29);
const SITE = { enterprise: 'acme', id: 'dc-1' };
const CONFIG = { ...SPARKPLUG_IN_DEFAULTS, metrics: 'Barcode', facts: { lane: 'Lane' }, keyFact: 'value' };
const payload = (metrics: readonly object[]): string => Buffer.from(encodePayload({ timestamp: NOW, seq: 7, metrics })).toString('base64');
const barcode = payload([{ name: 'Barcode', type: 'String', value: 'A-1' }, { name: 'Lane', type: 'Int32', value: 7 }, { name: 'Bad', type: 'Double', value: NaN }]);

describe('trying a payload on the form of a sparkplug in node', () => {
  it('shows its metrics, and what they would become', () => {
    const tried = tryPayload(CONFIG, SITE, barcode, 'spBv1.0/P/DDATA/E/D', NOW);
    assert.deepEqual([tried.seq, tried.timestamp], [7, NOW]);
    assert.deepEqual(tried.metrics.map(({ name, type, value, note }) => [name, type, value, note]), [['Barcode', 'String', '"A-1"', undefined], ['Lane', 'Int32', '7', undefined], ['Bad', 'Double', '', 'NaN, which is no number']]);
    assert.deepEqual(tried.outcomes, [{ ok: true, title: 'D Barcode: A-1', facts: { metric: 'Barcode', value: 'A-1', at: new Date(NOW).toISOString(), lane: 7 } }]);
  });

  it('takes hexadecimal too, and is not asked where it came from', () => {
    const hex = Buffer.from(barcode, 'base64').toString('hex');
    assert.equal(tryPayload(CONFIG, SITE, `0x${hex}`, '', NOW).outcomes.length, 1);
    assert.equal(tryPayload(CONFIG, SITE, hex.replace(/../g, '$& '), '', NOW).outcomes.length, 1);
  });

  it('asks the trigger, and the filter where a topic is given', () => {
    assert.deepEqual(tryPayload({ ...CONFIG, groups: 'Q' }, SITE, barcode, 'spBv1.0/P/DDATA/E/D', NOW).outcomes, []);
    const above = { ...CONFIG, metrics: 'Lane', trigger: 'above' as const, keyFact: '' };
    assert.equal(tryPayload({ ...above, limit: 6 }, SITE, barcode, '', NOW).outcomes.length, 1);
    assert.deepEqual(tryPayload({ ...above, limit: 8 }, SITE, barcode, '', NOW).outcomes, []);
    assert.deepEqual(tryPayload({ ...above, metrics: 'Barcode' }, SITE, barcode, '', NOW).outcomes, [{ ok: false, message: 'Barcode is string, where this event needs boolean or number.'.replace('boolean or number', 'number') }]);
    assert.match(JSON.stringify(tryPayload({ ...CONFIG, metrics: 'Lane', keyFact: 'sscc' }, SITE, barcode, '', NOW).outcomes), /which is to be the key/);
  });

  it('says of names and data types that stand in the birth certificate only', () => {
    const { metrics } = tryPayload(CONFIG, SITE, Buffer.from(bareData(1, NOW, [{ alias: 5, doubleValue: 1.5 }, { name: 'Barcode', stringValue: 'x' }])).toString('base64'), '', NOW);
    assert.deepEqual(metrics.map(({ name, type, note }) => [name, type, note]), [['alias 5', 'Double', 'its name stands in the birth certificate'], ['Barcode', 'String', 'its data type stands in the birth certificate']]);
  });

  it('says what cannot be read', () => {
    assert.throws(() => tryPayload(CONFIG, SITE, '%%%', '', NOW), /neither base64 nor hexadecimal/);
    assert.throws(() => tryPayload(CONFIG, SITE, 'ffff', '', NOW), /no Sparkplug payload/);
    assert.throws(() => tryPayload(CONFIG, SITE, barcode, 'acme/dc-1/scan', NOW), /no topic of an edge node/);
  });
});

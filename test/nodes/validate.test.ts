import assert from 'node:assert/strict';
import { contractById } from '../../src/engine/mapping/canonical.ts';
import { validatePattern } from '../../src/engine/patterns/validate.ts';
import type { ValidateConfig } from '../../src/engine/patterns/validate.ts';
import { end, opener, plain, Rig, step, withNodeRed, type FlowNode } from './support/rig.ts';

const schema = JSON.stringify({ type: 'object', required: ['qty'], properties: { qty: { type: 'number', exclusiveMinimum: 0 }, at: { type: 'string', format: 'date' } } });

function validate(config: Readonly<Record<string, unknown>> = {}): FlowNode {
  return step('validate', 'check', { contract: 'count@1', schema, wires: [['valid'], ['look']], ...config });
}
const outputs = [end('valid'), plain('look', 'invalid'), end('invalid')];

describe('validate node', () => {
  withNodeRed();
  let rig: Rig;
  beforeEach(async () => { rig = await Rig.open(); });
  afterEach(() => rig.close());

  function watchErrors(): { errors?: readonly { path: string; message: string; keyword: string }[] } {
    const seen: { errors?: readonly { path: string; message: string; keyword: string }[] } = {};
    rig.node('look').on('input', function (this: { send(m: object): void }, msg: { errors: never }) {
      seen.errors = msg.errors;
      this.send(msg);
    });
    return seen;
  }

  it('lets a valid subject pass, records it and reaches its milestone', async () => {
    await rig.load([opener(['check']), validate({ record: true, recordAs: 'count', milestone: 'counted' }), ...outputs]);
    const caseId = await rig.start({ qty: 3, at: '2026-02-28' });
    const view = await rig.closed(caseId);
    assert.equal(view.outcome, 'valid');
    assert.deepEqual(view.document['count'], { qty: 3, at: '2026-02-28' });
    const [validated] = await rig.eventsOf(caseId, 'Validated');
    assert.deepEqual(validated?.data, { contract: 'count@1', valid: true, errors: 0 });
    const [milestone] = await rig.eventsOf(caseId, 'MilestoneReached');
    assert.deepEqual([milestone?.data.milestone, milestone?.data.covers], ['counted', ['count']]);
  });

  it('takes the contract of the catalogue that it names where no schema is written', async () => {
    await rig.load([opener(['check']), validate({ contract: 'receipt@1.0.0', schema: '', wires: [['valid'], ['invalid']] }), ...outputs]);
    const [receipt] = contractById('receipt@1.0.0')?.schema['examples'] as readonly Readonly<Record<string, unknown>>[];
    assert.equal((await rig.closed(await rig.start(receipt))).outcome, 'valid');
    assert.equal((await rig.closed(await rig.start({ ...receipt, postingDate: 'soon' }))).outcome, 'invalid');
    assert.throws(() => validatePattern({ contract: 'receipt@9.0.0', schema: '' } as ValidateConfig), /^ConfigError: The catalogue has no contract "receipt@9\.0\.0"/);
  });

  it('sends an invalid subject to the second output with the whole list of errors', async () => {
    await rig.load([opener(['check']), validate(), ...outputs]);
    const seen = watchErrors();
    const caseId = await rig.start({ qty: 0, at: '2026-02-30' });
    assert.equal((await rig.closed(caseId)).outcome, 'invalid');
    assert.deepEqual(seen.errors?.map(({ path, keyword }) => [path, keyword]), [['/qty', 'exclusiveMinimum'], ['/at', 'format']]);
    assert.equal((await rig.eventsOf(caseId, 'MilestoneReached')).length, 0);
    assert.deepEqual((await rig.eventsOf(caseId, 'Validated'))[0]?.data, { contract: 'count@1', valid: false, errors: 2 });
  });

  it('judges what an expression over the case document gives', async () => {
    await rig.load([opener(['check']), validate({ subject: '{"qty": $facts.boxes * 2}', subjectType: 'jsonata', record: true, recordAs: 'count' }), ...outputs]);
    watchErrors();
    assert.deepEqual((await rig.closed(await rig.start({ boxes: 4 }))).document['count'], { qty: 8 });
    assert.equal((await rig.closed(await rig.start({}))).outcome, 'invalid');
  });

  it('raises an exception when an expression fails, and goes on after it was mended', async () => {
    await rig.load([opener(['check']), validate({ subject: '$number($facts.text)', subjectType: 'jsonata' }), ...outputs]);
    const raised = await rig.exception(await rig.start({ text: 'seven' }));
    assert.equal(raised.code, 'step-failed');
    assert.match(raised.message, /^The expression "\$number\(\$facts\.text\)" failed: /);
    await rig.load([opener(['check']), validate({ subject: '{"qty": 1}', subjectType: 'jsonata' }), ...outputs]);
    await rig.resolve(raised.exception_id, 'retry');
    assert.equal((await rig.closed(raised.case_id)).outcome, 'valid');
  });

  describe('with a reservation', () => {
    const reserving = validate({
      record: true, recordAs: 'count', reserve: true, reserveScope: 'line', reserveKey: 'line', reserveKeyType: 'facts',
      reserveQuantity: 'qty', reserveQuantityType: 'facts', reserveLimit: '10', reserveLimitType: 'num',
    });

    it('counts over all cases and says by how much a case is over', async () => {
      await rig.load([opener(['check']), reserving, ...outputs]);
      const counted: unknown[] = [];
      for (const qty of [4, 6, 1.5]) counted.push((await rig.closed(await rig.start({ line: 'po-1/10', qty }))).document['count']);
      counted.push((await rig.closed(await rig.start({ line: 'po-1/20', qty: 9 }))).document['count']);
      assert.deepEqual(counted.map((count) => (count as { reservation: unknown }).reservation), [
        { total: '4', limit: '10', overBy: '0' }, { total: '10', limit: '10', overBy: '0' }, { total: '11.5', limit: '10', overBy: '1.5' }, { total: '9', limit: '10', overBy: '0' },
      ]);
    });

    it('never lets cases that come at the same moment share what is left', async () => {
      await rig.load([opener(['check']), reserving, ...outputs]);
      const cases = 12;
      for (let i = 0; i < cases; i++) rig.send({ payload: { line: 'po-2/10', qty: 1 } });
      let totals: string[] = [];
      while (totals.length < cases) {
        const { items } = await rig.engine.ledger.listCases({ status: 'closed' }, { limit: 50 });
        const reserved = await Promise.all(items.map((row) => rig.eventsOf(row.case_id, 'QuantityReserved')));
        totals = reserved.flat().map((event) => event.data.total);
      }
      assert.deepEqual(totals.map(Number).sort((a, b) => a - b), Array.from({ length: cases }, (_, i) => i + 1));
    });

    it('sends a case without a usable key or quantity to the second output', async () => {
      await rig.load([opener(['check']), reserving, ...outputs]);
      const seen = watchErrors();
      assert.equal((await rig.closed(await rig.start({ line: '', qty: 1 }))).outcome, 'invalid');
      assert.equal(seen.errors?.[0]?.keyword, 'reserve');
    });
  });
});

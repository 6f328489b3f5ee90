import assert from 'node:assert/strict';
import { end, opener, person, plain, Rig, step, withNodeRed, type FlowNode } from './support/rig.ts';

const table = {
  hitPolicy: 'unique', inputs: [{ label: 'amount', source: 'amount', sourceType: 'facts', type: 'number' }, { label: 'twice', source: '$number($facts.amount) * 2', sourceType: 'jsonata', type: 'number' }],
  outputs: [{ name: 'role', type: 'string' }, { name: 'fee', type: 'decimal' }],
  rules: [{ id: 'small', when: ['[0..limit)', '-'], then: ['"supervisor"', '0.10'] }, { id: 'large', when: ['[limit..100]', '>= 20'], then: ['"finance"', 'amount * 2'] }],
  parameters: [{ name: 'limit', type: 'number', value: '10', min: '5', max: '20' }],
};

function decision(config: Readonly<Record<string, unknown>> = {}): FlowNode {
  return step('decision', 'level', { tableName: 'level@1', table, wires: [['look'], ['none']], ...config });
}
const outputs = [plain('look', 'decided'), end('decided'), end('none')];

describe('decision node', () => {
  withNodeRed();
  let rig: Rig;
  beforeEach(async () => { rig = await Rig.open(); });
  afterEach(() => rig.close());

  it('decides, records the answer as a fact, and says in the ledger by which rule', async () => {
    await rig.load([opener(['level']), decision({ recordAs: 'level', milestone: 'levelled' }), ...outputs]);
    const seen: object[] = [];
    rig.node('look').on('input', function (this: { send(m: object): void }, msg: { decision: object; rules: object }) {
      seen.push({ decision: msg.decision, rules: msg.rules });
      this.send(msg);
    });
    const caseId = await rig.start({ amount: '9.99' });
    assert.deepEqual((await rig.closed(caseId)).document['level'], { role: 'supervisor', fee: '0.1' });
    assert.deepEqual(seen, [{ decision: { role: 'supervisor', fee: '0.1' }, rules: ['small'] }]);
    const [made] = await rig.eventsOf(caseId, 'DecisionMade');
    assert.deepEqual([made?.data.table, made?.data.hitPolicy, made?.data.rules, made?.content?.inputs], ['level@1', 'unique', ['small'], { amount: '9.99', twice: 19.98 }]);
    assert.equal((await rig.eventsOf(caseId, 'MilestoneReached'))[0]?.data.milestone, 'levelled');
  });

  it('asks a person when no rule fits, and decides again after the fact was corrected', async () => {
    await rig.load([opener(['level']), decision({ queue: 'clerk' }), ...outputs]);
    rig.node('look').on('input', function (this: { send(m: object): void }, msg: object) { this.send(msg); });
    const caseId = await rig.start({ amount: 500 });
    const raised = await rig.exception(caseId);
    assert.deepEqual([raised.code, raised.queue], ['decision-no-rule', 'clerk']);
    assert.match(raised.message, /^No rule of "level@1" fits/);
    const answer = await rig.engine.resolveException({ exceptionId: raised.exception_id, outcome: 'continue', code: 'corrected', correction: { amount: 50 }, by: person('eve', 'engineer') });
    assert.deepEqual(answer, { ok: true });
    assert.equal((await rig.closed(caseId)).outcome, 'decided');
  });

  it('goes on at the second output instead, when that is chosen', async () => {
    await rig.load([opener(['level']), decision({ onNoRule: 'output' }), ...outputs]);
    const caseId = await rig.start({ amount: 500 });
    assert.equal((await rig.closed(caseId)).outcome, 'none');
    assert.deepEqual((await rig.eventsOf(caseId, 'DecisionMade'))[0]?.data.rules, []);
  });

  it('says which fact is of another kind', async () => {
    await rig.load([opener(['level']), decision(), ...outputs]);
    const raised = await rig.exception(await rig.start({ amount: true }));
    assert.deepEqual([raised.code, raised.message], ['decision-input', '"amount" is true, which is no number. Correct the fact and retry.']);
  });

  it('takes no case on with a table that is wrong, and says what', async () => {
    const rules = [...table.rules, { id: 'more', when: ['> 50', '-'], then: ['"x"', '1'] }];
    await rig.load([opener(['level']), decision({ table: { ...table, rules } }), ...outputs]);
    assert.match(String(rig.shown('level').at(-1)?.text), /^Rules large and more both fit somewhere/);
  });
});

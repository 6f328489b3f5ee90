import assert from 'node:assert/strict';
import type { JsonObject } from '../../../src/domain/json.ts';
import { canonicalContent, codeListById, contractById } from '../../../src/engine/mapping/canonical.ts';
import { mappingOf, schemaOfSamples, tryMapping } from '../../../src/engine/mapping/trial.ts';

const SAMPLE = '{"No": "4500", "Sup": "S1", "Pos": [{"N": 10, "Mat": "M1", "Qty": 12.50, "U": "ST"}]}';
const ROWS = [
  { to: '/number', from: '/No' }, { to: '/supplier/id', from: '/Sup' },
  { to: '/lines', each: '/Pos', rows: [{ to: '/number', from: '/N' }, { to: '/item/id', from: '/Mat' }, { to: '/quantity/value', from: '/Qty' }, { to: '/quantity/unit', from: '/U', convert: [{ kind: 'codes', list: 'units-sap@1.0.0', to: 'central' }] }] },
];
const target = contractById('purchase-order@1.0.0')?.schema as JsonObject;

describe('a mapping that is tried', () => {
  it('gives the document, where each value comes from, and what the contract says', () => {
    const { checked, tried: [tried] } = tryMapping({ mapping: { rows: ROWS }, samples: [SAMPLE], source: schemaOfSamples([SAMPLE]), target, language: 'en' });
    assert.deepEqual(checked.map(({ code, row, warning }) => [code, row, warning]), [['too-fine-perhaps', '2.2', true]]);
    assert.deepEqual(tried?.document, { number: '4500', supplier: { id: 'S1' }, lines: [{ number: '10', item: { id: 'M1' }, quantity: { value: '12.50', unit: 'H87' } }] });
    assert.deepEqual([tried.problems, tried.faults, tried.explained.length], [[], [], 7]);
  });

  it('says in the person\'s language what is wrong, and at which row', () => {
    const { tried: [tried] } = tryMapping({ mapping: { rows: ROWS }, samples: [SAMPLE.replace('12.50', '1.123456789').replace('"ST"', '"XX"')], target, language: 'de' });
    assert.deepEqual(tried?.problems.map(({ row, at, from, text }) => [row, at, from, text.slice(0, 40)]), [
      ['2.2', '/lines/0/quantity/value', '/Pos/0/Qty', '„1.123456789“ hat 9 Nachkommastellen, er'], ['2.3', '/lines/0/quantity/unit', '/Pos/0/U', 'Der Code „XX“ steht nicht in der Codelis'],
    ]);
    assert.deepEqual(tried.faults, ['/lines/0 must have required property \'quantity\'']);
  });

  it('that cannot be used is not run', () => {
    assert.deepEqual(tryMapping({ mapping: { rows: [{ to: '/a' }] }, samples: [SAMPLE], language: 'en' }).tried, []);
    assert.throws(() => tryMapping({ mapping: { rows: [] }, samples: ['{'], language: 'en' }), /^RangeError: The sample is no JSON/);
    assert.throws(() => mappingOf({ rows: [{ to: '/a' }] }), /^RangeError: The mapping cannot be used: Nothing says where the value comes from/);
  });

  it('makes a schema of a sample that keeps nothing of it', () => {
    assert.doesNotMatch(JSON.stringify(schemaOfSamples(['{"secret": "4711-abc", "examples": "x"}'])), /4711/);
  });

  it('knows contracts and code lists by name and version', () => {
    assert.equal(canonicalContent().contracts.length, 7);
    assert.equal(codeListById('units-sap@1.0.0')?.owner, 'central-it');
    assert.equal(contractById('purchase-order@9.0.0'), undefined);
  });
});

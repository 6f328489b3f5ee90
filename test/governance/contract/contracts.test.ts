import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { CONTRACT_TYPES, contractTypes } from '../../../scripts/contract-types.ts';
import { currencyPlaces, inferSchema, schemaField, UNITS } from '../../../src/domain/contract/index.ts';
import { pointerParts } from '../../../src/domain/json-pointer.ts';
import type { SchemaField } from '../../../src/domain/contract/index.ts';
import { hasValidCheckDigit } from '../../../src/domain/gs1/check-digit.ts';
import type { Json, JsonObject } from '../../../src/domain/json.ts';
import { checkMapping, compileMapping, exactDocument } from '../../../src/domain/mapping/index.ts';
import type { MappingRow } from '../../../src/domain/mapping/index.ts';
import { contractProblems, packagedFolder, readCodeLists, readContracts } from '../../../src/governance/contract/contract-files.ts';

const contracts = readContracts(packagedFolder('contracts'));
const NAMES = ['inventory', 'invoice', 'item', 'location-event', 'purchase-order', 'receipt', 'shipment'];

function everyText(value: Json, name = ''): readonly (readonly [name: string, text: string])[] {
  if (typeof value === 'string') return [[name, value]];
  return typeof value === 'object' && value !== null ? Object.entries(value).flatMap(([key, below]) => everyText(below as Json, Array.isArray(value) ? name : key)) : [];
}

/** Rows that copy whatever a schema names. */
function copying(field: SchemaField, below: string): readonly MappingRow[] {
  return field.members.flatMap((member): readonly MappingRow[] => {
    const here = member.pointer.slice(below.length);
    if (member.entry !== undefined) return [{ to: here, each: here, rows: member.entry.members.length === 0 ? [{ to: '', from: '' }] : copying(member.entry, member.entry.pointer) }];
    return member.members.length === 0 ? [{ to: here, from: here }] : copying(member, below);
  });
}

describe('canonical contracts', () => {
  it('are there, each with a version', () => {
    assert.deepEqual(contracts.map(({ name }) => name), NAMES);
    for (const { name, version, schema } of contracts) assert.equal(schema['$id'], `urn:waybill:contract:${name}:${version}`);
  });

  it('have TypeScript types that are in step', () => {
    assert.equal(readFileSync(CONTRACT_TYPES, 'utf8'), contractTypes(), 'run "node scripts/contract-types.ts"');
  });

  it('say the same wherever they have a part in common', () => {
    const seen = new Map<string, string>();
    for (const { name, schema } of contracts) for (const [part, said] of Object.entries(schema['$defs'] as JsonObject)) assert.equal(seen.get(part) ?? JSON.stringify(said), (seen.set(part, JSON.stringify(said)), JSON.stringify(said)), `${part} of ${name}`);
  });

  for (const { name, version, schema } of contracts) {
    describe(name, () => {
      const ajv = new Ajv2020({ allErrors: true, strict: true, keywords: ['x-waybill'] });
      (addFormats as unknown as (ajv: Ajv2020) => void)(ajv);
      const validate = ajv.compile(schema);
      const examples = schema['examples'] as readonly JsonObject[];

      it('is a JSON Schema in the strict sense, and its examples are valid', () => {
        assert.deepEqual(contractProblems(schema, name, version), []);
        assert.ok(examples.length > 0);
        for (const example of examples) assert.ok(validate(example), JSON.stringify(validate.errors));
      });

      it('has keys that are required, and examples with units, currencies and check digits that there are', () => {
        const { contract } = schema['x-waybill'] as { readonly contract: { readonly key: readonly string[] } };
        for (const key of contract.key) assert.ok((schema['required'] as readonly string[]).includes(pointerParts(key)[0]!), key);
        for (const [member, text] of examples.flatMap((example) => everyText(example))) {
          if (['unit', 'baseUnit', 'secondUnit'].includes(member)) assert.ok(UNITS.has(text), `${member} ${text}`);
          if (member === 'currency') assert.notEqual(currencyPlaces(text), undefined, text);
          if (['gtin', 'gln', 'sscc', 'contained', 'parent'].includes(member)) assert.ok(hasValidCheckDigit(text), `${member} ${text}`);
        }
      });

      it('takes no float, no fourth decimal of a quantity, no time without a zone, no member that it does not name', () => {
        const [first] = examples;
        const spoilt = (change: (document: Record<string, Json>) => void): boolean => {
          const document = structuredClone(first) as Record<string, Json>;
          change(document);
          return validate(document);
        };
        assert.equal(spoilt((document) => { document['surprise'] = 'x'; }), false);
        assert.equal(spoilt((document) => { document['extensions'] = { ours: 1 }; }), true);
        const text = JSON.stringify(first);
        const replaced = (pattern: RegExp, by: string): void => {
          if (pattern.test(text)) assert.equal(validate(JSON.parse(text.replace(pattern, by))), false, `${String(pattern)} → ${by}`);
        };
        replaced(/"value":"[^"]*"/, '"value":1.5');
        replaced(/"value":"[^"]*"/, '"value":"1.1234"');
        replaced(/"value":"[^"]*"/, '"value":"1,5"');
        replaced(/(T\d\d:\d\d:\d\d)(Z|[+-]\d\d:\d\d)/, '$1');
      });

      it('can be mapped field by field, and comes out as it went in', () => {
        const rows = copying(schemaField(schema), '');
        assert.deepEqual(checkMapping({ rows }, { source: schema, target: schema }).filter(({ warning }) => warning !== true), []);
        const mapping = compileMapping({ rows }, { target: schema });
        for (const example of examples) assert.deepEqual(mapping.run(example), { document: example, problems: [] });
      });
    });
  }

  it('refuse a reference that leads out of them', () => {
    assert.deepEqual(contractProblems({ '$schema': 'https://json-schema.org/draft/2020-12/schema', '$id': 'urn:x', 'title': 'X', 'properties': { a: { $ref: 'https://example.org/item.json' } } }, 'x', '1.0.0'), ['$ref: "https://example.org/item.json" leads out of the contract; take what it names into $defs']);
  });
});

describe('code lists that come with the package', () => {
  it('translate into units that there are', () => {
    const lists = readCodeLists(packagedFolder('code-lists'));
    assert.deepEqual(lists.map(({ name }) => name), ['units-business-central', 'units-dynamics-365', 'units-odoo', 'units-sap', 'units-tryton']);
    for (const { entries } of lists) for (const { central } of entries) assert.ok(UNITS.has(central) || /^X[A-Z0-9]{2}$/.test(central), central);
  });
});

describe('a schema made of samples', () => {
  it('knows what is optional, and kinds of text', () => {
    const { document } = exactDocument([{ a: 1.5, at: '2026-03-01T08:00:00Z', l: [{ x: 1 }] }, { a: '2', l: [{ x: 2, y: null }] }]);
    const field = schemaField(inferSchema(document as readonly Json[]));
    assert.deepEqual(field.members.map(({ name, required, format, types }) => [name, required, format, types.join()]), [['a', true, 'decimal', 'string'], ['at', false, 'date-time', 'string'], ['l', true, undefined, 'array']]);
    assert.deepEqual(field.members[2]?.entry?.members.map(({ name, required }) => [name, required]), [['x', true], ['y', false]]);
  });
});

import assert from 'node:assert/strict';

import { Ajv2020 } from 'ajv/dist/2020.js';

import { odataDriver } from '../../../src/connectors/odata/driver.ts';
import { browse, draftService, MetadataError, readMetadata } from '../../../src/connectors/odata/index.ts';
import { checked } from '../../../src/connectors/odata/values/check.ts';
import { literal } from '../../../src/connectors/odata/values/literal.ts';
import { parseExactJson } from '../../../src/connectors/odata/values/json-text.ts';
import type { JsonObject } from '../../../src/domain/json.ts';
import { answer, callOf, definition, driveWith } from './support/drive.ts';

const V2 = `<edmx:Edmx Version="1.0" xmlns:edmx="http://schemas.microsoft.com/ado/2007/06/edmx" xmlns:m="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata" xmlns:sap="http://www.sap.com/Protocols/SAPData">
<edmx:DataServices m:DataServiceVersion="2.0"><Schema Namespace="S" xmlns="http://schemas.microsoft.com/ado/2008/09/edm">
<EntityType Name="Order" sap:label="Order"><Key><PropertyRef Name="Id"/></Key><Property Name="Id" Type="Edm.String" MaxLength="10" Nullable="false"/>
<Property Name="Amount" Type="Edm.Decimal" Precision="13" Scale="2" sap:unit="Currency" sap:label="Amount"/><Property Name="Currency" Type="Edm.String" MaxLength="5"/>
<Property Name="At" Type="Edm.DateTimeOffset" ConcurrencyMode="Fixed" sap:creatable="false" sap:updatable="false"/><NavigationProperty Name="Items" Relationship="S.OrderItems" FromRole="A" ToRole="B"/></EntityType>
<EntityType Name="Item"><Key><PropertyRef Name="Id"/></Key><Property Name="Id" Type="Edm.Guid" Nullable="false"/></EntityType>
<Association Name="OrderItems"><End Role="A" Type="S.Order" Multiplicity="1"/><End Role="B" Type="S.Item" Multiplicity="*"/></Association>
<EntityContainer Name="C"><EntitySet Name="Orders" EntityType="S.Order" sap:deletable="false"/><EntitySet Name="Items" EntityType="S.Item"/>
<FunctionImport Name="Release" m:HttpMethod="POST" ReturnType="S.Order" EntitySet="Orders"><Parameter Name="Id" Type="Edm.String" Mode="In"/></FunctionImport></EntityContainer></Schema></edmx:DataServices></edmx:Edmx>`;

const JSON_CSDL = {
  $Version: '4.01', $EntityContainer: 'S.C', $Reference: { 'https://x/Core.json': { $Include: [{ $Namespace: 'Org.OData.Core.V1', $Alias: 'Core' }] } },
  S: {
    $Alias: 'self', Base: { $Kind: 'EntityType', $Abstract: true, $Key: ['Id'], Id: { $MaxLength: 10 } },
    Order: { $Kind: 'EntityType', $BaseType: 'self.Base', Amount: { $Type: 'Edm.Decimal', $Precision: 13, $Scale: 2, $Nullable: true }, Note: { $Nullable: true }, At: { '$Type': 'Edm.DateTimeOffset', '@Core.Computed': true }, State: { $Type: 'self.State', $Nullable: true }, Big: { $Type: 'Edm.Int64', $Nullable: true } },
    State: { $Kind: 'EnumType', Open: 0, Closed: 1 },
    Close: [{ $Kind: 'Action', $IsBound: true, $Parameter: [{ $Name: 'it', $Type: 'self.Order' }, { $Name: 'reason' }] }],
    C: { '$Kind': 'EntityContainer', 'Orders': { '$Collection': true, '$Type': 'self.Order', '@Core.OptimisticConcurrency': ['At'] } },
  },
};

const bytes = (document: unknown): Uint8Array => Buffer.from(typeof document === 'string' ? document : JSON.stringify(document));
const model = readMetadata(bytes(JSON_CSDL));
const operations = {
  read: { binding: { do: 'read', entitySet: 'Orders' } }, find: { binding: { do: 'query', entitySet: 'Orders', filter: { property: 'Note', from: '/note' } } },
  create: { binding: { do: 'create', entitySet: 'Orders' } }, change: { binding: { do: 'update', entitySet: 'Orders' } },
};
const service = definition({ path: '/s', metadata: model as unknown as JsonObject, metadataMinutes: 0 }, operations);
const address = 'https://erp.example/base';
const call = (operation: string, document: JsonObject, more = {}): ReturnType<typeof callOf> => callOf(service, operation, document, { address, now: 0, ...more });

describe('metadata of OData', () => {
  it('of V2 with the annotations of SAP, and of 4.01 in JSON, become one model', () => {
    const v2 = readMetadata(bytes(V2));
    assert.deepEqual(v2.types['S.Order']!.properties['Amount'], { type: 'Edm.Decimal', precision: 13, scale: 2, label: 'Amount', unit: 'Currency' });
    assert.deepEqual(v2.types['S.Order']!.navigation, { Items: { type: 'S.Item', collection: true } });
    assert.deepEqual(v2.sets['Orders'], { type: 'S.Order', deletable: false, etag: true });
    assert.equal(v2.types['S.Order']!.properties['At']!.computed, true);
    assert.deepEqual(v2.operations[0]!.kind, 'action');
    assert.deepEqual(model.types['S.Order']!.key, ['Id']);
    assert.equal(model.types['S.Order']!.properties['At']!.computed, true);
    assert.equal(model.sets['Orders']!.etag, true);
    assert.deepEqual(model.operations[0]!.bound, { type: 'S.Order', parameter: 'it' });
  });

  it('are refused with a sentence when they are none, of another version, or play tricks', () => {
    const refused = (document: unknown, message: RegExp): void => { assert.throws(() => readMetadata(bytes(document)), (error) => error instanceof MetadataError && message.test(error.message)); };
    refused('<!DOCTYPE x [<!ENTITY a "aaaa">]><edmx:Edmx/>', /DOCTYPE/);
    refused('<html></html>', /begins with <html>/);
    refused(V2.replace('DataServiceVersion="2.0"', 'DataServiceVersion="3.0"'), /speaks OData 3\.0/);
    refused(V2.slice(0, 900), /damaged/);
    refused('{"$Version":"4.0"', /cannot be read/);
    refused({ ...JSON_CSDL, S: { ...JSON_CSDL.S, Base: { ...JSON_CSDL.S.Base, $BaseType: 'S.Order' } } }, /builds on itself/);
  });

  it('become pickers and a draft whose contracts hold what the driver takes', () => {
    const orders = browse(readMetadata(bytes(V2))).sets[0]!;
    assert.deepEqual([orders.name, orders.can], ['Orders', ['read', 'query', 'create', 'update']]);
    const { definition: draft, notes } = draftService(model, {
      id: 'a/b', title: 'Orders', owner: 'it', system: 'erp', path: '/s', date: '2026-01-01',
      operations: { create: { do: 'create', entitySet: 'Orders' }, change: { do: 'update', entitySet: 'Orders' }, close: { do: 'call', operation: 'S.Close', entitySet: 'Orders' } },
    });
    assert.deepEqual(odataDriver.problems(draft), []);
    assert.ok(notes.some((note) => note.includes('idempotency key')));
    const valid = new Ajv2020().compile(draft.operations['create']!.request as JsonObject);
    assert.ok(valid({ Id: '1', Amount: '12.50', State: 'Open', Big: '9007199254740993' }), JSON.stringify(valid.errors));
    for (const wrong of [{ Id: '12345678901' }, { Amount: 12.5 }, { Amount: '1.234' }, { At: '2026-01-01T00:00:00Z' }, { Other: 1 }]) assert.equal(valid(wrong), false, JSON.stringify(wrong));
  });
});

describe('values of OData', () => {
  it('are literals by their type, and cannot leave their quotes', () => {
    const v2 = { enums: {}, version: '2.0' } as const;
    assert.equal(literal("O'Neill' or 1 eq 1", { type: 'Edm.String' }, model, ''), "'O''Neill'' or 1 eq 1'");
    assert.equal(literal('1.50', { type: 'Edm.Decimal' }, v2, ''), '1.50m');
    assert.equal(literal('2026-03-01T10:00:00Z', { type: 'Edm.DateTimeOffset' }, v2, ''), "datetimeoffset'2026-03-01T10:00:00Z'");
    assert.equal(literal('Open', { type: 'S.State' }, model, ''), "S.State'Open'");
  });

  it('are refused where something would be rounded, cut or guessed', () => {
    const refused = (value: string | number, type: string, message: RegExp, facets = {}): void => { assert.throws(() => checked(value, { type, ...facets }, model, '/quantity'), message); };
    refused('1.123456789', 'Edm.Decimal', /"quantity" has 9 decimals .* keeps 3; round it/, { precision: 13, scale: 3 });
    refused(1.5, 'Edm.Decimal', /a number with a fraction is not exact/);
    refused('2026-03-01T10:00:00', 'Edm.DateTimeOffset', /has no time zone .*: add Z or an offset/);
    refused('2026-02-30T10:00:00Z', 'Edm.DateTimeOffset', /must be a date/);
    refused('2026-03-01T10:00:00Z', 'Edm.DateTime', /takes no time zone/);
    refused('abcd', 'Edm.String', /4 characters long and the system keeps 3/, { maxLength: 3 });
    refused('9223372036854775808', 'Edm.Int64', /whole number/);
  });

  it('keep every digit of an answer', () => {
    assert.deepEqual(parseExactJson('{"a":12345678901234567890.125,"b":1.10,"c":9007199254740993,"d":7,"e":1.5E-3}'), { a: '12345678901234567890.125', b: '1.10', c: '9007199254740993', d: 7, e: '0.0015' });
  });
});

describe('answers to OData requests (a mock of the line)', () => {
  const made = (result: Parameters<typeof driveWith>[2], more = {}): unknown => {
    const { outcome } = driveWith(odataDriver, call('create', { Id: '1' }, more), result);
    return outcome?.kind === 'done' ? 'done' : `${outcome?.kind} ${(outcome as { problem: { errorClass: string } }).problem.errorClass}`;
  };

  it('are outcomes that never guess', () => {
    assert.equal(made(answer(201, { Id: '1' })), 'done');
    assert.equal(made(answer(429, '', { 'retry-after': '7' })), 'again http-429');
    assert.equal(made(answer(503)), 'again http-503');
    assert.equal(made(answer(401)), 'again not-authorised');
    assert.equal(made(answer(428)), 'refused etag-needed');
    assert.equal(made(answer(500)), 'unknown http-500');
    assert.equal(made(answer(409)), 'refused http-409');
    assert.equal(made(answer(409), { repeated: true }), 'unknown duplicate');
    assert.equal(made(answer(201, '{"Id":')), 'unknown malformed-answer');
    assert.equal(made(answer(200, '<!doctype html><title>Sign in</title>', { 'content-type': 'text/html' })), 'unknown malformed-answer');
    assert.equal(made(answer(302, '', { location: 'https://login' })), 'unknown redirect');
    assert.equal(made({ kind: 'failure', sent: true, errorClass: 'ECONNRESET', message: 'reset' }), 'unknown ECONNRESET');
    assert.equal(made({ kind: 'failure', sent: false, errorClass: 'ECONNREFUSED', message: 'refused' }), 'again ECONNREFUSED');
    assert.deepEqual((driveWith(odataDriver, call('create', { Id: '1' }), answer(429, '', { 'retry-after': '7' })).outcome as { retryAfterMs: number }).retryAfterMs, 7000);
  });

  it('tell the details of SAP Gateway', () => {
    const { outcome } = driveWith(odataDriver, call('create', { Id: '1' }), answer(400, { error: { code: 'M7/021', message: { lang: 'en', value: 'Deficit' }, innererror: { transactionid: 'ABC', errordetails: [{ code: 'M7/021', message: 'Deficit of 3 PC', propertyref: 'Quantity', severity: 'error' }] } } }));
    assert.deepEqual((outcome as { problem: unknown }).problem, { title: 'Deficit', status: 400, errorClass: 'http-400', detail: 'Quantity: Deficit of 3 PC; transaction ABC', code: 'M7/021', target: 'Quantity' });
  });

  it('name a next page, which is followed only within the service', () => {
    const page = (link: string): ReturnType<typeof driveWith> => driveWith(odataDriver, call('find', { note: 'x' }), answer(200, { 'value': [{ Id: '1' }], '@odata.nextLink': link }), answer(200, { value: [] }));
    assert.equal(page('Orders?$skiptoken=1').requests[1]!.path, '/s/Orders?$skiptoken=1');
    assert.equal(page('https://erp.example/base/s/Orders?$skiptoken=1').requests[1]!.path, '/s/Orders?$skiptoken=1');
    for (const link of ['https://evil.example/base/s/Orders', 'http://erp.example/base/s/Orders', '//evil.example/x', '/base/admin', '../../admin', '/base/s/%2e%2e/admin', 'https://erp.example@evil.example/base/s/Orders']) {
      const { outcome, requests } = page(link);
      assert.equal(requests.length, 1, link);
      assert.equal((outcome as { problem: { errorClass: string } }).problem.errorClass, 'foreign-link', link);
    }
  });

  it('ask for a token: it is fetched with its cookie, kept, and fetched anew once', () => {
    const guarded = { ...service, binding: { ...service.binding, csrf: true } };
    const memory = new Map<string, unknown>();
    const token = (value: string): ReturnType<typeof answer> => answer(200, '', { 'x-csrf-token': value, 'set-cookie': `SID=${value}; path=/; Expires=Wed, 01 Jan 2031 00:00:00 GMT, other=1; path=/elsewhere` });
    const first = driveWith(odataDriver, callOf(guarded, 'create', { Id: '1' }, { memory, address, now: 0 }), token('one'), answer(201, { Id: '1' }));
    assert.equal(first.requests[0]!.method, 'HEAD');
    assert.deepEqual([first.requests[1]!.headers['x-csrf-token'], first.requests[1]!.headers['cookie']], ['one', 'SID=one']);
    const second = driveWith(odataDriver, callOf(guarded, 'create', { Id: '2' }, { memory, address, now: 0 }), answer(403, '', { 'x-csrf-token': 'Required' }), token('two'), answer(201, { Id: '2' }));
    assert.deepEqual(second.requests.map((each) => [each.method, each.headers['x-csrf-token']]), [['POST', 'one'], ['HEAD', 'Fetch'], ['POST', 'two']]);
    assert.equal(second.outcome?.kind, 'done');
  });

  it('with other metadata: what the call uses and is gone is named, and nothing is sent', () => {
    const watched = { ...service, binding: { ...service.binding, metadataMinutes: 60 } };
    const { Note: _gone, ...order } = JSON_CSDL.S.Order;
    const changed = answer(200, { ...JSON_CSDL, S: { ...JSON_CSDL.S, Order: order } });
    const used = driveWith(odataDriver, callOf(watched, 'create', { Id: '1', Note: 'x' }, { address, now: 0 }), changed);
    assert.equal(used.requests.length, 1);
    assert.match((used.outcome as { problem: { title: string } }).problem.title, /the property "Note" of "Order" is gone/);
    assert.equal(driveWith(odataDriver, callOf(watched, 'create', { Id: '1' }, { address, now: 0 }), changed, answer(201, { Id: '1' })).outcome?.kind, 'done');
  });
});

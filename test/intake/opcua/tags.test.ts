import { deepEqual, equal, match, rejects } from 'node:assert/strict';
import fc from 'fast-check';
import { OpcUaConnection } from '../../../src/intake/opcua/index.ts';
import { OpcUaTags } from '../../../src/intake/opcua/tags/tags.ts';
import { coerce, plainValue } from '../../../src/intake/opcua/tags/values.ts';
import { Open62541 } from '../../support/open62541/open62541.ts';
import { needs } from '../../support/system-programs.ts';
import { testPki } from './pki.ts';
import { until } from './until.ts';

describe('values of a controller', () => {
  const refused = (value: unknown, type: string, maxLength?: number): string => {
    const coerced = coerce(value, type, maxLength);
    return coerced.ok ? 'taken' : coerced.code;
  };

  it('nothing is cut off, rounded or guessed', () => {
    equal(refused(32_768, 'Int16'), 'out-of-type');
    equal(refused(-1, 'UInt16'), 'out-of-type');
    equal(refused(1.5, 'UInt32'), 'no-whole-number');
    equal(refused(Number.NaN, 'Double'), 'not-a-number');
    equal(refused(Number.POSITIVE_INFINITY, 'Int16'), 'not-a-number');
    equal(refused(1e39, 'Float'), 'out-of-type');
    equal(refused('fast', 'Double'), 'wrong-type');
    equal(refused('yes', 'Boolean'), 'wrong-type');
    equal(refused('T-12345', 'String', 6), 'text-too-long');
    equal(refused({ a: 1 }, 'String'), 'wrong-type');
    equal(refused(2 ** 53, 'Int64'), 'out-of-type');
    equal(refused('2026-11-29', 'DateTime'), 'wrong-type');
    equal(refused(1, 'ExtensionObject'), 'unsupported-type');
  });

  it('a decimal of the case is a number', () => {
    deepEqual(coerce('12', 'Int16'), { ok: true, value: 12 });
    deepEqual(coerce('12.50', 'Double'), { ok: true, value: 12.5 });
    deepEqual(coerce('1e5', 'Double').ok, false);
  });

  it('64-bit numbers keep every digit, there and back', () => {
    fc.assert(fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (whole) => {
      const coerced = coerce(whole.toString(), 'Int64');
      equal(String(plainValue({ dataType: 8, value: coerced.ok ? coerced.value : undefined })), whole.toString());
    }));
  });

  it('every number that fits comes back as it was', () => {
    fc.assert(fc.property(fc.integer({ min: -40_000, max: 70_000 }), (number) => {
      for (const [type, least, most] of [['Int16', -32_768, 32_767], ['UInt16', 0, 65_535], ['Byte', 0, 255]] as const) {
        const coerced = coerce(number, type);
        deepEqual(coerced.ok ? coerced.value : undefined, number >= least && number <= most ? number : undefined);
      }
    }));
  });
});

describe('tags of a server of another stack', function () {
  this.timeout(30_000);
  let server: Open62541;
  let connection: OpcUaConnection;
  let tags: OpcUaTags;

  before(async function () {
    server = await Open62541.start(needs(this, 'open62541'));
    connection = new OpcUaConnection({ url: server.url, securityMode: 'none', securityPolicy: 'none', identity: { kind: 'anonymous' }, applicationUri: 'urn:waybill:test', pki: testPki() });
    connection.start();
    tags = new OpcUaTags(connection);
    await until(() => connection.state.kind === 'connected');
  });
  after(async () => {
    await connection?.close();
    await server?.stop();
  });

  it('are read with their type and status', async () => {
    const [speed, target, nowhere] = await tags.read(['ns=1;s=Line.Speed', 'ns=1;s=Line.Target', 'ns=1;s=Line.Nowhere']);
    deepEqual([speed?.value, speed?.type, speed?.good], [1.5, 'Double', true]);
    deepEqual([target?.value, target?.type], [0, 'Int16']);
    deepEqual([nowhere?.status, nowhere?.good, nowhere?.value], ['BadNodeIdUnknown', false, undefined]);
  });

  it('are written in order, each with its own status', async () => {
    const statuses = await tags.write([
      { nodeId: 'ns=1;s=Line.Target', type: 'Int16', value: 7 }, { nodeId: 'ns=1;s=Line.Fixed', type: 'UInt32', value: 1 }, { nodeId: 'ns=1;s=Line.Running', type: 'Double', value: 1 },
    ]);
    deepEqual(statuses, ['Good', 'BadNotWritable', 'BadTypeMismatch']);
    equal((await tags.read(['ns=1;s=Line.Target']))[0]?.value, 7);
  });

  it('have a name for their namespace as well', async () => {
    equal((await tags.read(['nsu=urn:waybill:test:open62541;s=Line.Speed']))[0]?.good, true);
    await rejects(tags.read(['nsu=urn:nowhere;s=Line.Speed']), /no namespace "urn:nowhere"/);
  });

  it('methods are called and say what they take', async () => {
    deepEqual(await tags.methodArguments('ns=1;s=Line.Twice'), { inputs: [{ name: 'Number', type: 'UInt32', array: false }], outputs: [{ name: 'Number', type: 'UInt32', array: false }] });
    deepEqual((await tags.call('ns=1;s=Line', 'ns=1;s=Line.Twice', [{ type: 'UInt32', value: 21 }])).results, [42]);
    match((await tags.call('ns=1;s=Line', 'ns=1;s=Line.Twice', [{ type: 'String', value: 'x' }])).status, /^Bad/);
  });
});

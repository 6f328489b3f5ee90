import assert from 'node:assert/strict';
import { WireNumber } from '../../../src/connectors/jsonrpc/exact-json.ts';
import { readAnswer, writeCall, XmlRpcTyped } from '../../../src/connectors/xmlrpc/codec.ts';
import type { Json } from '../../../src/domain/json.ts';

const reading = { struct: (value: { readonly [name: string]: Json }): Json => value, moment: (text: string): Json => text };
const read = (xml: string): Json => {
  const answer = readAnswer(new TextEncoder().encode(xml), reading);
  assert.ok('result' in answer);
  return answer.result;
};
const value = (inner: string): string => `<?xml version="1.0"?><methodResponse><params><param><value>${inner}</value></param></params></methodResponse>`;

describe('XML-RPC', () => {
  it('writes every type, and text so that nothing in it is markup', () => {
    const xml = writeCall('execute_kw', ['a <b> & "c"\r', 7, 3_000_000_000, true, null, new WireNumber('0.10'), new XmlRpcTyped('dateTime.iso8601', '20261129T14:05:51'), [1], { n: 'x' }]);
    assert.equal(xml.split('\n')[1], '<methodCall><methodName>execute_kw</methodName><params><param><value><string>a &lt;b&gt; &amp; "c"&#13;</string></value></param><param><value><int>7</int></value></param><param><value><i8>3000000000</i8></value></param><param><value><boolean>1</boolean></value></param><param><value><nil/></value></param><param><value><double>0.10</double></value></param><param><value><dateTime.iso8601>20261129T14:05:51</dateTime.iso8601></value></param><param><value><array><data><value><int>1</int></value></data></array></value></param><param><value><struct><member><name>n</name><value><string>x</string></value></member></struct></value></param></params></methodCall>');
    assert.throws(() => writeCall('m', ['a\u0000b']), /control character/);
    assert.throws(() => writeCall('m', [0.5]), /is no whole number/);
  });

  it('reads numbers to the last digit', () => {
    assert.deepEqual(read(value('<array><data><value><int>5</int></value><value><i8>9007199254740993</i8></value><value><biginteger>123456789012345678901234567890</biginteger></value><value><double>40.0</double></value><value><double>1e-07</double></value><value><bigdecimal>12.50</bigdecimal></value></data></array>')), [5, '9007199254740993', '123456789012345678901234567890', '40', '0.0000001', '12.50']);
    assert.throws(() => read(value('<int>5.5</int>')), SyntaxError);
    assert.throws(() => read(value('<double>nan</double>')), SyntaxError);
  });

  it('reads text with and without a type, nothing, yes and no, bytes, and names that JavaScript knows', () => {
    assert.deepEqual(read(value('<array><data><value>plain</value><value><string> a &lt; b </string></value><value><nil/></value><value><boolean>0</boolean></value><value><base64>YW\nI=</base64></value></data></array>')), ['plain', ' a < b ', null, false, 'YWI=']);
    const struct = read(value('<struct><member><name>__proto__</name><value><int>1</int></value></member></struct>')) as object;
    assert.deepEqual(Object.keys(struct), ['__proto__']);
  });

  it('refuses a document type before any entity could swell or fetch', () => {
    const bomb = '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><methodResponse><params><param><value><string>&b;</string></value></param></params></methodResponse>';
    assert.throws(() => read(bomb), /DOCTYPE/);
    assert.throws(() => read('<!DOCTYPE r SYSTEM "file:///etc/passwd"><methodResponse/>'), /DOCTYPE/);
    assert.throws(() => read(value('<string>&secret;</string>')), SyntaxError);
  });

  it('reads a fault, and refuses half an answer and what is none', () => {
    const fault = '<methodResponse><fault><value><struct><member><name>faultCode</name><value><int>2</int></value></member><member><name>faultString</name><value><string>No.</string></value></member></struct></value></fault></methodResponse>';
    assert.deepEqual(readAnswer(new TextEncoder().encode(fault), reading), { faultCode: 2, faultString: 'No.' });
    assert.throws(() => read(value('<int>5</int>').slice(0, 80)), SyntaxError);
    assert.throws(() => read('<html><body>Bad gateway</body></html>'), SyntaxError);
    assert.throws(() => read(value('<int>5</int><int>6</int>')), /more than one value/);
  });
});

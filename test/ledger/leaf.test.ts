import assert from 'node:assert/strict';
import fc from 'fast-check';
import { canonicalJson } from '../../src/ledger/canonical.ts';
import { commitmentOf, isSaltedText, saltedText, saltPool } from '../../src/ledger/commitment.ts';
import { decodeLeaf, encodeEvent, leafText, maxLeafBytes } from '../../src/ledger/leaf.ts';
import type { LedgerError } from '../../src/ledger/port.ts';
import { upcast } from '../../src/ledger/upcasters.ts';
import { events, opened, taskCreated } from './support.ts';

const recordedAt = '2025-03-01T08:00:01.000Z';
const salt = (): string => '00112233445566778899aabbccddeeff';
const encode = (...drafts: Parameters<typeof events>[2]) => events('c1', 0, drafts).map((event) => encodeEvent(event, 'ledger-1', salt));
const code = (expected: string) => (error: LedgerError): boolean => error.code === expected;

describe('leaf', () => {
  it('is canonical JSON: keys sorted, no white space (RFC 8785 §3.2)', () => {
    for (const event of encode(opened({ keys: ['k'] }), taskCreated('k1', 'r1'))) {
      const text = leafText(event, recordedAt);
      assert.equal(text, canonicalJson(JSON.parse(text)));
    }
  });

  it('holds every member of the envelope, in that order too', () => {
    const [event] = events('c1', 0, [{ ...opened(), tokenId: 't', attempt: 2, policyVersion: 'p@1', paramsHash: 'h', reasonCode: 'r' }]);
    const whole = { ...event!, legalEntity: 'le', family: 'f', template: 't@1', parentCaseId: 'p', causationId: 'ca', correlationId: 'co', actor: { kind: 'person' as const, id: 'u-1', role: 'clerk', onBehalfOf: 'u-2' } };
    const text = leafText(encodeEvent(whole, 'ledger-1', salt), recordedAt);
    assert.equal(text, canonicalJson(JSON.parse(text)));
    const encoded = encodeEvent(whole, 'ledger-1', salt);
    assert.deepEqual(decodeLeaf(text, encoded.content, encoded.personal, 7), { ...whole, ledgerId: 'ledger-1', recordedAt, typeVersion: 1, position: 7 });
  });

  it('commits to content by SHA-256 over salt and bytes, and says when it was erased', () => {
    const [event] = encode(opened());
    const text = leafText(event!, recordedAt);
    const { commit } = JSON.parse(text) as { commit: { business: string; personal: string } };
    assert.equal(commitmentOf(event!.content!), commit.business);
    assert.equal(commitmentOf(event!.personal!), commit.personal);
    assert.equal(commitmentOf(saltedText('00112233445566778899aabbccddeeff', '{"a":"ü"}')), 'SgO8OSManhoGXFCe1QZPtQAiN4uFqKBehbJ2r7DHXXw=');
    const erased = decodeLeaf(text, null, null);
    assert.deepEqual([erased.erased, erased.content, erased.personal], [true, undefined, undefined]);
    assert.equal(decodeLeaf(text, event!.content, event!.personal).erased, undefined);
  });

  it('takes any text that JSON can say, in content and in data', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), (dirty, clean) => {
      const [event] = encode({ ...opened({ title: dirty }), data: { ...opened().data, process: clean } });
      const decoded = decodeLeaf(leafText(event!, recordedAt), event!.content, event!.personal);
      assert.ok(decoded.type === 'CaseOpened');
      assert.equal(decoded.content?.title, dirty);
      assert.equal(decoded.data.process, clean);
    }));
  });

  it('counts its limit in bytes and not in characters', () => {
    const size = (process: string): number => Buffer.byteLength(leafText(encode({ ...opened(), data: { ...opened().data, process } })[0]!, recordedAt));
    const room = maxLeafBytes - size('');
    assert.equal(size('a'.repeat(room)), maxLeafBytes);
    assert.throws(() => size('a'.repeat(room + 1)), code('leaf-too-large'));
    assert.throws(() => size('ü'.repeat(Math.ceil(room / 2) + 1)), code('leaf-too-large'));
  });

  it('is refused when it is damaged, of another form, or newer than the program', () => {
    const text = leafText(encode(opened())[0]!, recordedAt);
    for (const bad of ['', '{', 'null', '[]', text.replace('"v":1', '"v":2'), text.replace('CaseOpened@1', 'CaseOpened@2'), text.replace('CaseOpened@1', 'caseopened'), text.replace('"version":1', '"version":0'), text.replace('"site":"dc-1",', '')]) {
      assert.throws(() => decodeLeaf(bad, null, null), code('corrupt'), bad);
    }
    assert.throws(() => decodeLeaf(text, 'no json', null), code('corrupt'));
  });
});

describe('salts', () => {
  it('are 16 random bytes each, never the same', () => {
    const next = saltPool();
    const seen = new Set(Array.from({ length: 1_000 }, next));
    assert.equal(seen.size, 1_000);
    for (const one of seen) assert.match(one, /^[0-9a-f]{32}$/);
    assert.equal(isSaltedText(`${next()}{}`), true);
    assert.equal(isSaltedText('{}'), false);
  });
});

describe('upcasting', () => {
  it('lifts parts step by step and leaves them alone at the newest version', () => {
    const registry = { Quarantined: { 1: (parts: { data: object }) => ({ ...parts, data: { ...parts.data, two: true } }), 2: (parts: { data: object }) => ({ ...parts, data: { ...parts.data, three: true } }) } };
    assert.deepEqual(upcast('Quarantined', 1, 3, { data: { one: 1 } }, registry as never), { data: { one: 1, two: true, three: true } });
    assert.deepEqual(upcast('Quarantined', 3, 3, { data: {} }, registry as never), { data: {} });
    assert.throws(() => upcast('CaseClosed', 1, 2, { data: {} }, registry as never), /no upcaster/);
  });
});

describe('canonical JSON', () => {
  it('refuses what JSON cannot say', () => {
    const cycle: Record<string, unknown> = {};
    cycle['self'] = cycle;
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, 1n, () => 1, cycle, '\ud800', { '\udfff': 1 }]) assert.throws(() => canonicalJson({ value }), String(value));
    assert.throws(() => canonicalJson(undefined));
    assert.equal(canonicalJson({ b: 1, a: [undefined, null], 10: 'x', 2: '\\ud800' }), '{"10":"x","2":"\\\\ud800","a":[null,null],"b":1}');
  });
});

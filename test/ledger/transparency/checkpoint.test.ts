import assert from 'node:assert/strict';

import {
  type Checkpoint,
  cosignatureTime,
  cosigner,
  emptyRoot,
  formatCheckpoint,
  generateNoteKey,
  leafHash,
  openNote,
  parseCheckpoint,
  parseCosignerKey,
  parseSignerKey,
  parseVerifierKey,
  signCheckpoint,
  signNote,
  verifyCheckpoint,
} from '../../../src/ledger/transparency/index.ts';
import { hex, refused } from './support.ts';

const ORIGIN = 'waybill.example/rotterdam';
const keys = generateNoteKey(ORIGIN, Buffer.alloc(32, 1));
const signer = parseSignerKey(keys.signerKey);
const key = parseVerifierKey(keys.verifierKey);
const root = leafHash(Buffer.from('one'));
const checkpoint: Checkpoint = { origin: ORIGIN, size: 1, root };

// The example of C2SP tlog-checkpoint and of tlog-cosignature.
const BODY = 'example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n';

describe('ledger/transparency: checkpoint text (C2SP tlog-checkpoint, "Note text")', () => {
  it('reads and writes the example of the specification', () => {
    const parsed = parseCheckpoint(BODY);
    assert.equal(parsed.origin, 'example.com/behind-the-sofa');
    assert.equal(parsed.size, 20_852_163);
    assert.equal(hex(parsed.root), '0ac5186a91863e8e1d90c808014aa89bf5da8e3ee1d9f07630f0378f68f1ab62');
    assert.deepEqual(parsed.extensions, []);
    assert.equal(formatCheckpoint(parsed), BODY);
  });

  it('keeps extension lines', () => {
    const body = `${BODY}epoch 7\nanything else\n`;
    assert.deepEqual(parseCheckpoint(body).extensions, ['epoch 7', 'anything else']);
    assert.equal(formatCheckpoint(parseCheckpoint(body)), body);
  });

  it('writes the empty tree with size 0 and the hash of nothing', () => {
    const body = formatCheckpoint({ origin: ORIGIN, size: 0, root: emptyRoot() });
    assert.equal(body, `${ORIGIN}\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n`);
    assert.equal(parseCheckpoint(body).size, 0);
  });

  const hash = 'CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=';
  for (const body of [
    '',
    '\n',
    'a\n1\n',
    `a\n1\n${hash}`,
    `\n1\n${hash}\n`,
    `a\n\n${hash}\n`,
    `a\n01\n${hash}\n`,
    `a\n+1\n${hash}\n`,
    `a\n-1\n${hash}\n`,
    `a\n1.0\n${hash}\n`,
    `a\n1e3\n${hash}\n`,
    `a\n0x1\n${hash}\n`,
    `a\n 1\n${hash}\n`,
    `a\n٣\n${hash}\n`,
    `a\n9007199254740992\n${hash}\n`,
    `a\n0\n${hash}\n`,
    `a\n1\n${hash.slice(0, -1)}\n`,
    `a\n1\n${hash} \n`,
    `a\n1\n${hash.replace('2I=', '2J=')}\n`,
    `a\n1\nAAAA\n`,
    `a\n1\n${hash}\n\n`,
    `a\n1\n${hash}\next\n\next\n`,
  ]) {
    it(`refuses ${JSON.stringify(body)}`, () => {
      refused(() => parseCheckpoint(body), 'checkpoint-malformed');
    });
  }

  it('does not write what it would not read', () => {
    for (const wrong of [
      { ...checkpoint, origin: '' },
      { ...checkpoint, origin: 'a\nb' },
      { ...checkpoint, origin: 'a\n5' },
      { ...checkpoint, size: -1 },
      { ...checkpoint, size: 1.5 },
      { ...checkpoint, size: 2 ** 53 },
      { ...checkpoint, root: root.subarray(1) },
      { ...checkpoint, size: 0 },
      { ...checkpoint, extensions: [''] },
      { ...checkpoint, extensions: ['a\nb'] },
    ]) {
      refused(() => formatCheckpoint(wrong), 'checkpoint-malformed');
    }
  });
});

describe('ledger/transparency: signed checkpoints', () => {
  const text = signCheckpoint(checkpoint, [signer]);

  it('verifies what it signed', () => {
    const verified = verifyCheckpoint({ text, origin: ORIGIN, keys: [key] });
    assert.deepEqual(
      { ...verified.checkpoint, root: hex(verified.checkpoint.root) },
      { origin: ORIGIN, size: 1, root: hex(root), extensions: [] },
    );
    assert.equal(verified.body, formatCheckpoint(checkpoint));
    assert.equal(verified.signatures.length, 1);
    assert.deepEqual([verified.cosignatures, verified.unverified], [[], []]);
    assert.equal(verifyCheckpoint({ text: Buffer.from(text), origin: ORIGIN, keys: [key] }).checkpoint.size, 1);
  });

  it('refuses another size, root or origin than was signed', () => {
    const other = signCheckpoint({ ...checkpoint, size: 2, root: leafHash(root) }, [signer]);
    const lines = text.split('\n');
    const otherLines = other.split('\n');
    for (const at of [1, 2]) {
      const forged = lines.with(at, otherLines[at]!).join('\n');
      refused(() => verifyCheckpoint({ text: forged, origin: ORIGIN, keys: [key] }), 'signature-invalid');
    }
    const forged = lines.with(0, 'waybill.example/antwerp').join('\n');
    refused(() => verifyCheckpoint({ text: forged, origin: ORIGIN, keys: [key] }), 'signature-invalid');
  });

  it('refuses a checkpoint of another log, though signed with the same key', () => {
    const moved = signCheckpoint({ ...checkpoint, origin: 'waybill.example/antwerp' }, [signer]);
    refused(() => verifyCheckpoint({ text: moved, origin: ORIGIN, keys: [key] }), 'origin-mismatch');
  });

  it('refuses a good note that is no checkpoint', () => {
    const note = signNote('hello\n', [signer]);
    refused(() => verifyCheckpoint({ text: note, origin: ORIGIN, keys: [key] }), 'checkpoint-malformed');
  });

  it('refuses a checkpoint without a trusted signature', () => {
    const stranger = parseVerifierKey(generateNoteKey(ORIGIN, Buffer.alloc(32, 2)).verifierKey);
    refused(() => verifyCheckpoint({ text, origin: ORIGIN, keys: [stranger] }), 'signature-missing');
    refused(() => verifyCheckpoint({ text, origin: ORIGIN, keys: [] }), 'signature-missing');
    refused(() => verifyCheckpoint({ text: 'x', origin: ORIGIN, keys: [key] }), 'note-malformed');
  });

  it('carries a change of keys: two signatures, either key verifies', () => {
    const next = generateNoteKey(ORIGIN, Buffer.alloc(32, 3));
    const both = signCheckpoint(checkpoint, [signer, parseSignerKey(next.signerKey)]);
    const nextKey = parseVerifierKey(next.verifierKey);
    assert.equal(verifyCheckpoint({ text: both, origin: ORIGIN, keys: [key] }).unverified.length, 1);
    assert.equal(verifyCheckpoint({ text: both, origin: ORIGIN, keys: [nextKey] }).unverified.length, 1);
    assert.equal(verifyCheckpoint({ text: both, origin: ORIGIN, keys: [key, nextKey] }).signatures.length, 2);
  });
});

describe('ledger/transparency: cosignatures of a witness (C2SP tlog-cosignature)', () => {
  const TIME = 1_679_315_147;
  const witness = cosigner('hub.example/w1', Buffer.alloc(32, 7), TIME);
  const witnessKey = parseCosignerKey(witness.verifierKey);
  const text = signCheckpoint(checkpoint, [signer]);
  const log = verifyCheckpoint({ text, origin: ORIGIN, keys: [key] });
  const cosigned = signNote(log.body, [witness], log.signatures);

  it('is added to the note and verified with its time', () => {
    assert.ok(cosigned.startsWith(text));
    const verified = verifyCheckpoint({ text: cosigned, origin: ORIGIN, keys: [key], witnesses: [witnessKey] });
    assert.deepEqual(verified.cosignatures.map(({ name }) => name), ['hub.example/w1']);
    assert.equal(cosignatureTime(verified.cosignatures[0]!.signature), TIME);
    assert.equal(verified.signatures.length, 1);
  });

  it('is ignored by those who do not know the witness', () => {
    const verified = verifyCheckpoint({ text: cosigned, origin: ORIGIN, keys: [key] });
    assert.equal(verified.unverified.length, 1);
    assert.equal(verified.cosignatures.length, 0);
  });

  it('never stands in for the signature of the log', () => {
    const alone = signNote(log.body, [witness]);
    assert.equal(openNote(alone, [witnessKey]).verified.length, 1);
    const claim = { text: alone, origin: ORIGIN, keys: [key], witnesses: [witnessKey] };
    refused(() => verifyCheckpoint(claim), 'signature-missing');
  });

  it('is bound to its time and to the text', () => {
    const { signature } = openNote(cosigned, [witnessKey]).verified[0]!;
    const body = Buffer.from(log.body);
    assert.ok(witnessKey.verify(body, signature));
    const later = Buffer.from(signature);
    later.writeBigUInt64BE(BigInt(TIME + 1));
    assert.ok(!witnessKey.verify(body, later));
    assert.ok(!witnessKey.verify(Buffer.from(BODY), signature));
    assert.ok(!witnessKey.verify(body, signature.subarray(8)));
    assert.ok(!key.verify(body, signature.subarray(8)));
    later.writeBigUInt64BE(2n ** 63n);
    assert.ok(!witnessKey.verify(body, later));
    refused(() => cosignatureTime(later), 'note-malformed');
  });

  it('signs the message of the specification', () => {
    // The signed message, spelled out; an Ed25519 note key of the same seed signs it the same way.
    const plain = parseSignerKey(generateNoteKey('hub.example/w1', Buffer.alloc(32, 7)).signerKey);
    const message = Buffer.from(`cosignature/v1\ntime 1679315147\n${BODY}`);
    const made = witness.sign(Buffer.from(BODY));
    assert.equal(hex(made.subarray(0, 8)), '00000000641850cb');
    assert.equal(hex(made.subarray(8)), hex(plain.sign(message)));
    assert.notEqual(plain.keyId, witness.keyId);
  });

  it('reads the time out of the example of the specification', () => {
    const line = 'jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==';
    assert.equal(cosignatureTime(Buffer.from(line, 'base64').subarray(4)), 1_679_315_147);
  });

  it('keeps the two kinds of key apart', () => {
    refused(() => parseCosignerKey(keys.verifierKey), 'key-algorithm-unknown');
    refused(() => parseVerifierKey(witness.verifierKey), 'key-algorithm-unknown');
    refused(() => cosigner('a b', Buffer.alloc(32), TIME), 'key-name-invalid');
    refused(() => cosigner('w', Buffer.alloc(31), TIME), 'key-malformed');
    for (const time of [-1, 0.5, Number.NaN]) refused(() => cosigner('w', Buffer.alloc(32), time), 'argument-out-of-range');
  });
});

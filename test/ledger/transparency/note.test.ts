import assert from 'node:assert/strict';

import fc from 'fast-check';

import {
  formatVerifierKey,
  generateNoteKey,
  openNote,
  parseNote,
  parseSignerKey,
  parseVerifierKey,
  signNote,
} from '../../../src/ledger/transparency/index.ts';
import { hex, refused } from './support.ts';

// Go's documentation of golang.org/x/mod/sumdb/note, functions Sign and Open.
const NEUMANN_SIGNER = 'PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz';
const NEUMANN = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
const TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const NEUMANN_LINE =
  '— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n';
const ENOCH_LINE =
  '— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n';
const NOTE = `${TEXT}\n${NEUMANN_LINE}`;

const neumann = parseVerifierKey(NEUMANN);
const neumannSigner = parseSignerKey(NEUMANN_SIGNER);
const enochKeys = generateNoteKey('EnochRoot', Buffer.alloc(32));
const enoch = parseVerifierKey(enochKeys.verifierKey);
const enochSigner = parseSignerKey(enochKeys.signerKey);

describe("ledger/transparency: signed notes, Go's own examples", () => {
  it('makes the note of ExampleSign, byte for byte', () => {
    assert.equal(signNote(TEXT, [neumannSigner]), NOTE);
    assert.equal(neumannSigner.verifierKey, NEUMANN);
  });

  it('opens the note of ExampleOpen', () => {
    const { text, verified, unverified } = openNote(NOTE, [neumann]);
    assert.equal(text, TEXT);
    assert.deepEqual(verified.map(({ name, keyId }) => [name, keyId]), [['PeterNeumann', 0xc74f20a3]]);
    assert.deepEqual(unverified, []);
  });

  it('adds the signature of ExampleSign_add_signatures, whose key comes from a seed of zeros', () => {
    const { verified } = openNote(NOTE, [neumann]);
    assert.equal(signNote(TEXT, [enochSigner], verified), `${NOTE}${ENOCH_LINE}`);
  });
});

describe('ledger/transparency: signed notes, examples of C2SP signed-note', () => {
  const key = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k';
  const note =
    'This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n';

  it('opens the example', () => {
    assert.equal(openNote(note, [parseVerifierKey(key)]).text, 'This is an example message.\n');
    assert.equal(openNote(Buffer.from(note), [parseVerifierKey(key)]).verified.length, 1);
  });

  it('takes empty lines in the text apart at the last one', () => {
    const poem =
      'Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito sera.\n\n— quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n';
    const { text, signatures } = parseNote(poem);
    assert.ok(text.endsWith('\n\ned è subito sera.\n'));
    assert.deepEqual(signatures.map(({ name, keyId }) => [name, keyId.toString(16)]), [
      ['quasimodo.example/salvatore', '367ba04b'],
    ]);
  });
});

describe('ledger/transparency: opening notes', () => {
  const both = `${NOTE}${ENOCH_LINE}`;

  it('ignores signatures of unknown keys', () => {
    const opened = openNote(both, [enoch]);
    assert.deepEqual(opened.verified.map(({ name }) => name), ['EnochRoot']);
    assert.deepEqual(opened.unverified.map(({ name }) => name), ['PeterNeumann']);
    assert.equal(openNote(both, [enoch, neumann]).verified.length, 2);
  });

  it('ignores a signature with the name of a known key and another id, and the reverse', () => {
    const sameName = parseVerifierKey(generateNoteKey('PeterNeumann', Buffer.alloc(32, 9)).verifierKey);
    refused(() => openNote(NOTE, [sameName]), 'signature-missing');
    assert.equal(openNote(both, [sameName, enoch]).verified.length, 1);
    const sameId = { ...neumann, name: 'Someone' };
    refused(() => openNote(NOTE, [sameId]), 'signature-missing');
  });

  it('refuses a note that no trusted key has signed', () => {
    refused(() => openNote(NOTE, []), 'signature-missing');
    refused(() => openNote(NOTE, [enoch]), 'signature-missing');
  });

  it('refuses a changed text, and a bad signature even beside a good one', () => {
    refused(() => openNote(NOTE.replace('answer', 'Answer'), [neumann]), 'signature-invalid');
    const bad = ENOCH_LINE.replace('rwz+eBzm', 'rwz+eBzn');
    refused(() => openNote(`${NOTE}${bad}`, [neumann, enoch]), 'signature-invalid');
    assert.equal(openNote(`${NOTE}${bad}`, [neumann]).verified.length, 1);
  });

  it('refuses a signature of a known key that is too short or too long', () => {
    const short = `— PeterNeumann ${Buffer.from('c74f20a301', 'hex').toString('base64')}\n`;
    refused(() => openNote(`${TEXT}\n${short}`, [neumann]), 'signature-invalid');
  });

  it('counts repeated lines once', () => {
    const repeated = `${NOTE}${NEUMANN_LINE}${ENOCH_LINE}${ENOCH_LINE}`;
    const opened = openNote(repeated, [neumann]);
    assert.equal(opened.verified.length, 1);
    assert.equal(opened.unverified.length, 1);
  });

  it('refuses two different trusted keys with one name and id', () => {
    const twin = { ...neumann, verifierKey: `${NEUMANN}x` };
    refused(() => openNote(NOTE, [neumann, twin]), 'key-ambiguous');
    assert.equal(openNote(NOTE, [neumann, neumann]).verified.length, 1);
  });

  it('accepts a hundred signatures and no more', () => {
    const lines = (count: number) =>
      Array.from({ length: count }, (_, i) => ENOCH_LINE.replace('EnochRoot', `witness${i}`)).join('');
    assert.equal(openNote(`${NOTE}${lines(99)}`, [neumann]).unverified.length, 99);
    refused(() => openNote(`${NOTE}${lines(100)}`, [neumann]), 'note-malformed');
  });

  const malformed: Readonly<Record<string, string | Uint8Array>> = {
    'an empty note': '',
    'no blank line': `${TEXT}${NEUMANN_LINE}`,
    'no signature': `${TEXT}\n`,
    'no final newline': NOTE.slice(0, -1),
    'a blank line at the end': `${NOTE}\n`,
    'a carriage return': NOTE.replace('\n', '\r\n'),
    'a tab in the text': NOTE.replace(' ', '\t'),
    'a null character': NOTE.replace('think', '\u0000'),
    'a hyphen in place of the dash': NOTE.replace('— Peter', '- Peter'),
    'two spaces before the base64': NOTE.replace('Neumann x', 'Neumann  x'),
    'a third field': NOTE.replace('nAM=\n', 'nAM= x\n'),
    'no base64': NOTE.replace(/ x08go.*/, ' '),
    'base64 without padding': NOTE.replace('nAM=', 'nAM'),
    'base64 with loose bits': NOTE.replace('nAM=', 'nAN='),
    'base64url': NOTE.replace('o/ZJ', 'o_ZJ'),
    'only a key id': `${TEXT}\n— PeterNeumann x08gow==\n`,
    'a plus sign in the name': NOTE.replace('PeterNeumann', 'Peter+Neumann'),
    'a no-break space in the name': NOTE.replace('PeterNeumann', 'Peter\u00a0Neumann'),
    'broken UTF-8': Buffer.concat([Buffer.of(0xff), Buffer.from(NOTE)]),
    'a lone surrogate': NOTE.replace('think', '\ud800'),
  };
  for (const [what, note] of Object.entries(malformed)) {
    it(`refuses ${what}`, () => {
      refused(() => openNote(note, [neumann]), 'note-malformed');
    });
  }

  it('keeps a byte order mark as part of the text', () => {
    const note = signNote(`\ufeff${TEXT}`, [neumannSigner]);
    assert.equal(openNote(Buffer.from(note), [neumann]).text, `\ufeff${TEXT}`);
    refused(() => openNote(`\ufeff${NOTE}`, [neumann]), 'signature-invalid');
  });

  it('opens whatever it signs, and nothing in which a character was changed', () => {
    // eslint-disable-next-line no-control-regex -- a note text has no control characters
    const line = fc.string({ unit: 'grapheme', maxLength: 20 }).filter((text) => !/[\u0000-\u001f]/.test(text));
    fc.assert(
      fc.property(fc.array(line, { maxLength: 5 }), fc.nat(), (lines, at) => {
        const text = `${lines.join('\n')}\n`;
        const note = signNote(text, [neumannSigner, enochSigner]);
        assert.equal(openNote(Buffer.from(note), [neumann, enoch]).text, text);
        const bytes = Buffer.from(note);
        const position = at % bytes.length;
        bytes[position] = bytes[position]! ^ 1;
        refused(() => openTogether(bytes), 'note-malformed', 'signature-invalid', 'signature-missing');
      }),
    );
  });

  /** Opens a note that both keys must have signed. */
  function openTogether(bytes: Uint8Array): void {
    const opened = openNote(bytes, [neumann, enoch]);
    // A changed name or id makes the line that of an unknown key.
    if (opened.unverified.length > 0) openNote(bytes, []);
  }
});

describe('ledger/transparency: signing notes', () => {
  it('replaces an earlier signature of the same key, and keeps others in front', () => {
    const first = openNote(signNote(TEXT, [neumannSigner, enochSigner]), [neumann]);
    const again = signNote(TEXT, [neumannSigner], [...first.verified, ...first.unverified]);
    assert.equal(again, `${TEXT}\n${ENOCH_LINE}${NEUMANN_LINE}`);
  });

  it('refuses a text that no note can hold, and a note without signature', () => {
    for (const text of ['', 'no newline', 'tab\t\n', 'return\r\n', '\ud800\n']) {
      refused(() => signNote(text, [neumannSigner]), 'note-malformed');
    }
    refused(() => signNote(TEXT, []), 'note-malformed');
    refused(() => signNote(TEXT, [{ ...neumannSigner, name: 'Peter Neumann' }]), 'key-name-invalid');
  });
});

describe('ledger/transparency: note keys', () => {
  it('gives the key pair of a name and a seed in both encodings', () => {
    assert.match(enochKeys.verifierKey, /^EnochRoot\+af0cfe78\+A/);
    assert.match(enochKeys.signerKey, /^PRIVATE\+KEY\+EnochRoot\+af0cfe78\+AQAAAA/);
    assert.equal(enochSigner.verifierKey, enochKeys.verifierKey);
    assert.equal(enochSigner.keyId, enoch.keyId);
  });

  it('writes the verifier key of a public key', () => {
    const publicKey = Buffer.from(NEUMANN.split('+').slice(2).join('+'), 'base64').subarray(1);
    assert.equal(formatVerifierKey('PeterNeumann', publicKey), NEUMANN);
    refused(() => formatVerifierKey('PeterNeumann', publicKey.subarray(1)), 'key-malformed');
    refused(() => formatVerifierKey('Peter Neumann', publicKey), 'key-name-invalid');
  });

  it('refuses names that signed-note forbids', () => {
    for (const name of ['', 'a b', 'a+b', 'a\tb', 'a\nb', 'a\u00a0b', 'a\u0085b', 'a\u3000b', 'a\u2028b', '\ud800']) {
      refused(() => generateNoteKey(name, Buffer.alloc(32)), 'key-name-invalid');
    }
    for (const name of ['example.com/site-1', 'ü', 'a\ufeffb']) generateNoteKey(name, Buffer.alloc(32));
  });

  it('refuses a seed of another length', () => {
    for (const length of [0, 31, 33, 64]) refused(() => generateNoteKey('a', Buffer.alloc(length)), 'key-malformed');
  });

  const wrongVerifiers: readonly (readonly [string, 'key-malformed' | 'key-id-mismatch' | 'key-algorithm-unknown'])[] = [
    ['', 'key-malformed'],
    ['PeterNeumann', 'key-malformed'],
    ['PeterNeumann+c74f20a3', 'key-malformed'],
    ['PeterNeumann+c74f20a3+', 'key-malformed'],
    [NEUMANN.replace('c74f20a3', 'c74f20a'), 'key-malformed'],
    [NEUMANN.replace('c74f20a3', 'C74F20A3'), 'key-malformed'],
    [NEUMANN.replace('PeterNeumann', ''), 'key-malformed'],
    [NEUMANN.replace('PeterNeumann', 'Peter Neumann'), 'key-malformed'],
    [NEUMANN.slice(0, -1), 'key-malformed'],
    [`${NEUMANN}\n`, 'key-malformed'],
    [`${NEUMANN.slice(0, -4)}`, 'key-malformed'],
    [NEUMANN.replace('c74f20a3', 'c74f20a4'), 'key-id-mismatch'],
    [NEUMANN.replace('PeterNeumann', 'PeterNewmann'), 'key-id-mismatch'],
    [NEUMANN.replace('ARpc', 'ARpd'), 'key-id-mismatch'],
    [NEUMANN.replace('ARpc', 'BBpc'), 'key-algorithm-unknown'],
  ];
  for (const [key, code] of wrongVerifiers) {
    it(`refuses ${JSON.stringify(key)} with ${code}`, () => {
      refused(() => parseVerifierKey(key), code);
    });
  }

  it('refuses broken signer keys, and never quotes them', () => {
    refused(() => parseSignerKey(NEUMANN), 'key-malformed');
    refused(() => parseSignerKey(NEUMANN_SIGNER.slice(0, -1)), 'key-malformed');
    refused(() => parseSignerKey(NEUMANN_SIGNER.replace('c74f20a3', 'c74f20a4')), 'key-id-mismatch');
    refused(() => parseSignerKey(NEUMANN_SIGNER.replace('AYEK', 'BIEK')), 'key-algorithm-unknown');
    const secret = 'AYEKFALVFGyNhPJEMzD1QIDr';
    for (const key of [NEUMANN_SIGNER.slice(0, -1), NEUMANN_SIGNER.replace('c74f20a3', 'c74f20a4')]) {
      assert.throws(() => parseSignerKey(key), (error) => error instanceof Error && !error.message.includes(secret));
    }
  });

  it('signs differently with different seeds', () => {
    const other = parseSignerKey(generateNoteKey('EnochRoot', Buffer.alloc(32, 1)).signerKey);
    assert.notEqual(hex(other.sign(Buffer.from('x'))), hex(enochSigner.sign(Buffer.from('x'))));
  });
});

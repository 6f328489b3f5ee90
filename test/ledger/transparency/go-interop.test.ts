import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import {
  consistencyProof,
  generateNoteKey,
  inclusionProof,
  leafHash,
  parseSignerKey,
  type ProofBundle,
  proofBundleToJson,
  signCheckpoint,
  treeHead,
} from '../../../src/ledger/transparency/index.ts';
import { needs } from '../../support/system-programs.ts';
import { VECTOR_ORIGIN } from '../../vectors/tlog/generate.ts';
import { flip } from './support.ts';

const ORIGIN = 'waybill.example/interop';
const ROOT = path.join(import.meta.dirname, '../../..');
const VECTORS = path.join(import.meta.dirname, '../../vectors/tlog');
/** Where Debian's golang-golang-x-mod-dev puts the source. */
const GOPATH = '/usr/share/gocode';

/** A log of random leaves with a new key, and every kind of claim about it. */
function freshBundle(size: number): ProofBundle {
  const keys = generateNoteKey(ORIGIN, randomBytes(32));
  const signer = parseSignerKey(keys.signerKey);
  const leaves = Array.from({ length: size }, (_, i) => randomBytes(i % 97));
  const hashes = leaves.map(leafHash);
  const checkpointAt = (count: number) =>
    signCheckpoint({ origin: ORIGIN, size: count, root: treeHead(hashes, 0, count) }, [signer]);
  const every = leaves.map((leaf, index) => ({ index, leaf, proof: inclusionProof(hashes, index) }));
  const earlier = Array.from({ length: size + 1 }, (_, oldSize) => ({
    oldCheckpoint: checkpointAt(oldSize),
    proof: consistencyProof(hashes, oldSize),
  }));
  return { verifierKey: keys.verifierKey, checkpoint: checkpointAt(size), leaves, inclusion: every, consistency: earlier };
}

describe("ledger/transparency: Go's sumdb/note and sumdb/tlog", () => {
  let folder = '';
  let program = '';
  let calls = 0;

  before(function () {
    this.timeout(300_000);
    const go = needs(this, 'go');
    if (!existsSync(path.join(GOPATH, 'src/golang.org/x/mod/sumdb/tlog'))) {
      if (process.env['WAYBILL_REQUIRE_ALL'] === '1') throw new Error('golang-golang-x-mod-dev is not installed');
      this.skip();
    }
    folder = mkdtempSync(path.join(tmpdir(), 'waybill-go-'));
    program = path.join(folder, 'verify');
    const env = { ...process.env, GO111MODULE: 'off', GOPATH, GOFLAGS: '' };
    const build = spawnSync(go, ['build', '-o', program, './test/go/verify'], { cwd: ROOT, env, encoding: 'utf8' });
    assert.equal(build.status, 0, build.stderr);
  });

  after(() => {
    if (folder !== '') rmSync(folder, { recursive: true });
  });

  function run(...args: readonly string[]): { readonly ok: boolean; readonly output: string } {
    const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
    assert.ok(status === 0 || status === 1, `exit ${status}: ${stderr}`);
    assert.equal(stdout.startsWith('ok '), status === 0);
    return { ok: status === 0, output: stdout + stderr };
  }

  function check(bundle: ProofBundle, key = bundle.verifierKey, origin = ORIGIN): ReturnType<typeof run> {
    const file = path.join(folder, `bundle-${(calls += 1)}.json`);
    writeFileSync(file, JSON.stringify(proofBundleToJson(bundle)));
    return run('-key', key, '-origin', origin, file);
  }

  for (const size of [0, 1, 2, 3, 7, 8, 70, 130]) {
    it(`accepts every claim about a new log of ${size} leaves`, () => {
      const { ok, output } = check(freshBundle(size));
      assert.ok(ok, output);
      assert.match(output, new RegExp(` size=${size} .* leaves=${size} inclusion=${size} consistency=${size + 1}\n`));
    });
  }

  it('accepts the fixed vectors', () => {
    const names = readdirSync(VECTORS).filter((name) => name.startsWith('bundle-'));
    assert.ok(names.length >= 5);
    for (const name of names) {
      const { ok, output } = run('-origin', VECTOR_ORIGIN, path.join(VECTORS, name));
      assert.ok(ok, `${name}: ${output}`);
    }
  });

  it('accepts the claims without the leaves', () => {
    assert.ok(check({ ...freshBundle(9), leaves: [] }).ok);
  });

  describe('refuses', () => {
    const bundle = freshBundle(9);
    const forged = generateNoteKey(ORIGIN, randomBytes(32));
    const cases: Readonly<Record<string, readonly [RegExp, ProofBundle]>> = {
      'a tampered signature': [
        /checkpoint: invalid signature/,
        { ...bundle, checkpoint: bundle.checkpoint.replace(/(.)(.)(=*)\n$/, (_, a: string, b: string, c: string) => `${a === 'A' ? 'B' : 'A'}${b}${c}\n`) },
      ],
      'a tampered size': [/checkpoint: invalid signature/, { ...bundle, checkpoint: bundle.checkpoint.replace('\n9\n', '\n8\n') }],
      'a tampered leaf': [
        /inclusion of leaf 4/,
        { ...bundle, inclusion: bundle.inclusion.map((item) => (item.index === 4 ? { ...item, leaf: flip(item.leaf) } : item)) },
      ],
      'a leaf at another index': [
        /inclusion of leaf 5/,
        { ...bundle, inclusion: bundle.inclusion.map((item) => (item.index === 4 ? { ...item, index: 5 } : item)) },
      ],
      'a tampered list of leaves': [/tree hash/, { ...bundle, leaves: bundle.leaves.with(2, Buffer.from('other')) }],
      'a missing leaf': [/8 leaves are not the 9/, { ...bundle, leaves: bundle.leaves.slice(0, 8) }],
      'a tampered consistency proof': [
        /consistency with size 3/,
        { ...bundle, consistency: bundle.consistency.map((item, i) => (i === 3 ? { ...item, proof: item.proof.map((hash) => flip(hash)) } : item)) },
      ],
      'an old checkpoint signed by another key': [
        /old checkpoint: note has no verifiable signatures/,
        {
          ...bundle,
          consistency: [
            {
              oldCheckpoint: signCheckpoint({ origin: ORIGIN, size: 1, root: leafHash(bundle.leaves[0]!) }, [parseSignerKey(forged.signerKey)]),
              proof: bundle.consistency[1]!.proof,
            },
          ],
        },
      ],
    };
    for (const [what, [message, wrong]] of Object.entries(cases)) {
      it(what, () => {
        const { ok, output } = check(wrong);
        assert.ok(!ok, output);
        assert.match(output, message);
      });
    }

    it('another key than the one asked for', () => {
      const { ok, output } = check(bundle, forged.verifierKey);
      assert.ok(!ok, output);
      assert.match(output, /no verifiable signatures/);
    });

    it('another origin than the one asked for', () => {
      const { ok, output } = check(bundle, bundle.verifierKey, 'waybill.example/other');
      assert.ok(!ok, output);
      assert.match(output, /origin/);
    });
  });
});

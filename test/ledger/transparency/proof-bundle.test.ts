import assert from 'node:assert/strict';

import {
  generateNoteKey,
  leafHash,
  parseSignerKey,
  parseVerifierKey,
  type ProofBundle,
  proofBundleFromJson,
  proofBundleToJson,
  signCheckpoint,
  treeHead,
  verifyProofBundle,
} from '../../../src/ledger/transparency/index.ts';
import { VECTOR_ORIGIN, VECTOR_PLANS, vectorBundle } from '../../vectors/tlog/generate.ts';
import { flip, refused } from './support.ts';

const bundle = vectorBundle(VECTOR_PLANS['bundle-8.json']!);
const trust = { origin: VECTOR_ORIGIN, keys: [parseVerifierKey(bundle.verifierKey)] };

describe('ledger/transparency: proof bundles', () => {
  it('accepts what holds', () => {
    assert.equal(verifyProofBundle(bundle, trust).checkpoint.size, 8);
    assert.equal(verifyProofBundle({ ...bundle, leaves: [] }, trust).checkpoint.size, 8);
  });

  it('survives JSON', () => {
    const json: unknown = JSON.parse(JSON.stringify(proofBundleToJson(bundle)));
    assert.deepEqual(proofBundleToJson(proofBundleFromJson(json)), json);
    verifyProofBundle(proofBundleFromJson(json), trust);
  });

  it('refuses any leaf, proof or count that was changed', () => {
    const [first, ...others] = bundle.inclusion;
    const [, old, ...olds] = bundle.consistency;
    assert.ok(first !== undefined && old !== undefined);
    const with0 = (item: Partial<typeof first>): ProofBundle => ({ ...bundle, inclusion: [{ ...first, ...item }, ...others] });
    const withOld = (item: Partial<typeof old>): ProofBundle => ({ ...bundle, consistency: [{ ...old, ...item }, ...olds] });
    refused(() => verifyProofBundle(with0({ leaf: Buffer.from('x') }), trust), 'proof-mismatch');
    refused(() => verifyProofBundle(with0({ index: 1 }), trust), 'proof-mismatch');
    refused(() => verifyProofBundle(with0({ index: 8 }), trust), 'argument-out-of-range');
    refused(() => verifyProofBundle(with0({ proof: first.proof.map((hash) => flip(hash)) }), trust), 'proof-mismatch');
    refused(() => verifyProofBundle(with0({ proof: [] }), trust), 'proof-malformed');
    refused(() => verifyProofBundle(withOld({ proof: old.proof.map((hash) => flip(hash)) }), trust), 'proof-mismatch');
    refused(() => verifyProofBundle(withOld({ oldCheckpoint: old.oldCheckpoint.replace('\n1\n', '\n2\n') }), trust), 'signature-invalid');
    refused(() => verifyProofBundle({ ...bundle, leaves: bundle.leaves.slice(1) }, trust), 'proof-malformed');
    const leaves = bundle.leaves.with(3, Buffer.from('x'));
    refused(() => verifyProofBundle({ ...bundle, leaves }, trust), 'proof-mismatch');
  });

  it('does not believe the key that the bundle brings along', () => {
    const forger = generateNoteKey(VECTOR_ORIGIN, Buffer.alloc(32, 5));
    const leaves = [Buffer.from('forged')];
    const root = treeHead(leaves.map(leafHash));
    const forged: ProofBundle = {
      verifierKey: forger.verifierKey,
      checkpoint: signCheckpoint({ origin: VECTOR_ORIGIN, size: 1, root }, [parseSignerKey(forger.signerKey)]),
      leaves,
      inclusion: [],
      consistency: [],
    };
    refused(() => verifyProofBundle(forged, trust), 'signature-missing');
    refused(() => verifyProofBundle(bundle, { ...trust, origin: 'waybill.example/other' }), 'origin-mismatch');
  });

  it('refuses JSON that is no bundle', () => {
    const json = proofBundleToJson(bundle);
    for (const wrong of [
      null,
      [],
      'x',
      {},
      { ...json, verifierKey: 1 },
      { ...json, checkpoint: undefined },
      { ...json, leaves: 'AA==' },
      { ...json, leaves: ['A'] },
      { ...json, leaves: ['AA'] },
      { ...json, inclusion: [null] },
      { ...json, inclusion: [{ ...json.inclusion[0], index: '0' }] },
      { ...json, inclusion: [{ ...json.inclusion[0], leaf: undefined }] },
      { ...json, inclusion: [{ ...json.inclusion[0], proof: [1] }] },
      { ...json, consistency: [{ proof: [] }] },
      { ...json, consistency: {} },
    ]) {
      refused(() => proofBundleFromJson(wrong), 'proof-bundle-malformed');
    }
  });
});

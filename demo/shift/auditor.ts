/** What the auditor of the demo does: with the command line, with a copy of the ledger, and with nothing but a public key. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { DatabaseSync } from 'node:sqlite';
import type { Product } from '../../scripts/lib/product.ts';
import { ROOT } from '../../scripts/lib/paths.ts';
import { proofBundleFromJson, parseVerifierKey, verifyProofBundle } from '../../src/ledger/transparency/index.ts';
import { StoryError } from './person.ts';

interface Verified { readonly events: number; readonly signed: number; readonly checkpoints: number; readonly findings: readonly { readonly code: string; readonly message: string }[] }
interface Proof { readonly caseId: string; readonly origin: string; readonly events: readonly { readonly leaf: { readonly type?: string; readonly actor?: { readonly id?: string } } }[] }

/** `waybill ledger verify` beside the running Waybill. @throws StoryError when it finds something */
export async function verifyLedger(product: Product): Promise<Verified> {
  const report = JSON.parse(await product.cli('ledger', 'verify', '--json')) as Verified;
  if (report.findings.length > 0) throw new StoryError(`ledger verify found: ${JSON.stringify(report.findings)}`);
  return report;
}

/**
 * `waybill ledger prove <case>`, and then a check of the proof that reads nothing but the proof and the public key.
 * @returns types of the proven events, in order
 */
export async function proveCase(product: Product, caseId: string, publicKey: string): Promise<readonly string[]> {
  const text = await product.cli('ledger', 'prove', caseId);
  const proof = JSON.parse(text) as Proof;
  verifyProofBundle(proofBundleFromJson(JSON.parse(text)), { origin: proof.origin, keys: [parseVerifierKey(publicKey)] });
  return proof.events.map(({ leaf }) => (leaf.type ?? '').replace(/@\d+$/, ''));
}

/**
 * Turns the decision of the case into its opposite, in a copy of the ledger, as somebody with the file and a database tool
 * could, and lets `waybill ledger verify` look at the copy.
 * @returns what it found, in its own words
 */
export function forgeInCopy(product: Product, caseId: string): string {
  const copy = mkdtempSync(path.join(tmpdir(), 'waybill-demo-forged-'));
  try {
    const original = new DatabaseSync(path.join(product.home, 'ledger.db'), { readOnly: true });
    original.prepare('VACUUM INTO ?').run(path.join(copy, 'ledger.db'));
    original.close();
    for (const name of ['checkpoints.log', 'keys']) cpSync(path.join(product.home, name), path.join(copy, name), { recursive: true });
    const forged = new DatabaseSync(path.join(copy, 'ledger.db'));
    const row = forged.prepare("SELECT position, leaf FROM events WHERE stream_id = ? AND type = 'Decided'").get(caseId) as { position: number; leaf: Uint8Array } | undefined;
    const leaf = Buffer.from(row?.leaf ?? []).toString('utf8');
    const other = leaf.includes('"approve"') ? leaf.replace('"approve"', '"reject"') : leaf.replace('"reject"', '"approve"');
    if (row === undefined || other === leaf) throw new StoryError('The ledger has no decision of the case.');
    forged.prepare('UPDATE events SET leaf = ? WHERE position = ?').run(Buffer.from(other), row.position);
    forged.close();
    const { status, stdout } = spawnSync(process.execPath, [path.join(ROOT, 'src/cli/waybill.ts'), 'ledger', 'verify', '--home', copy, '--no-projections', '--json'], { encoding: 'utf8' });
    const [finding] = (JSON.parse(stdout) as Verified).findings;
    if (status !== 1 || finding === undefined) throw new StoryError('ledger verify does not find the forged decision.');
    return finding.message;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

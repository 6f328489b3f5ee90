import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { LedgerError } from '../../../src/ledger/port.ts';
import { ledgerFiles } from '../../../src/ledger/sqlite/files.ts';
import { openSqliteLedger } from '../../../src/ledger/sqlite/open.ts';
import { recoverLedger } from '../../../src/ledger/sqlite/recover.ts';
import { verifyFile } from '../../../src/ledger/sqlite/verify.ts';
import type { VerifyReport } from '../../../src/ledger/verify.ts';
import { closed, commit, completed, entered, opened, withFolder } from '../support.ts';

const cases = 300;

/** A closed ledger of 300 cases with two events each, checkpoints at 400 and 600. */
async function filled(home: string): Promise<void> {
  const ledger = await openSqliteLedger({ home, site: 'dc-1' });
  const open = (from: number, to: number): Promise<unknown> => Promise.all(Array.from({ length: to - from }, (_, i) => ledger.append(commit(`case-${from + i}`, 0, opened({ keys: [`k${from + i}`] }), completed('scan', `t${from + i}`)))));
  await open(0, 200);
  await ledger.seal();
  await open(200, cases);
  await ledger.close();
}

/** Changes a copy of the ledger and verifies it. */
function verifyAfter(home: string, change: (db: DatabaseSync) => void, projections = false): VerifyReport {
  const copy = join(home, 'copy');
  copyTree(home, copy);
  const db = new DatabaseSync(join(copy, 'ledger.db'));
  change(db);
  db.close();
  return verifyFile(ledgerFiles({ home: copy }), { projections });
}

function copyTree(from: string, to: string): void {
  const files = ledgerFiles({ home: from });
  rmSync(to, { recursive: true, force: true });
  mkdirSync(to, { recursive: true });
  copyFileSync(files.database, join(to, 'ledger.db'));
  copyFileSync(files.checkpoints, join(to, 'checkpoints.log'));
}

const codes = (report: VerifyReport): string[] => report.findings.map((finding) => finding.code);
const messages = (report: VerifyReport): string => report.findings.map((finding) => `${finding.code}: ${finding.message}`).join('\n');

describe('verifying a SQLite ledger', () => {
  let home: string;
  let release: () => void;
  let gone: Promise<void>;

  before(async () => {
    await new Promise<void>((ready) => {
      gone = withFolder((folder) => { home = folder; ready(); return new Promise<void>((resolve) => { release = resolve; }); });
    });
    await filled(home);
  });
  after(async () => {
    release();
    await gone;
  });

  it('finds nothing in a whole one and says since when it is unwitnessed', () => {
    const report = verifyAfter(home, () => undefined, true);
    assert.equal(messages(report), '');
    assert.deepEqual([report.events, report.signed, report.checkpoints], [600, 600, 2]);
    assert.match(report.unwitnessedSince ?? '', /^\d{4}-.*Z$/);
  });

  it('finds one changed byte of a leaf, whichever, and names the event', () => {
    for (const offset of [0, 20, 300]) {
      const report = verifyAfter(home, (db) => {
        const leaf = Buffer.from(db.prepare('SELECT leaf FROM events WHERE position = 123').get()!['leaf'] as Uint8Array);
        leaf[offset]! ^= 1;
        db.prepare('UPDATE events SET leaf = ? WHERE position = 123').run(leaf);
      });
      const finding = report.findings.find(({ code }) => code === 'leaf-changed');
      assert.equal(finding?.position, 123, messages(report));
      assert.match(finding?.message ?? '', /event 123 \(CaseOpened, version 1 of case case-61\)/);
    }
  });

  it('finds one changed byte wherever it lies in the database file, or it changes nothing that is read', function () {
    this.timeout(120_000);
    const files = ledgerFiles({ home });
    const original = readFileSync(files.database);
    const needle = original.indexOf('Ann Example', 60_000);
    for (const at of [needle, original.indexOf('receiving@1.0.0', 90_000)]) {
      const copy = join(home, 'flipped');
      copyTree(home, copy);
      const bytes = Buffer.from(original);
      bytes[at]! ^= 0x01;
      writeFileSync(join(copy, 'ledger.db'), bytes);
      const report = verifyFile(ledgerFiles({ home: copy }), { projections: true });
      assert.notEqual(report.findings.length, 0, `offset ${at}`);
    }
  });

  it('finds changed content and personal content by their commitments', () => {
    assert.match(messages(verifyAfter(home, (db) => db.exec(`UPDATE events SET content = replace(content, '"quantity":5', '"quantity":6') WHERE position = 1`))), /^content-changed: event 1 \(CaseOpened.*column content/);
    assert.match(messages(verifyAfter(home, (db) => db.exec(`UPDATE events SET personal = replace(personal, 'Ann', 'Eve') WHERE position = 3`))), /^content-changed: event 3 .*column personal/);
    assert.match(messages(verifyAfter(home, (db) => db.exec(`UPDATE events SET personal = '00000000000000000000000000000000{}' WHERE position = 2`))), /^content-unexpected: event 2 /);
  });

  it('takes an erasure for what it is', () => {
    const report = verifyAfter(home, (db) => db.exec('UPDATE events SET content = NULL, personal = NULL WHERE position = 1'));
    assert.deepEqual([messages(report), report.erased], ['', 2]);
  });

  it('finds a missing row, also the last one, and names its place', () => {
    const middle = verifyAfter(home, (db) => db.exec('DELETE FROM events WHERE position = 77'));
    assert.deepEqual(middle.findings.map(({ code, position, streamId }) => [code, position ?? streamId]), [['row-missing', 77], ['stream-gap', 'case-38']]);
    const last = verifyAfter(home, (db) => db.exec('DELETE FROM events WHERE position = 600'));
    assert.deepEqual(last.findings.map(({ code, position }) => [code, position]), [['row-missing', 600]]);
  });

  it('finds moved rows and says where they belong', () => {
    const swapped = verifyAfter(home, (db) => db.exec('UPDATE events SET position = -1 WHERE position = 10; UPDATE events SET position = 10 WHERE position = 500; UPDATE events SET position = 500 WHERE position = -1'));
    const moved = swapped.findings.filter(({ code }) => code === 'row-moved').map(({ message }) => message);
    assert.deepEqual(moved.length, 2, messages(swapped));
    assert.match(moved[0]!, /event 10 .*signed at position 500/);
    assert.match(moved[1]!, /event 500 .*signed at position 10/);
    const away = verifyAfter(home, (db) => db.exec('UPDATE events SET position = 9000 WHERE position = 10'));
    assert.match(messages(away), /row-moved: event 9000 .*signed at position 10/);
    assert.match(messages(away), /row-missing: event 10 is missing from its place/);
  });

  it('finds a row that was put to another case', () => {
    assert.match(messages(verifyAfter(home, (db) => db.exec(`UPDATE events SET stream_id = 'case-999' WHERE position = 2`))), /column-changed: event 2 .*column stream_id says case-999, the leaf says case-0/);
    assert.match(messages(verifyAfter(home, (db) => db.exec(`UPDATE events SET version = 7 WHERE position = 2`))), /column version says 7, the leaf says 2/);
    assert.match(messages(verifyAfter(home, (db) => db.exec(`UPDATE events SET type = 'CaseClosed' WHERE position = 2`))), /column type says CaseClosed, the leaf says StepCompleted/);
  });

  it('tells a changed tile from a changed leaf', () => {
    const flip = (level: number, idx: number, at: number) => (db: DatabaseSync): void => {
      const bytes = Buffer.from(db.prepare('SELECT bytes FROM tiles WHERE level = ? AND idx = ?').get(level, idx)!['bytes'] as Uint8Array);
      bytes[at]! ^= 1;
      db.prepare('UPDATE tiles SET bytes = ? WHERE level = ? AND idx = ?').run(bytes, level, idx);
    };
    const leafTile = verifyAfter(home, flip(0, 1, 32 * 10));
    assert.deepEqual([codes(leafTile)[0], leafTile.findings[0]?.position], ['tile-changed', 267], messages(leafTile));
    assert.match(messages(verifyAfter(home, flip(1, 0, 0))), /^tile-changed: tile 1\/0 does not fit tile 0\/0/);
    assert.match(messages(verifyAfter(home, (db) => db.exec('DELETE FROM tiles WHERE level = 0 AND idx = 0'))), /tile-missing: tile 0\/0 is missing/);
  });

  it('finds a history that was rewritten with its tiles and its checkpoint', () => {
    const report = verifyAfter(home, (db) => {
      const leaf = Buffer.from(db.prepare('SELECT leaf FROM events WHERE position = 450').get()!['leaf'] as Uint8Array);
      leaf[40]! ^= 1;
      db.prepare('UPDATE events SET leaf = ? WHERE position = 450').run(leaf);
      db.exec('DELETE FROM tiles');
    });
    assert.match(messages(report), /checkpoint-root: the checkpoint over 600 events was signed for others: something in events 401 to 600 was changed/);
    const forged = verifyAfter(home, (db) => db.exec(`UPDATE checkpoints SET note = replace(note, char(10) || '600' || char(10), char(10) || '601' || char(10)) WHERE size = 600`));
    assert.match(messages(forged), /^checkpoint-invalid: the checkpoint stored for size 600 is no good/);
  });

  it('works beside a running instance', async () => {
    await withFolder(async (own) => {
      const ledger = await openSqliteLedger({ home: own });
      let stop = false;
      let n = 0;
      const appending = (async () => { while (!stop) await Promise.all(Array.from({ length: 50 }, () => ledger.append(commit(`c${n += 1}`, 0, opened())))); })();
      for (let i = 0; i < 5; i += 1) {
        await new Promise((resolve) => setTimeout(resolve, 100));
        assert.equal(messages(verifyFile(ledgerFiles({ home: own }), { projections: true })), '');
      }
      stop = true;
      await appending;
      await ledger.close();
    });
  });
});

describe('a restored backup', () => {
  const backup = (home: string): string => join(home, 'backup.db');

  /** A ledger that went on after a backup of its database was made, and then got that backup back. */
  async function restored(home: string): Promise<void> {
    let ledger = await openSqliteLedger({ home });
    await ledger.append(commit('c1', 0, opened(), entered('r1')));
    await ledger.close();
    copyFileSync(join(home, 'ledger.db'), backup(home));
    ledger = await openSqliteLedger({ home });
    await ledger.append(commit('c1', 2, completed('r1', 't1')));
    await ledger.close();
    copyFileSync(backup(home), join(home, 'ledger.db'));
  }

  it('is not opened, and verify names it', () => withFolder(async (home) => {
    await restored(home);
    await assert.rejects(openSqliteLedger({ home }), (error: LedgerError) => error.code === 'behind-checkpoint' && error.message.includes('over 3 events was issued, but the ledger holds 2'));
    assert.match(messages(verifyFile(ledgerFiles({ home }), { projections: true })), /behind-checkpoint: .*3 events/);
  }));

  it('is opened as a new incarnation by a recovery, which is recorded', () => withFolder(async (home) => {
    await restored(home);
    const options = { home, site: 'dc-1', actor: { kind: 'person', id: 'op' }, now: Date.now, newId: () => 'e-recovered' } as const;
    const recovered = await recoverLedger(options);
    assert.deepEqual([recovered?.knownSize, recovered?.foundSize, recovered?.incarnation], [3, 2, 2]);
    assert.equal(await recoverLedger(options), undefined);
    const ledger = await openSqliteLedger({ home });
    assert.equal(ledger.origin, recovered?.origin);
    assert.equal((await ledger.lastEpoch()).incarnation, 2);
    assert.deepEqual((await ledger.readStream('ledger')).map((event) => event.type), ['LedgerRecovered']);
    assert.equal((await ledger.append(commit('c1', 2, closed()))).ok, true);
    await ledger.close();
    assert.equal(messages(verifyFile(ledgerFiles({ home }), { projections: true })), '');
    // The same backup once more: the incarnation that it forgot is not opened a second time.
    copyFileSync(backup(home), join(home, 'ledger.db'));
    await assert.rejects(openSqliteLedger({ home }), (error: LedgerError) => error.code === 'behind-checkpoint');
    const twice = await recoverLedger(options);
    assert.equal(twice?.incarnation, 3);
    assert.notEqual(twice?.origin, recovered?.origin);
  }));

  it('is noticed when the database is gone altogether', () => withFolder(async (home) => {
    await restored(home);
    rmSync(join(home, 'ledger.db'));
    await assert.rejects(openSqliteLedger({ home }), (error: LedgerError) => error.code === 'behind-checkpoint');
  }));
});

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CaseExecutor } from '../../src/engine/case-executor.ts';
import { SiteLog } from '../../src/engine/site-log.ts';
import { defaultTuning } from '../../src/engine/settings.ts';
import { dateIn, isTimeZone, Sites } from '../../src/engine/sites.ts';
import { Counters } from '../../src/engine/support/counters.ts';
import { openSqliteLedger } from '../../src/ledger/sqlite/open.ts';
import '../support/kept-threads.ts';

describe('clock', () => {
  it('that is set back makes no deadline good again: commands are judged by what the ledger recorded', async () => {
    const home = mkdtempSync(join(tmpdir(), 'waybill-clock-'));
    const ahead = Date.now() + 86_400_000;
    const ledger = await openSqliteLedger({ home, now: () => ahead });
    try {
      const defaults = { site: 'dc-1', legalEntity: 'acme' };
      const executor = new CaseExecutor({ ledger, tuning: defaultTuning, counters: new Counters(), defaults, onCommitted: () => undefined });
      assert.ok(executor.now() < new Date(ahead).toISOString());
      await new SiteLog(ledger, defaults).record('gap', { type: 'GapRecorded', data: { what: 'clock' } });
      executor.ledgerTime = (await ledger.readAll(1, 1))[0]!.recordedAt;
      assert.equal(executor.now(), new Date(ahead).toISOString());
    } finally {
      await ledger.close();
      rmSync(home, { recursive: true, force: true });
    }
  });

  it('of a site gives its own day, and knows zones by their names only', () => {
    const late = new Date('2026-11-23T23:30:00.000Z');
    assert.equal(dateIn('Europe/Berlin', late), '2026-11-24');
    assert.equal(dateIn('America/New_York', late), '2026-11-23');
    assert.equal(isTimeZone('Europe/Berlin'), true);
    for (const wrong of ['Europe/Berlim', '+02:00', '', 'here']) assert.equal(isTimeZone(wrong), false, wrong);
  });

  it('and legal entity of a site come from its node while it stands, else from this instance', () => {
    const sites = new Sites({ siteId: 'dc-1', legalEntity: 'acme-gmbh', timeZone: 'UTC' });
    const forget = sites.set('n1', { siteId: 'dc-2', legalEntity: 'acme-inc', timeZone: 'America/New_York' });
    assert.deepEqual(sites.zones(), { 'dc-1': 'UTC', 'dc-2': 'America/New_York' });
    assert.deepEqual([sites.legalEntity('dc-2'), sites.legalEntity('dc-1')], ['acme-inc', 'acme-gmbh']);
    forget();
    assert.deepEqual([sites.legalEntity('dc-2'), sites.timeZone('dc-2')], ['acme-gmbh', 'UTC']);
  });
});

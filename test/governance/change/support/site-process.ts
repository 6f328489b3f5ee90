/**
 * A site in a process of its own, that asks for a waiver, decides it and takes the signed waivers of a catalogue over, and can end
 * at any commit. Started again it does the same anew, as people do whose answer was lost.
 * Arguments: home, catalogue, root; kill place as `n before|after`, or `none`.
 */
import { mkdirSync } from 'node:fs';
import process from 'node:process';
import { openSiteCatalogue } from '../../../../src/governance/catalogue/open.ts';
import { Engine } from '../../../../src/engine/engine.ts';
import { gateParts } from '../../../../src/engine/governance/in-place.ts';
import type { PersonIdentity } from '../../../../src/engine/api.ts';
import { defaultTuning } from '../../../../src/engine/settings.ts';
import { loadPseudonymKey } from '../../../../src/engine/support/key-file.ts';
import { openSqliteLedger } from '../../../../src/ledger/sqlite/open.ts';
import { Interrupter } from '../../../engine/support/interrupted.ts';

const [, , home = '', source = '', rootFile = '', n = 'none', at = 'before'] = process.argv;
const interrupter = new Interrupter(n === 'none' ? undefined : { kind: 'append', n: Number(n), at: at as 'before' | 'after' });
const person = (name: string, roles: readonly string[]): PersonIdentity => ({ userId: name, name, roles, sites: ['dc-1'], authMethod: 'password', channel: 'api' });

mkdirSync(home, { recursive: true, mode: 0o700 });
const catalogue = await openSiteCatalogue({ home, source, rootFile, ring: 'all', site: 'dc-1', now: Date.now, log: () => undefined });
const settings = { home, site: 'dc-1', enterprise: 'acme', legalEntity: 'acme', publicUrl: undefined, mqttUrl: undefined, erpUrl: undefined, catalogue: source, catalogueRoot: rootFile };
const ledger = await openSqliteLedger({ home, site: 'dc-1' });
const engine = await Engine.open({ settings, catalogue, ledger: interrupter.ledger(ledger), accounts: undefined, pseudonymKey: loadPseudonymKey(home), tuning: defaultTuning });
// The gate is Node-RED's to open; here nothing is deployed that it could judge.
gateParts().storage = true;
await engine.flowsStarted('full');
const { changes } = engine.governance;
const asked = await changes.request({
  kind: 'waiver', site: 'dc-1', family: 'returns', title: 'exec', reason: 'The label printer.', rule: 'no-exec', scope: { fingerprints: ['f'] }, by: person('eve', ['engineer']), commandKey: 'asked',
});
if (!asked.ok) throw new Error(asked.message);
const { changeId } = asked;
const requestHash = (await changes.detail(changeId))?.requestHash ?? '';
await changes.comment({ changeId, comment: 'Why?', by: person('rita', ['owner:returns']), commandKey: 'said' });
// The same at every start of a day.
const expiresAt = new Date((Math.ceil(Date.now() / 86_400_000) + 30) * 86_400_000).toISOString();
const terms = { decision: 'waive', rule: 'no-exec', scope: { fingerprints: ['f'] }, expiresAt } as const;
await Promise.all(['rita', 'rob'].map((name) => changes.decide({ changeId, terms, requestHash, by: person(name, ['owner:returns']), commandKey: `decided ${name}` })));
// A lock that was being written when the process was killed counts for some seconds.
while ((await engine.governance.refreshCatalogue()).state !== 'fresh') await new Promise((resolve) => { setTimeout(resolve, 500); });
await changes.follow();
// A message between two steps is nowhere to be counted for a moment.
for (let i = 0; i < 500 && (await ledger.listTasks({}, { limit: 1 })).items.length === 0; i += 1) await new Promise((resolve) => { setTimeout(resolve, 10); });
process.stdout.write(`${JSON.stringify({ appends: interrupter.counts.append, changeId })}\n`);
await engine.close();

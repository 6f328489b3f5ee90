import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { DelegatedRole } from '@tufjs/models/dist/role.js';
import { Delegations } from '@tufjs/models/dist/delegations.js';
import { Metadata, Targets } from '@tufjs/models';
import { draftState } from '../../../src/governance/catalogue/publisher/drafts.ts';
import { readDraft, writeDraft } from '../../../src/governance/catalogue/publisher/folder.ts';
import type { PublisherError } from '../../../src/governance/catalogue/publisher/folder.ts';
import { release } from '../../../src/governance/catalogue/publisher/release.ts';
import { report } from '../../../src/governance/catalogue/publisher/report.ts';
import { stageDeprecation, stagePromotion, stageResumption, stageRevocation, stageService, stageSuspension } from '../../../src/governance/catalogue/publisher/stage.ts';
import { stageOwners } from '../../../src/governance/catalogue/publisher/keys.ts';
import { FAMILY, makeCentral, openSite, packedTemplate, publishTemplate, signAll } from './support/central.ts';
import type { Central } from './support/central.ts';
import { packedService, publishService, someService } from './support/services.ts';

const ID = `${FAMILY}/erp-receiving`;
const DAY = 86_400_000;
const dayIn = (days: number): string => new Date(Date.now() + days * DAY).toISOString().slice(0, 10);
const service = (version: string) => ({ kind: 'service', id: ID, version }) as const;

/** A catalogue as it was made before there were services: the board has delegated templates and waivers alone. */
async function withoutTheRight(central: Central): Promise<void> {
  const keys = central.owners.map((signer) => signer.publicKey);
  await stageOwners(central.folder, FAMILY, { keys, threshold: 3, functions: ['operations', 'it', 'finance'], firstRing: 'all' }, Date.now());
  const draft = await readDraft(central.folder, 'targets') as Metadata<Targets>;
  const { delegations } = draft.signed;
  assert.ok(delegations?.roles !== undefined);
  const role = delegations.roles[FAMILY]!;
  const old = new DelegatedRole({ name: role.name, keyIDs: role.keyIDs, threshold: role.threshold, terminating: role.terminating, paths: (role.paths ?? []).filter((each) => !each.startsWith('services/')), ...(role.unrecognizedFields === undefined ? {} : { unrecognizedFields: role.unrecognizedFields }) });
  const { version, specVersion, expires, targets } = draft.signed;
  await writeDraft(central.folder, 'targets', new Metadata(new Targets({ version, specVersion, expires, targets, delegations: new Delegations({ keys: delegations.keys, roles: { ...delegations.roles, [FAMILY]: old } }) })));
  await signAll(central.folder, central.board.slice(0, 2));
  await release(central.folder, central.online, Date.now());
}

describe('services in a catalogue', () => {
  it('come to a site as templates do, signed by the same owners, and stay beside them', async () => {
    const central = await makeCentral();
    await publishTemplate(central, packedTemplate(ID, '1.0.0'));
    await publishService(central, packedService(ID, '1.0.0'));
    const list = JSON.parse(readFileSync(path.join(central.public, 'metadata', '1.targets.json'), 'utf8')) as { signed: { delegations: { roles: readonly { name: string; paths: readonly string[] }[] } } };
    assert.deepEqual(list.signed.delegations.roles.find(({ name }) => name === FAMILY)?.paths, [`templates/${FAMILY}/*/*.json`, `services/${FAMILY}/*/*.json`, `waivers/${FAMILY}/*.json`]);
    const site = await openSite(central);
    assert.equal((await site.refresh()).state, 'fresh', JSON.stringify(site.state()));
    const found = site.service(`${ID}@1.0.0`);
    assert.equal(found?.definition.operations['postReceipt']?.idempotency?.name, 'Idempotency-Key');
    assert.deepEqual([found.status, found.ring, found.successor, found.signedBy.map(({ name }) => name)], ['published', 'all', undefined, ['Olga', 'Ivan', 'Fay']]);
    assert.match(found.contentHash, /^sha256:[0-9a-f]{64}$/);
    assert.equal(site.template(ID, '1.0.0')?.manifest.kind, 'flow', 'a template of the same name is another thing');
    assert.deepEqual([site.services().length, site.service(`${ID}@2.0.0`), site.service('stock@1')], [1, undefined, undefined]);
    const again = await openSite(central, { home: site.home, source: path.join(central.public, 'nowhere'), rootFile: undefined });
    assert.equal(again.services().length, 1, 'from the kept copy, without a line');
    await assert.rejects(stageService(central.folder, packedService(ID, '1.0.0', { title: 'Another' }), { now: Date.now() }), /service procure-to-pay\/erp-receiving@1\.0\.0 is published with another content; .* Raise the version in service\.json\./);
  });

  it('are deprecated with what follows, retired by the day without another signature, and withdrawn at once', async () => {
    const central = await makeCentral();
    for (const version of ['1.0.0', '1.1.0', '2.0.0']) await stageService(central.folder, packedService(ID, version), { ring: 'all', now: Date.now() });
    await publishService(central, packedService(`${FAMILY}/other`, '1.0.0'));
    await assert.rejects(stageDeprecation(central.folder, service('1.0.0'), { sunset: dayIn(10), successor: `${ID}@1.0.0`, now: Date.now() }), /cannot follow itself/);
    await assert.rejects(stageDeprecation(central.folder, service('1.0.0'), { sunset: dayIn(10), successor: `${ID}@9.0.0`, now: Date.now() }), /The catalogue has no service procure-to-pay\/erp-receiving@9\.0\.0 that could follow/);
    await stageDeprecation(central.folder, service('1.0.0'), { sunset: dayIn(10), reason: 'Slow.', now: Date.now() });
    await stageDeprecation(central.folder, service('1.1.0'), { sunset: dayIn(20), successor: `${FAMILY}/other@1.0.0`, now: Date.now() });
    assert.match((await draftState(central.folder, FAMILY))?.changes.join('\n') ?? '', /service procure-to-pay\/erp-receiving@1\.1\.0: as published, deprecated, retired from .* on, followed by procure-to-pay\/other@1\.0\.0, for all/);
    await signAll(central.folder, central.owners);
    await release(central.folder, central.online, Date.now());
    const site = await openSite(central);
    await site.refresh();
    const life = (from: typeof site, version: string) => { const { status, sunset, reason, successor } = from.service(`${ID}@${version}`)!; return [status, sunset, reason, successor]; };
    assert.deepEqual(life(site, '1.0.0'), ['deprecated', dayIn(10), 'Slow.', `${ID}@2.0.0`], 'the newest that stays follows where nothing is said');
    assert.deepEqual(life(site, '1.1.0'), ['deprecated', dayIn(20), undefined, `${FAMILY}/other@1.0.0`]);
    const later = await openSite(central, { home: site.home, now: () => Date.now() + 11 * DAY });
    assert.deepEqual([life(later, '1.0.0')[0], life(later, '1.1.0')[0]], ['retired', 'deprecated']);
    await stageRevocation(central.folder, service('2.0.0'), 'It books twice.', Date.now());
    await signAll(central.folder, central.owners);
    await release(central.folder, central.online, Date.now());
    await site.refresh();
    assert.deepEqual(life(site, '2.0.0'), ['retired', undefined, 'It books twice.', undefined], 'nothing newer stays');
    assert.deepEqual(life(site, '1.0.0')[3], undefined);
    const { services } = await report(central.folder, Date.now());
    assert.deepEqual(services.map(({ id, version, life: at }) => `${id}@${version} ${at}`), [`${ID}@1.0.0 deprecated`, `${ID}@1.1.0 deprecated`, `${ID}@2.0.0 retired`, `${FAMILY}/other@1.0.0 published`]);
  });

  it('are stopped for a while and let go on, signed like everything else', async () => {
    const central = await makeCentral();
    await stageService(central.folder, packedService(ID, '1.0.0'), { ring: 'all', now: Date.now() });
    const until = new Date(Date.now() + DAY).toISOString();
    await assert.rejects(stageSuspension(central.folder, service('1.0.0'), { reason: 'x', until: '2020-01-01T00:00:00Z', now: Date.now() }), /name a time that lies ahead/);
    await assert.rejects(stageSuspension(central.folder, { kind: 'template', id: ID, version: '1.0.0' }, { reason: 'x', now: Date.now() }), /Only services are suspended/);
    await assert.rejects(stageResumption(central.folder, service('1.0.0'), Date.now()), /is not stopped/);
    await stageSuspension(central.folder, service('1.0.0'), { reason: 'The ERP moves.', until, now: Date.now() });
    assert.match((await draftState(central.folder, FAMILY))?.changes.join('\n') ?? '', /erp-receiving@1\.0\.0: .*, stopped until .* \(The ERP moves\.\)/);
    await signAll(central.folder, central.owners);
    await release(central.folder, central.online, Date.now());
    const site = await openSite(central);
    await site.refresh();
    assert.deepEqual([site.service(`${ID}@1.0.0`)?.suspended, site.service(`${ID}@1.0.0`)?.status], [{ reason: 'The ERP moves.', until }, 'published']);
    await stageResumption(central.folder, service('1.0.0'), Date.now());
    await signAll(central.folder, central.owners);
    await release(central.folder, central.online, Date.now());
    await site.refresh();
    assert.equal(site.service(`${ID}@1.0.0`)?.suspended, undefined);
  });

  it('go through the rings one at a time', async () => {
    const central = await makeCentral({ firstRing: 'test' });
    await stageService(central.folder, packedService(ID, '1.0.0'), { now: Date.now() });
    await assert.rejects(stageService(central.folder, packedService(ID, '1.1.0'), { ring: 'all', now: Date.now() }), /a new version of this family begins with the ring "test"/);
    await signAll(central.folder, central.owners);
    await release(central.folder, central.online, Date.now());
    const [test, all] = [await openSite(central, { ring: 'test' }), await openSite(central)];
    await Promise.all([test.refresh(), all.refresh()]);
    assert.deepEqual([test.services().length, all.services().length], [1, 0]);
    await stagePromotion(central.folder, service('1.0.0'), undefined, Date.now());
    await signAll(central.folder, central.owners);
    await release(central.folder, central.online, Date.now());
    await test.refresh();
    assert.equal(test.service(`${ID}@1.0.0`)?.ring, 'pilot');
  });

  it('need the board where a catalogue is from before them, and nothing goes out until it has signed', async () => {
    const central = await makeCentral();
    await withoutTheRight(central);
    await stageService(central.folder, packedService(ID, '1.0.0'), { ring: 'all', now: Date.now() });
    assert.match((await draftState(central.folder, 'targets'))?.changes.join('\n') ?? '', /the owners of procure-to-pay may give services as well as templates/);
    await signAll(central.folder, central.owners);
    const { published, waiting } = await release(central.folder, central.online, Date.now());
    assert.deepEqual([published, waiting.map(({ role }) => role).sort()], [[], [FAMILY, 'targets']]);
    assert.match(waiting.find(({ role }) => role === FAMILY)?.why ?? '', /The board has to sign first that the owners of procure-to-pay may give services/);
    await signAll(central.folder, central.board.slice(0, 2));
    assert.deepEqual((await release(central.folder, central.online, Date.now())).published, ['targets', FAMILY]);
    const site = await openSite(central);
    assert.equal((await site.refresh()).state, 'fresh');
    assert.equal(site.services().length, 1);
  });

  it('are not staged when the version is not raised enough for what it changes', async () => {
    const central = await makeCentral();
    const { postReceipt, getOrder } = someService(ID, '1.0.0').operations;
    await publishService(central, packedService(ID, '1.0.0'));
    const next = (version: string) => stageService(central.folder, packedService(ID, version, { operations: { postReceipt: postReceipt!, getOrder: getOrder! } }), { now: Date.now() });
    await assert.rejects(next('1.1.0'), (error: PublisherError) => {
      assert.equal(error.message, 'Those who call may have to change: version 1.1.0 is not enough after 1.0.0; raise it to 2.0.0 at least. What was changed:');
      assert.ok(error.details.includes('/operations/findReceipts: the operation is gone.'), error.details.join('\n'));
      return true;
    });
    await next('2.0.0');
  });

  it('are not staged when they are broken, with a sentence for each mistake', async () => {
    const central = await makeCentral();
    const bytes = Buffer.from(packedService(ID, '1.0.0')).toString('utf8');
    const broken = (change: (text: string) => string) => stageService(central.folder, Buffer.from(change(bytes)), { now: Date.now() });
    await assert.rejects(broken((text) => text.replace('"classification":"internal"', '"classification":"secret"')), /\/classification: must be one of public, internal, confidential, restricted\./);
    await assert.rejects(broken((text) => text.replace('"burst":200', '"burst":0')), /\/limits\/burst: With 200 calls a second a burst of at least 1 is needed/);
    await assert.rejects(broken((text) => text.slice(0, -20)), /The packed service is no JSON/);
    await assert.rejects(broken((text) => `${text.trimEnd().slice(0, -1)},"more":1}`), /has a member "more" that is not known/);
  });
});

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { release } from '../../../src/governance/catalogue/publisher/release.ts';
import { stageTemplate } from '../../../src/governance/catalogue/publisher/stage.ts';
import { readChangeFile } from '../../../src/governance/change/change-file.ts';
import { packTemplate, readPacked } from '../../../src/governance/template/pack.ts';
import { makeCentral, packedTemplate, publishTemplate, signAll, temporary, type Central } from '../catalogue/support/central.ts';
import { addPerson, startServer, type TestServer } from '../../web/support/server.ts';
import { changeCommand, type CliAnswer } from './support/change-cli.ts';
import { startEngine, type TestEngine } from '../../web/support/real-engine.ts';

const soon = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
const idIn = (text: string): string => /[0-9a-f]{8}-[0-9a-f-]{27}/.exec(text)?.[0] ?? '';

describe('a change request by file', function () {
  this.timeout(120_000);
  let test: TestEngine;
  let server: TestServer;
  let central: Central;
  const folder = temporary('change-files');
  const tokens: Record<string, string> = {};
  const cli = (who: string | undefined, ...args: string[]): Promise<CliAnswer> =>
    changeCommand(folder, who === undefined ? {} : { WAYBILL_TOKEN: tokens[who] ?? '' }, [...args, ...(who === undefined ? [] : ['--url', `${server.url}/waybill`])]);
  const ok = async (who: string | undefined, ...args: string[]): Promise<string> => {
    const { code, out, err } = await cli(who, ...args);
    assert.equal(code, 0, `${args.join(' ')}: ${out}${err}`);
    return out;
  };
  const changeOf = async (id: string): Promise<string | undefined> => (await test.engine.ledger.getChange(id))?.status;
  const atCentral = (): string[] => ['--catalogue', central.folder.path];
  /** The online key and the owners do their part; the site looks. */
  const publish = async (): Promise<void> => {
    await signAll(central.folder, central.returns);
    await release(central.folder, central.online, Date.now());
    await test.engine.governance.refreshCatalogue();
    await test.engine.governance.changes.follow();
  };

  before(async () => {
    mkdirSync(folder, { recursive: true });
    central = await makeCentral();
    await publishTemplate(central, packedTemplate('returns/damaged-goods', '1.0.0'));
    test = await startEngine(async (accounts) => {
      for (const [name, roles] of [['eve', ['engineer']], ['rita', ['owner:returns']]] as const) {
        tokens[name] = (await addPerson(accounts, name, roles)).headers.authorization.slice('Bearer '.length);
      }
    }, undefined, { catalogue: central.public, catalogueRoot: central.rootFile });
    await test.engine.governance.refreshCatalogue();
    server = await startServer(() => test.engine);
  });
  after(async () => {
    await server.close();
    await test.close();
  });

  it('asks for a waiver at a site, is granted at central, and holds once it is signed', async () => {
    const id = idIn(await ok('eve', 'request', '--site', 'dc-1', '--family', 'returns', '--title', 'exec for the printer', '--reason', 'Its driver is a program.', '--rule', 'no-exec', '--finding', 'no-exec:4f2a'));
    assert.match(await ok('eve', 'list'), new RegExp(`${id} +requested`));
    await ok('eve', 'export', id, '--out', 'waiver.json');
    assert.match(await ok(undefined, 'import', 'waiver.json', ...atCentral()), /exec for the printer/);
    assert.match(await ok(undefined, 'list', ...atCentral()), new RegExp(id));
    assert.match(await ok(undefined, 'approve', id, '--until', soon(30), ...atCentral()), /waivers\/returns\/.*is staged/);
    await test.engine.governance.changes.follow();
    assert.equal(await changeOf(id), 'requested', 'what nobody has signed does not count');
    await ok(undefined, 'approve', id, '--until', soon(30), ...atCentral());
    await publish();
    assert.equal(await changeOf(id), 'waived');
    const [waiver] = (await test.engine.governance.changes.waivers({ status: 'active' }, { limit: 10 })).items;
    assert.deepEqual([waiver?.rule, waiver?.change_id, waiver?.expires_at.slice(0, 10)], ['no-exec', id, soon(30)]);
    assert.deepEqual((await test.engine.ledger.readStream(`change:${id}`)).flatMap((event) => (event.type === 'ChangeDecided' ? [[event.data.by, event.data.mode]] : [])), [['catalogue', 'catalogue']]);
    assert.match(await ok('eve', 'show', id), /catalogue waive \(waived\)/);
    assert.match((await cli(undefined, 'decline', id, '--reason', 'No.', ...atCentral())).err, /is waived already/);
  });

  it('carries a change with its nodes, and is answered by the version whose changelog names it', async () => {
    const packed = readPacked(packedTemplate('returns/damaged-goods', '1.0.0'));
    writeFileSync(path.join(folder, 'export.json'), JSON.stringify(packed.flow.map((node) => (node.type === 'function' ? { ...node, func: 'return null;' } : node))));
    const id = idIn(await ok('eve', 'request', '--site', 'dc-1', '--title', 'Stop them', '--reason', 'They are damaged.', '--template', 'returns/damaged-goods@1.0.0', '--nodes', 'export.json'));
    assert.match(await ok('eve', 'show', id), /~ function "here" func/);
    await ok('eve', 'export', id, '--out', 'change.json');
    const file = JSON.parse(readFileSync(path.join(folder, 'change.json'), 'utf8')) as Record<string, unknown>;
    assert.equal(readChangeFile(Buffer.from(JSON.stringify(file))).requestHash, file['requestHash']);
    await ok(undefined, 'import', 'change.json', ...atCentral());
    assert.match(await ok(undefined, 'approve', id, '--version', '1.1.0', ...atCentral()), /name .* in the changelog of version 1\.1\.0/);
    const next = { ...packed.manifest, version: '1.1.0', changelog: [{ version: '1.1.0', date: '2026-11-20', changes: [`Damaged goods stop (${id}).`] }, ...packed.manifest.changelog] };
    const { bytes } = packTemplate({ folder: '', manifest: next, flow: file['nodes'] as never, readme: '# x\n', tests: {} });
    await stageTemplate(central.folder, bytes, { ring: 'all', now: Date.now() });
    await publish();
    assert.equal(await changeOf(id), 'accepted');
    assert.equal((await test.engine.ledger.getChange(id))?.version, '1.1.0');
    assert.equal(test.engine.governance.catalogue.template('returns/damaged-goods', '1.1.0')?.contentHash, file['proposedHash'], 'what was asked for is what was published');
  });

  it('refuses a file that was changed on the way, each for its own reason', async () => {
    const file = JSON.parse(readFileSync(path.join(folder, 'change.json'), 'utf8')) as Record<string, unknown> & { nodes: Record<string, unknown>[] };
    const refused = async (changed: unknown, reason: RegExp): Promise<void> => {
      writeFileSync(path.join(folder, 'bad.json'), typeof changed === 'string' ? changed : JSON.stringify(changed));
      const { code, err } = await cli(undefined, 'import', 'bad.json', ...atCentral());
      assert.equal(code, 1, err);
      assert.match(err, reason);
    };
    await refused({ ...file, reason: 'Something else.' }, /was changed after it was written/);
    await refused({ ...file, site: 'dc-9' }, /was changed after it was written/);
    await refused({ ...file, nodes: file.nodes.map((node) => (node['type'] === 'function' ? { ...node, func: 'steal()' } : node)) }, /not those that were asked for/);
    await refused({ ...file, nodes: [{ id: 'n', type: 'http request', password: 'hunter2' }] }, /looks like a secret/);
    await refused({ ...file, changeId: '../../../etc/passwd' }, /no valid "changeId"/);
    await refused({ ...file, kind: 'waiver', rule: 'no-exec', scope: {} }, /no valid "scope"/);
    await refused({ ...file, format: 'other' }, /no change request/);
    await refused('[', /no JSON/);
    await refused(`{"__proto__": {"format": "waybill-change@1"}}`, /no change request/);
    await refused('x'.repeat(600_000), /larger than/);
  });

  it('says what is wrong with a command, and sends no token over an open line', async () => {
    for (const [args, reason] of [
      [['approve', 'x'], /works at a site|token/], [['import'], /Say which file/], [['sign', 'x'], /works with --catalogue/], [['dance'], /There is no/], [[], /Say what to do/], [['show'], /by its id|token/], [['list', '--url', 'http://site.example/waybill'], /by https only/], [['list', '--nope'], /Unknown option/],
    ] as const) {
      const { code, err } = await cli(undefined, ...args);
      assert.equal(code, 2, args.join(' '));
      assert.match(err, reason, args.join(' '));
    }
    assert.match((await cli('eve', 'approve', idIn(await ok('eve', 'list', '--all')), '--until', soon(3))).err, /not-allowed|change-over|--version/);
    assert.match(await ok('rita', 'list', '--all', '--json'), /"status": "accepted"/);
  });
});

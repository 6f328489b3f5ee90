import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { draftRoles, openFolder, readDraft } from '../../../src/governance/catalogue/publisher/folder.ts';
import { release } from '../../../src/governance/catalogue/publisher/release.ts';
import { signaturesFor, takeSignatures } from '../../../src/governance/catalogue/publisher/signature-file.ts';
import { signDrafts } from '../../../src/governance/catalogue/publisher/drafts.ts';
import { stageTemplate } from '../../../src/governance/catalogue/publisher/stage.ts';
import { changeKey } from '../../../src/governance/catalogue/publisher/keys.ts';
import { commandSigner, commandWords } from '../../../src/governance/signing/command-signer.ts';
import { memorySigner } from '../../../src/governance/signing/memory-signer.ts';
import { publicKey } from '../../../src/governance/signing/public-key.ts';
import { FAMILY, makeCentral, openSite, packedTemplate, signAll, temporary } from './support/central.ts';

const ID = `${FAMILY}/goods-receipt`;

/** A machine that signs: a program with a key of its own, which answers as it is told. */
function machine(): { readonly key: ReturnType<typeof publicKey>; command(answer: string): string } {
  const folder = temporary('a machine');
  const pair = generateKeyPairSync('ed25519');
  writeFileSync(path.join(folder, 'key.pem'), pair.privateKey.export({ format: 'pem', type: 'pkcs8' }));
  const program = path.join(folder, 'sign.mjs');
  writeFileSync(program, `
    import { sign } from 'node:crypto';
    import { readFileSync } from 'node:fs';
    const signature = sign(null, readFileSync(0), readFileSync(new URL('key.pem', import.meta.url)));
    if (!/^[0-9a-f]{64}$/.test(process.env.WAYBILL_KEY_ID)) process.exit(4);
    const answer = process.argv[2];
    if (answer === 'fail') process.exit(3);
    if (answer === 'wait') setTimeout(() => undefined, 60_000);
    else process.stdout.write({ raw: signature, hex: signature.toString('hex') + '\\n', base64: signature.toString('base64'), other: Buffer.alloc(64, 7), text: 'no signature', long: 'x'.repeat(9_000) }[answer]);
  `);
  const x = Buffer.from(pair.publicKey.export({ format: 'jwk' }).x ?? '', 'base64url').toString('hex');
  return { key: publicKey(x, 'Olga', 'operations'), command: (answer) => `"${process.execPath}" '${program}' ${answer}` };
}

describe('a signer behind a command', function () {
  this.timeout(30_000);

  it('signs for an owner, as bytes, in hexadecimal or in Base64', async () => {
    const central = await makeCentral();
    const { key, command } = machine();
    await changeKey(central.folder, { drop: central.owners[0].publicKey.keyId, add: key }, Date.now());
    await signAll(central.folder, central.board);
    await release(central.folder, central.online, Date.now());
    for (const [at, answer] of ['raw', 'hex', 'base64'].entries()) {
      await stageTemplate(central.folder, packedTemplate(ID, `1.${at}.0`), { now: Date.now() });
      await signAll(central.folder, [commandSigner(command(answer), key), ...central.owners.slice(1)]);
      assert.deepEqual((await release(central.folder, central.online, Date.now())).published, [FAMILY]);
    }
    const site = await openSite(central);
    await site.refresh();
    assert.deepEqual(site.template(ID, '1.2.0')?.signedBy.map(({ name }) => name).sort(), ['Fay', 'Ivan', 'Olga']);
  });

  it('is not believed: what it answers is verified, and every failure is one sentence', async () => {
    const { key, command } = machine();
    const signed = async (line: string, of = key, patienceMs = 60_000): Promise<unknown> => await commandSigner(line, of, { patienceMs }).sign(Buffer.from('x'));
    await assert.rejects(signed(command('other')), /signed with another key than that of Olga, or something else than it was given/);
    await assert.rejects(signed(command('raw'), memorySigner('Ivan').publicKey), /signed with another key than that of Ivan/);
    await assert.rejects(signed(command('text')), /answered no Ed25519 signature/);
    await assert.rejects(signed(command('fail')), /gave no signature of Olga: it ended with exit code 3/);
    await assert.rejects(signed(command('wait'), key, 1_000), /did not answer within 1 s/);
    await assert.rejects(signed(command('long')), /more than 4096 bytes/);
    await assert.rejects(signed('/no/such/program --x'), /there is no such program/);
    for (const line of ['', '  ', '""', 'sign "a b']) assert.throws(() => commandWords(line), /is no command/, line);
    assert.deepEqual(commandWords(`sign --pin='a b' "c d"e ; rm $HOME`), ['sign', '--pin=a b', 'c de', ';', 'rm', '$HOME']);
  });
});

describe('signatures that are passed on as files', () => {
  it('are taken in one by one until all are there; the copy that was signed stays as it was', async () => {
    const central = await makeCentral();
    await stageTemplate(central.folder, packedTemplate(ID, '1.0.0'), { now: Date.now() });
    const file = path.join(central.folder.path, 'drafts', `${FAMILY}.json`);
    const before = readFileSync(file, 'utf8');
    const files = await Promise.all(central.owners.map(async (owner) => (await signaturesFor(await openFolder(central.folder.path), [FAMILY], owner)).file));
    assert.equal(readFileSync(file, 'utf8'), before);
    for (const [at, each] of files.entries()) {
      assert.deepEqual((await release(central.folder, central.online, Date.now())).published, [], `${at} of three`);
      await takeSignatures(central.folder, [FAMILY], JSON.parse(JSON.stringify(each)));
      await takeSignatures(central.folder, [FAMILY], each);
    }
    assert.deepEqual((await release(central.folder, central.online, Date.now())).published, [FAMILY]);
    await assert.rejects(takeSignatures(central.folder, await draftRoles(central.folder), files[0]), /There is no draft of "procure-to-pay" here, which Olga has signed/);
  });

  it('are refused when they do not fit, and then nothing of the file is taken', async () => {
    const central = await makeCentral();
    await stageTemplate(central.folder, packedTemplate(ID, '1.0.0'), { now: Date.now() });
    const [olga, ivan] = central.owners;
    const { file } = await signaturesFor(central.folder, [FAMILY], olga);
    const of = ({ signatures }: { readonly signatures?: unknown }): Record<string, unknown> => (signatures as Record<string, unknown>[])[0]!;
    const refused = async (json: unknown, why: RegExp): Promise<void> => { await assert.rejects(takeSignatures(central.folder, [FAMILY], json), why); };
    for (const odd of [null, [], {}, { ...file, version: 2 }, { ...file, signatures: [] }, { ...file, signatures: [{ ...of(file), signature: 'x' }] }]) await refused(odd, /no file of signatures/);
    const stranger = memorySigner('Mallory').publicKey.keyId;
    await refused({ ...file, signatures: [of(file), { ...of(file), keyId: stranger, name: 'Mallory' }] }, /Mallory \([0-9a-f]{8}\) is not among those who sign procure-to-pay/);
    await refused({ ...file, signatures: [{ ...of(file), keyId: ivan.publicKey.keyId, name: 'Ivan' }] }, /The signature of Ivan under procure-to-pay does not fit/);
    await refused({ ...file, signatures: [{ ...of(file), role: '../../etc/passwd' }] }, /There is no draft of "\.\.\/\.\.\/etc\/passwd" here/);
    assert.deepEqual((await readDraft(central.folder, FAMILY))?.signatures, {});
    await stageTemplate(central.folder, packedTemplate(ID, '1.0.0', 'mended'), { now: Date.now() });
    await signDrafts(central.folder, [FAMILY], ivan);
    await refused(file, /Olga has signed another draft of procure-to-pay: it was changed since/);
    assert.deepEqual(Object.keys((await readDraft(central.folder, FAMILY))?.signatures ?? {}), [ivan.publicKey.keyId]);
  });
});

import assert from 'node:assert/strict';
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import type { JsonObject } from '../../../src/domain/json.ts';
import { service } from '../../../src/cli/commands/service.ts';
import { SERVICE_LINT_CODES, lintService } from '../../../src/governance/service/lint.ts';
import { ROOT } from '../../../scripts/lib/paths.ts';

const RECEIPT = path.join(ROOT, 'services', 'erp', 'goods-receipt');
const SHIPMENTS = path.join(ROOT, 'services', 'carrier', 'shipments');

interface Answer { readonly code: number; readonly out: string; readonly err: string }

/** Runs the command in this process. */
async function run(...args: readonly string[]): Promise<Answer> {
  const [out, err]: [string[], string[]] = [[], []];
  const before = { out: process.stdout.write, err: process.stderr.write };
  process.stdout.write = (text: string | Uint8Array) => out.push(String(text)) > 0;
  process.stderr.write = (text: string | Uint8Array) => err.push(String(text)) > 0;
  try {
    return { code: await service([...args]), out: out.join(''), err: err.join('') };
  } finally {
    Object.assign(process.stdout, { write: before.out });
    Object.assign(process.stderr, { write: before.err });
  }
}

describe('waybill service', () => {
  const home = mkdtempSync(path.join(tmpdir(), 'waybill-service-'));
  after(() => { rmSync(home, { recursive: true, force: true }); });

  /** A copy of a service with other members. */
  function copyOf(from: string, name: string, changes: (definition: Record<string, JsonObject>) => object): string {
    const folder = path.join(home, name);
    cpSync(from, folder, { recursive: true });
    const definition = JSON.parse(readFileSync(path.join(folder, 'service.json'), 'utf8')) as Record<string, JsonObject>;
    writeFileSync(path.join(folder, 'service.json'), JSON.stringify({ ...definition, ...changes(definition) }));
    return folder;
  }
  const codes = (folder: string): readonly string[] => lintService(folder).map(({ code, level }) => `${level} ${code}`);

  it('finds nothing in those of the repository, whose bindings their driver speaks', async () => {
    const folders = globSync('services/*/*', { cwd: ROOT }).map((each) => path.join(ROOT, each));
    assert.ok(folders.includes(RECEIPT) && folders.includes(SHIPMENTS));
    const { code, out } = await run('lint', ...folders);
    assert.deepEqual([code, out.split('\n').filter((line) => line.startsWith('error'))], [0, []], out);
  });

  it('makes a service that can be packed, and writes over nothing', async () => {
    const folder = path.join(home, 'new');
    const made = await run('new', folder, '--id', 'erp/x', '--title', 'X', '--owner', 'IT', '--system', 'erp', '--protocol', 'rest');
    assert.deepEqual([made.code, made.err], [0, '']);
    assert.deepEqual(codes(folder), []);
    assert.match((await run('new', folder, '--id', 'erp/x', '--title', 'X', '--owner', 'IT', '--system', 'erp', '--protocol', 'rest')).err, /service\.json is there already; nothing was written/);
    const packed = await run('pack', folder, '--out', `${home}${path.sep}`, '--json');
    const { file, target, bytes } = JSON.parse(packed.out) as { readonly file: string; readonly target: string; readonly bytes: number };
    assert.deepEqual([packed.code, target, readFileSync(file).length], [0, 'services/erp/x/0.1.0.json', bytes]);
    assert.deepEqual([(await run('diff', folder, file)).code, (await run('diff', folder, file)).out.split('\n').at(-2)], [0, 'No difference.']);
    const wrong = await run('new', path.join(home, 'other'), '--id', 'erp/x', '--title', 'X', '--owner', 'IT', '--system', 'erp', '--protocol', 'fax');
    assert.deepEqual([wrong.code, wrong.err], [2, 'waybill service: --protocol: It is one of rest, odata, json-rpc, xml-rpc, soap, edi, file, queue, sql.\n']);
  });

  it('says what is wrong before it is published, each with what to do', async () => {
    const operations = (definition: Record<string, JsonObject>): Record<string, JsonObject> => definition['operations'] as Record<string, JsonObject>;
    const odd = copyOf(SHIPMENTS, 'odd', (definition) => {
      const { bookShipment, ...rest } = operations(definition);
      const { answer: _answer, ...track } = rest['track']!;
      return {
        changelog: [{ version: '2.0.0', date: '2026-11-01', changes: ['Later.'] }], masked: ['/nobody'], objects: [], description: 'Use AKIAIOSFODNN7EXAMPLX.',
        operations: { ...rest, track, weigh: { title: 'Weigh', effect: 'writes', request: { type: 'object', properties: { weight: { type: 'number' } } }, answer: true, recovery: { by: 'none' }, binding: { method: 'POST', path: '/w' } }, bookShipment: { ...bookShipment, request: { type: 'object', required: ['reference', 'colour'], properties: { reference: { type: 'string' } } } } },
      };
    });
    writeFileSync(path.join(odd, 'samples', 'more.json'), '{"operation": "none"}');
    writeFileSync(path.join(odd, 'README.md'), ' ');
    const found = codes(odd);
    for (const code of ['error secret', 'error no-readme', 'error version-without-changes', 'warn version-not-newest', 'error sample-misfit', 'error sample-unknown-operation', 'warn sample-missing', 'warn contract-missing', 'warn nobody-knows', 'warn number-for-quantity', 'warn masked-nowhere', 'warn no-object']) assert.ok(found.includes(code), `${code} in ${found.join(', ')}`);
    assert.deepEqual(codes(copyOf(SHIPMENTS, 'shown', () => ({ masked: [] }))), ['warn nothing-masked']);
    assert.deepEqual(codes(copyOf(SHIPMENTS, 'wrong', () => ({ system: 'T M S' }))), ['error wrong-definition']);
    assert.deepEqual(codes(path.join(home, 'nowhere')), ['error wrong-folder']);
    const seen = new Set([...found, 'warn nothing-masked', 'error wrong-definition', 'error wrong-folder'].map((each) => each.split(' ')[1]));
    assert.deepEqual([...SERVICE_LINT_CODES].filter((code) => !seen.has(code)), []);
    const page = readFileSync(path.join(ROOT, 'docs', 'services.md'), 'utf8');
    for (const code of SERVICE_LINT_CODES) assert.ok(page.includes(`\`${code}\``), `docs/services.md says what ${code} is`);
    const speech = copyOf(RECEIPT, 'speech', (definition) => ({ operations: { ...operations(definition), getOrder: { ...operations(definition)['getOrder'], binding: { method: 'FETCH', path: 'orders' } } } }));
    const { code, out } = await run('lint', speech);
    assert.equal(code, 1);
    assert.match(out, /service\.json: \/operations\/getOrder\/binding\/method\n {6}"FETCH" is no method/);
    assert.deepEqual([(await run('pack', speech)).code, (await run('pack', odd)).code], [1, 1]);
  });

  it('tells what breaks those who call, and asks for the version that fits', async () => {
    const next = (version: string, name: string): string => copyOf(RECEIPT, name, (definition) => {
      const { receiptByKey: _gone, ...operations } = definition['operations'] as Record<string, JsonObject>;
      return { version, operations, title: 'Receipts' };
    });
    const low = await run('diff', RECEIPT, next('1.2.0', 'low'));
    assert.equal(low.code, 1);
    assert.match(low.out, /erp\/goods-receipt@1\.1\.0 → erp\/goods-receipt@1\.2\.0\n\nBreaking: those who call may have to change\n {2}\/operations\/receiptByKey: the operation is gone\n\nDoes not touch those who call\n {2}\/title: .*\n\nThose who call may have to change: version 1\.2\.0 is not enough after 1\.1\.0; raise it to 2\.0\.0 at least\.\n$/);
    const fits = await run('diff', RECEIPT, next('2.0.0', 'fits'), '--json');
    assert.deepEqual([fits.code, (JSON.parse(fits.out) as { weight: string; least: string }).weight, (JSON.parse(fits.out) as { least: string }).least], [0, 'breaking', '2.0.0']);
    assert.match((await run('diff', RECEIPT, SHIPMENTS)).out, /carrier\/shipments is another service than erp\/goods-receipt/);
    assert.match((await run('diff', RECEIPT, path.join(home, 'nothing'))).err, /There is no .*nothing; give a service's folder, or a packed file\.\n$/);
    assert.deepEqual([(await run('diff', RECEIPT)).code, (await run()).code, (await run('--help')).code], [2, 2, 0]);
  });
});

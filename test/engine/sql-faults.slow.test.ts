import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Big from 'big.js';
import type { ServiceDefinition } from '../../src/domain/service/index.ts';
import { stockService, TABLES } from '../connectors/sql/support.ts';
import { CuttingProxy } from '../support/cutting-proxy.ts';
import { ACCOUNT, DatabaseServer } from '../support/database-server.ts';
import { needs } from '../support/system-programs.ts';
import type { FlowNode, Look } from './support/messages.ts';
import { NodeRedProcess } from './support/node-red-process.ts';

const CASES = 12;
const ENGINES = ['postgresql', 'mariadb'] as const;
const quantityOf = (i: number): string => `${i}.000000001`;

interface Side { readonly engine: typeof ENGINES[number]; readonly database: DatabaseServer; readonly proxy: CuttingProxy; readonly service: ServiceDefinition }

describe('books of a PostgreSQL and a MariaDB after faults', function () {
  this.timeout(240_000);
  let folder: string;
  let sides: readonly Side[] = [];
  let node: NodeRedProcess | undefined;

  before(async function () {
    folder = mkdtempSync(path.join(tmpdir(), 'waybill-sql-'));
    for (const name of ['user', 'password'] as const) writeFileSync(path.join(folder, `${name}.secret`), ACCOUNT[name]);
    const openssl = needs(this, 'openssl');
    const programs = { postgresql: { server: needs(this, 'postgres'), init: needs(this, 'initdb'), openssl }, mariadb: { server: needs(this, 'mariadbd'), init: needs(this, 'mariadb-install-db'), openssl } };
    sides = await Promise.all(ENGINES.map(async (engine): Promise<Side> => {
      const database = await DatabaseServer.start(engine, programs[engine]);
      await database.sql(TABLES[engine]);
      await database.sql('INSERT INTO stock (item, quantity) VALUES (\'A\', 0)');
      const made = stockService(engine, {}, 4_000);
      const { receive } = made.operations;
      assert.ok(receive !== undefined);
      return { engine, database, proxy: await CuttingProxy.start(database.port), service: { ...made, id: `wms/stock-${engine}`, operations: { ...made.operations, receive: { ...receive, idempotency: { in: 'field', name: '/key', maxLength: 80 } } } } };
    }));
  });
  after(async () => {
    await node?.kill();
    for (const { database, proxy } of sides) {
      await proxy.stop();
      await database.stop();
    }
    rmSync(folder, { recursive: true, force: true });
  });

  const flows = (): FlowNode[] => [
    { id: 'tab', type: 'tab', label: 'Receiving' },
    ...sides.flatMap(({ engine, database, proxy, service }): FlowNode[] => [
      { id: `sys-${engine}`, type: 'waybill-system', name: engine, kind: 'wms', url: database.urlAt(proxy.port), urlType: 'str', secrets: ['user', 'password'].map((name) => ({ name, value: path.join(folder, `${name}.secret`), valueType: 'file' })), configVersion: 1 },
      { id: `open-${engine}`, z: 'tab', x: 0, y: 0, type: 'waybill-case-open', stepId: `open-${engine}`, process: 'procure-to-pay', template: 'receiving@1.0.0', facts: 'payload', factsType: 'msg', transportId: 'payload.id', transportIdType: 'msg', operatorType: 'msg', operator: '', configVersion: 1, wires: [[`call-${engine}`], []] },
      { id: `call-${engine}`, z: 'tab', x: 0, y: 0, type: 'waybill-call', stepId: `post-${engine}`, systemNode: `sys-${engine}`, service: `${service.id}@1.0.0`, operation: 'receive', body: 'payload', bodyType: 'msg', recordAs: 'receipt', configVersion: 1, wires: [[`done-${engine}`], []] },
      { id: `done-${engine}`, z: 'tab', x: 0, y: 0, type: 'waybill-case-close', stepId: `done-${engine}`, outcome: 'done', outcomeType: 'str', configVersion: 1, wires: [] },
    ]),
  ];

  async function open(): Promise<NodeRedProcess> {
    const started = new NodeRedProcess(path.join(folder, 'user'));
    await started.ask('open', { home: path.join(folder, 'home'), flows: flows(), tuning: { poisonEpochs: 10 }, services: sides.map(({ service }) => service) });
    return started;
  }

  const booked = async ({ database }: Side): Promise<number> => Number((await database.sql('SELECT count(*) AS n FROM movement'))[0]?.['n']);

  it('agree to the ninth decimal: with COMMITs whose answers are lost, the servers killed and ours killed', async () => {
    for (const { proxy } of sides) proxy.cutAt(Buffer.from('COMMIT'), true, 3);
    node = await open();
    for (const { engine } of sides) for (let i = 1; i <= CASES; i++) await node.ask('inject', { node: `open-${engine}`, msg: { payload: { id: `${engine}-${i}`, item: 'A', quantity: quantityOf(i) } } });
    for (const side of sides) while (await booked(side) < 4) await new Promise((resolve) => { setTimeout(resolve, 10); });
    await node.kill();
    node = await open();
    for (const { proxy } of sides) proxy.cutAt(Buffer.from('COMMIT'), false, 2);
    for (const { database } of sides) {
      await database.kill();
      await database.run();
    }
    let seen: Look;
    do {
      await new Promise((resolve) => { setTimeout(resolve, 200); });
      seen = await node.ask('look', {});
      assert.deepEqual(seen.open.flatMap(({ deadLetters, exceptions }) => [...deadLetters, ...exceptions]), []);
    } while (seen.open.length > 0);
    assert.deepEqual(seen.closed.map(({ outcome }) => outcome), Array.from({ length: CASES * sides.length }, () => 'done'));
    const total = Array.from({ length: CASES }, (_, i) => new Big(quantityOf(i + 1))).reduce((sum, each) => sum.plus(each)).toFixed();
    for (const { engine, database, proxy } of sides) {
      assert.ok(proxy.cuts >= 3, `${engine} lost answers`);
      const [row] = await database.sql('SELECT quantity FROM stock WHERE item = \'A\'');
      assert.equal(row?.['quantity'], total, `${engine}: one receipt for each case, none twice`);
      const movements = await database.sql('SELECT quantity FROM movement ORDER BY quantity');
      assert.deepEqual(movements.map(({ quantity }) => quantity), Array.from({ length: CASES }, (_, i) => quantityOf(i + 1)));
    }
  });
});

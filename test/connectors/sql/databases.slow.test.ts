import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { CuttingProxy } from '../../support/cutting-proxy.ts';
import { DatabaseServer } from '../../support/database-server.ts';
import { needs } from '../../support/system-programs.ts';
import { SqlCaller, stockService, TABLES } from './support.ts';

const COMMIT = Buffer.from('COMMIT');

for (const engine of ['postgresql', 'mariadb'] as const) {
  describe(`SQL against a real ${engine}`, function () {
    this.timeout(120_000);
    let database: DatabaseServer;
    let proxy: CuttingProxy;
    const open: SqlCaller[] = [];
    const maria = engine === 'mariadb';
    const key = maria ? '`key`' : 'key';

    function caller(service = stockService(engine), url = database.urlAt(proxy.port), options: ConstructorParameters<typeof SqlCaller>[2] = {}): SqlCaller {
      const made = new SqlCaller(url, service, options);
      open.push(made);
      return made;
    }

    before(async function () {
      const programs = engine === 'postgresql' ? { server: needs(this, 'postgres'), init: needs(this, 'initdb') } : { server: needs(this, 'mariadbd'), init: needs(this, 'mariadb-install-db') };
      database = await DatabaseServer.start(engine, { ...programs, openssl: needs(this, 'openssl') });
      proxy = await CuttingProxy.start(database.port);
      await database.sql(TABLES[engine]);
      await database.sql(`INSERT INTO stock (item, quantity, serial, counted, seen, planned, active, weight, payload, image) VALUES ('A', 1.000000001, 9223372036854775807, '2026-02-28', '2026-11-30 07:15:00.123456', '2026-11-30 07:15:00', ${maria ? '1' : 'true'}, 0.5, '{"lot":"L1","q":12345678.123456789}', ${maria ? 'x\'00ff\'' : '\'\\x00ff\''})`);
      await database.sql('INSERT INTO stock (item, quantity) VALUES (\'B\', 0), (\'C\', 10), (\'K\', 0)');
    });
    afterEach(async () => { for (const each of open.splice(0)) await each.line.close(); });
    after(async () => {
      await proxy?.stop();
      await database?.stop();
    });

    it('reads a row without losing a digit of a decimal, a 64-bit number or a time', async () => {
      const { outcome, notes } = await caller().call('stockOf', { item: 'A' });
      assert.deepEqual(outcome, {
        kind: 'done', answer: {
          item: 'A', quantity: '1.000000001', version: 1, serial: '9223372036854775807', counted: '2026-02-28', seen: '2026-11-30T07:15:00.123456Z', planned: '2026-11-30T07:15:00', active: maria ? 1 : true, weight: 0.5,
          payload: maria ? '{"lot":"L1","q":12345678.123456789}' : { lot: 'L1', q: '12345678.123456789' }, image: 'AP8=',
        },
      });
      assert.deepEqual(notes.map(({ method }) => method), ['READ']);
      assert.deepEqual((await caller().call('stockOf', { item: 'nothing' })).outcome, { kind: 'done', answer: null });
    });

    it('writes values exactly as they are: nine decimals, 64 bits, days, times with a zone, JSON', async () => {
      const service = stockService(engine, {
        put: {
          title: 'Put', effect: 'writes', recovery: { by: 'none' },
          binding: {
            statements: [{ statement: `INSERT INTO stock (item, quantity, serial, counted, seen, active, payload) VALUES (:item, :quantity, :serial, :counted, :seen, :active, ${maria ? ':payload' : ':payload'})`, changes: 1 }],
            parameters: { item: { type: 'text' }, quantity: { type: 'numeric(18,9)' }, serial: { type: 'integer' }, counted: { type: 'date' }, seen: { type: 'instant' }, active: { type: 'boolean' }, payload: { type: 'json', optional: true } },
          },
        },
      });
      const values = { item: 'W', quantity: '123456789.123456789', serial: '-9223372036854775808', counted: '2028-02-29', seen: '2026-11-30T08:15:00.123456+01:00', active: true, payload: [{ q: '0.1' }] };
      assert.equal((await caller(service).call('put', values)).outcome.kind, 'done');
      const { outcome } = await caller(service).call('stockOf', { item: 'W' });
      assert.ok(outcome.kind === 'done');
      const row = outcome.answer as Record<string, unknown>;
      assert.deepEqual([row['quantity'], row['serial'], row['counted'], row['seen']], ['123456789.123456789', '-9223372036854775808', '2028-02-29', '2026-11-30T07:15:00.123456Z']);
      assert.deepEqual(maria ? JSON.parse(String(row['payload'])) : row['payload'], [{ q: '0.1' }]);
      for (const [change, told] of [
        [{ quantity: '1.0000000001' }, /10 decimals, and the column keeps 9; round it in the mapping/], [{ quantity: 1.5 }, /no decimal number as text/], [{ quantity: '1234567890.1' }, /10 digits before the point/],
        [{ seen: '2026-11-30T08:15:00' }, /without a zone/], [{ seen: '2026-02-30T08:15:00Z' }, /no time that there is/], [{ counted: '2026-02-30' }, /no day of the calendar/], [{ serial: '9223372036854775808' }, /64 bits/], [{ item: null }, /no value for "item"/],
      ] as const) {
        const refused = (await caller(service).call('put', { ...values, ...change })).outcome;
        assert.ok(refused.kind === 'refused');
        assert.match(refused.problem.title, told);
      }
    });

    it('takes what looks like SQL for the text that it is', async () => {
      const names = ['\'; DROP TABLE stock; --', '\\\'; DELETE FROM stock WHERE \'1\'=\'1', 'A\' OR \'1\'=\'1', '$1 ? :item /* */'].map((item, index) => `${item}${index}`.slice(0, 20));
      const service = stockService(engine, { put: { title: 'Put', effect: 'writes', recovery: { by: 'none' }, binding: { statements: [{ statement: 'INSERT INTO stock (item, quantity) VALUES (:item, 0)' }], parameters: { item: { type: 'text' } } } } });
      for (const item of names) {
        assert.equal((await caller(service).call('stockOf', { item })).outcome.kind, 'done');
        assert.equal((await caller(service).call('put', { item })).outcome.kind, 'done');
        const { outcome } = await caller(service).call('stockOf', { item });
        assert.ok(outcome.kind === 'done');
        assert.equal((outcome.answer as { item: string }).item, item);
      }
    });

    it('changes nothing by an operation that says that it reads', async () => {
      const writing = maria ? 'SELECT nextval(numbers) AS n' : 'WITH gone AS (DELETE FROM stock RETURNING item) SELECT item FROM gone';
      if (maria) await database.sql('CREATE SEQUENCE numbers');
      const service = stockService(engine, { sly: { title: 'Sly', effect: 'reads', recovery: { by: 'safe' }, binding: { statement: writing } } });
      const before = await database.sql('SELECT count(*) AS n FROM stock');
      const { outcome } = await caller(service).call('sly', {});
      assert.ok(outcome.kind === 'again' && outcome.hopeless === true, JSON.stringify(outcome));
      assert.match(outcome.problem.title, /does not fit the database/);
      assert.deepEqual(await database.sql('SELECT count(*) AS n FROM stock'), before);
    });

    it('stops at rows without end, and at a row without end', async () => {
      const endless = maria ? 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n' : 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n';
      const wide = maria ? 'SELECT repeat(\'x\', 8000000) AS x' : 'SELECT repeat(\'x\', 8000000) AS x';
      const service = stockService(engine, { rows: { title: 'Rows', effect: 'reads', recovery: { by: 'safe' }, binding: { statement: endless, maxRows: 50 } }, wide: { title: 'Wide', effect: 'reads', recovery: { by: 'safe' }, binding: { statement: wide, answer: 'row' } } }, 2_000);
      for (const name of ['rows', 'wide']) {
        const { outcome } = await caller(service).call(name, {});
        // MariaDB counts to the end before it sends the first; its own limits end that.
        assert.ok(outcome.kind === 'refused' || outcome.kind === 'again', JSON.stringify(outcome));
        if (!maria || name === 'wide') assert.match(outcome.problem.title, /more rows, or longer ones/);
      }
      assert.equal((await caller(service).call('stockOf', { item: 'A' })).outcome.kind, 'done');
    });

    it('books a receipt once under its key, whoever comes again with it', async () => {
      const made = caller();
      const document = { item: 'K', quantity: '2.500000001', key: 'k-1' };
      const first = (await made.call('receive', document)).outcome;
      assert.ok(first.kind === 'done');
      const again = (await made.call('receive', document, { repeated: true })).outcome;
      assert.deepEqual(again, first, 'the same answer');
      const all = await Promise.all(Array.from({ length: 6 }, () => made.call('receive', { item: 'K', quantity: '1', key: 'k-2' })));
      assert.deepEqual(new Set(all.map(({ outcome }) => outcome.kind === 'done' ? (outcome.answer as { id: string }).id : outcome.kind)).size, 1, JSON.stringify(all.map(({ outcome }) => outcome)));
      const [row] = await database.sql('SELECT quantity FROM stock WHERE item = \'K\'');
      assert.equal(row?.['quantity'], '3.500000001');
    });

    it('does not know what became of a COMMIT whose answer is lost, and learns it by the key', async () => {
      const made = caller();
      for (const [index, passOn] of [true, false].entries()) {
        proxy.cutAt(COMMIT, passOn);
        const document = { item: 'C', quantity: '1.5', key: `c-${index}` };
        const { outcome } = await made.call('receive', document);
        assert.equal(outcome.kind, 'unknown', JSON.stringify(outcome));
        const { outcome: later } = await made.call('receive', document, { repeated: true });
        assert.equal(later.kind, 'done', JSON.stringify(later));
        assert.equal((await database.sql(`SELECT count(*) AS n FROM movement WHERE ${key} = 'c-${index}'`))[0]?.['n']?.toString(), '1');
      }
      assert.equal((await database.sql('SELECT quantity FROM stock WHERE item = \'C\''))[0]?.['quantity'], '13.000000000');
    });

    it('knows that nothing happened when the connection is lost before the COMMIT', async () => {
      const made = caller();
      proxy.cutAt(Buffer.from('INSERT INTO movement'), true);
      const { outcome } = await made.call('receive', { item: 'B', quantity: '7', key: 'lost' });
      assert.equal(outcome.kind, 'again', JSON.stringify(outcome));
      assert.equal((await made.call('receive', { item: 'B', quantity: '7', key: 'lost' })).outcome.kind, 'done');
      assert.equal((await database.sql('SELECT quantity FROM stock WHERE item = \'B\''))[0]?.['quantity'], '7.000000000');
    });

    it('takes all of it back when other rows were changed than have to be, and shows how it stands', async () => {
      const service = stockService(engine, {
        count: {
          title: 'Count', effect: 'writes', recovery: { by: 'none' },
          binding: {
            statements: [{ statement: 'UPDATE stock SET active = :active WHERE item = :item' }, { statement: 'UPDATE stock SET quantity = :quantity, version = version + 1 WHERE item = :item AND version = :version', changes: 1 }],
            newer: 'SELECT quantity, version, active FROM stock WHERE item = :item',
            parameters: { item: { type: 'text' }, quantity: { type: 'numeric(18,9)' }, version: { type: 'integer' }, active: { type: 'boolean' } },
          },
        },
      });
      await database.sql('INSERT INTO stock (item, quantity, version) VALUES (\'V\', 4, 3)');
      const { outcome } = await caller(service).call('count', { item: 'V', quantity: '5', version: 2, active: true });
      assert.ok(outcome.kind === 'conflict', JSON.stringify(outcome));
      assert.deepEqual(outcome.newer, { quantity: '4.000000000', version: 3, active: null });
      assert.equal((await caller(service).call('count', { item: 'V', quantity: '5', version: 3, active: true })).outcome.kind, 'done');
    });

    it('says what a constraint refuses, and books nothing', async () => {
      const { outcome } = await caller().call('receive', { item: 'B', quantity: '-99', key: 'below' });
      assert.ok(outcome.kind === 'refused', JSON.stringify(outcome));
      assert.match(outcome.problem.title, /The database does not take it: .*(check|CONSTRAINT|constraint)/);
      assert.equal((await database.sql(`SELECT count(*) AS n FROM waybill_calls WHERE ${key} = 'below'`))[0]?.['n']?.toString(), '0');
    });

    it('says that its owner has to mend the service when tables have changed under it', async () => {
      const made = caller();
      assert.equal((await made.call('stockOf', { item: 'A' })).outcome.kind, 'done');
      await database.sql('ALTER TABLE stock RENAME COLUMN weight TO mass');
      const { outcome } = await made.call('stockOf', { item: 'A' });
      assert.ok(outcome.kind === 'again' && outcome.hopeless === true, JSON.stringify(outcome));
      assert.match(outcome.problem.title, /weight.*The owner of the service has to mend it/);
      await database.sql('ALTER TABLE stock RENAME COLUMN mass TO weight');
      assert.equal((await made.call('stockOf', { item: 'A' })).outcome.kind, 'done');
      await database.sql(`ALTER TABLE stock ${maria ? 'MODIFY version decimal(6,2)' : 'ALTER version TYPE numeric(6,2)'}`);
      const changed = (await made.call('stockOf', { item: 'A' })).outcome;
      assert.ok(changed.kind === 'done');
      assert.equal((changed.answer as { version: unknown }).version, '1.00', 'another type is another value, which the contract sees');
      await database.sql(`ALTER TABLE stock ${maria ? 'MODIFY version int' : 'ALTER version TYPE int'}`);
    });

    it('signs in over TLS for the host of the address only, and takes a new password without a deploy', async () => {
      const ca = path.join(database.folder, 'ca.crt');
      assert.equal((await caller(stockService(engine), database.urlAt(database.port, 'localhost'), { tls: { ca } }).call('stockOf', { item: 'A' })).outcome.kind, 'done');
      const elsewhere = createServer((near) => { near.on('error', () => undefined).pipe(connect(database.port, '127.0.0.1').on('error', () => undefined)).pipe(near); }).listen(0, '127.0.0.2');
      await once(elsewhere, 'listening');
      const other = (await caller(stockService(engine), database.urlAt((elsewhere.address() as AddressInfo).port, '127.0.0.2'), { tls: { ca } }).call('stockOf', { item: 'A' })).outcome;
      await new Promise((resolve) => { elsewhere.close(resolve); });
      assert.ok(other.kind === 'again');
      assert.match(other.problem.title, maria ? /cannot be checked; write its host name/ : /altnames/, 'a certificate for another host');
      if (!maria) assert.equal((await caller(stockService(engine), database.url, { tls: { ca } }).call('stockOf', { item: 'A' })).outcome.kind, 'done', 'an address in numbers that the certificate names');
      const [accounts, password] = [{ user: 'waybill', password: 'wrong' }, 'Kai7-Dolmetsch'];
      const wrong = caller(stockService(engine), database.url, { account: accounts });
      const refused = (await wrong.call('stockOf', { item: 'A' })).outcome;
      assert.ok(refused.kind === 'again' && refused.hopeless === true, JSON.stringify(refused));
      assert.ok(!JSON.stringify(refused).includes(accounts.password));
      accounts.password = password;
      assert.equal((await wrong.call('stockOf', { item: 'A' })).outcome.kind, 'done');
      assert.equal(await wrong.line.reach(wrong.service), undefined);
    });

    it('goes on after the server was killed in the middle of a transaction', async () => {
      const made = caller();
      assert.equal((await made.call('stockOf', { item: 'A' })).outcome.kind, 'done');
      // Somebody else holds the row, so that the call waits in its transaction.
      const held = database.sql(maria ? 'START TRANSACTION; SELECT * FROM stock WHERE item = \'C\' FOR UPDATE; SELECT sleep(60)' : 'BEGIN; SELECT * FROM stock WHERE item = \'C\' FOR UPDATE; SELECT pg_sleep(60)').catch(() => undefined);
      const one = async (where: string): Promise<void> => {
        while ((await database.sql(`SELECT count(*) AS n FROM ${where}`))[0]?.['n']?.toString() !== '1') await new Promise((resolve) => { setTimeout(resolve, 20); });
      };
      await one(maria ? 'information_schema.processlist WHERE state = \'User sleep\'' : 'pg_stat_activity WHERE wait_event = \'PgSleep\'');
      const call = made.call('receive', { item: 'C', quantity: '1', key: 'killed' });
      await one(maria ? 'information_schema.processlist WHERE info LIKE \'UPDATE stock%\'' : 'pg_stat_activity WHERE wait_event_type = \'Lock\'');
      await database.kill();
      await held;
      assert.equal((await call).outcome.kind, 'again', 'no COMMIT was sent');
      assert.equal((await made.call('receive', { item: 'C', quantity: '1', key: 'killed' })).outcome.kind, 'again');
      await database.run();
      assert.equal((await made.call('receive', { item: 'C', quantity: '1', key: 'killed' })).outcome.kind, 'done');
      assert.equal((await database.sql('SELECT quantity FROM stock WHERE item = \'C\''))[0]?.['quantity'], '14.000000000');
    });
  });
}

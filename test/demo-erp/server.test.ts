import assert from 'node:assert/strict';
import { createDemoErp, type DemoErp } from '../../demo/erp/server.ts';
import { scenarios, type PurchaseOrderLine } from '../../demo/erp/seed.ts';

type Body = Record<string, unknown>;

describe('Demo ERP over HTTP', () => {
  let erp: DemoErp;
  let open: PurchaseOrderLine;

  before(async () => {
    erp = await createDemoErp({ storePath: ':memory:' });
    const seeded = await call('POST', '/_seed', { generate: { seed: 7, count: 60 } });
    assert.equal(seeded.status, 200);
    open = [...scenarios(7, 60)].find((scenario) => scenario.kind === 'exact')?.lines[0] as PurchaseOrderLine;
  });
  after(() => erp.close());
  afterEach(async () => assert.equal((await call('POST', '/_faults', { mode: 'none' })).status, 200));

  async function call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<{ status: number; body: Body; headers: Headers }> {
    const response = await fetch(erp.url + path, { method, headers: { 'content-type': 'application/json', ...headers }, ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }) });
    return { status: response.status, body: (await response.json()) as Body, headers: response.headers };
  }

  function receipt(more: Body = {}): Body {
    return { po: open.po, line: open.line, gtin: open.gtin, quantity: '2.5', unit: open.unit, postingDate: '2026-06-01', reference: 'case-1', ...more };
  }

  function post(key: string, body: unknown): ReturnType<typeof call> {
    return call('POST', '/goods-receipts', body, { 'idempotency-key': key });
  }

  async function refusal(key: string, body: unknown): Promise<[number, unknown]> {
    const answer = await post(key, body);
    assert.equal(answer.headers.get('content-type'), 'application/problem+json');
    assert.equal(answer.body['status'], answer.status);
    return [answer.status, answer.body['code']];
  }

  it('says of a handling unit what was announced, of loose goods what was ordered', async () => {
    const [unit] = [...scenarios(7, 60)].find((scenario) => scenario.kind === 'exact')?.asns ?? [];
    assert.deepEqual((await call('GET', `/announcements?sscc=${unit?.sscc ?? ''}`)).body, (await call('GET', `/asns/${unit?.sscc ?? ''}`)).body);
    const loose = await call('GET', `/announcements?po=${open.po}&gtin=${open.gtin}`);
    assert.deepEqual([loose.status, (loose.body['items'] as readonly Body[]).map(({ line }) => line)], [200, [open.line]]);
    for (const nothing of ['', '?sscc=000000000000000000', `?po=${open.po}`, `?gtin=${open.gtin}`, '?po=none&gtin=1']) assert.equal((await call('GET', `/announcements${nothing}`)).status, 404, nothing);
  });

  it('answers for what the generator says it made', async () => {
    for (const scenario of scenarios(7, 60)) {
      for (const line of scenario.lines) assert.deepEqual((await call('GET', `/purchase-orders/${line.po}/lines/${line.line}`)).body, line);
      for (const asn of scenario.asns) assert.deepEqual((await call('GET', `/asns/${asn.sscc}`)).body, asn);
      if (scenario.kind === 'no-asn') assert.equal((await call('GET', `/asns/${scenario.ssccs[0]}`)).status, 404);
    }
  });

  it('finds lines by article and the whole order', async () => {
    assert.deepEqual((await call('GET', `/purchase-orders/${open.po}/lines?gtin=${open.gtin}`)).body, { items: [open] });
    const order = (await call('GET', `/purchase-orders/${open.po}`)).body;
    assert.equal((order['lines'] as unknown[]).length, erp.store.lines(open.po).length);
    for (const path of ['/purchase-orders/1', '/purchase-orders/1/lines/10', `/purchase-orders/${open.po}/lines?gtin=00000000000000`, '/asns/1', '/', '/x', `/purchase-orders/${open.po}/lines/10/x`, '/asns/%zz']) {
      const answer = await call('GET', path);
      assert.deepEqual([answer.status, answer.body['code']], [404, 'not-found'], path);
    }
    assert.equal((await call('DELETE', '/asns/1')).status, 405);
  });

  it('posts a receipt once per key', async () => {
    const first = await post('key-1', receipt());
    assert.equal(first.status, 201);
    assert.match(String(first.body['receipt']), /^GR-\d{6}$/);
    assert.equal(erp.store.line(open.po, open.line)?.received, '2.5');
    const again = await post('key-1', receipt({ quantity: '2.50' }));
    assert.equal(again.status, 200);
    assert.equal(again.headers.get('idempotent-replay'), 'true');
    assert.deepEqual(again.body, first.body);
    assert.equal(erp.store.line(open.po, open.line)?.received, '2.5');
    assert.deepEqual(await refusal('key-1', receipt({ quantity: '3' })), [422, 'idempotency-key-reused']);
    assert.deepEqual((await call('GET', '/goods-receipts/by-key/key-1')).body, first.body);
    assert.equal((await call('GET', '/goods-receipts/by-key/key-x')).status, 404);
  });

  it('posts once when the same key comes many times at the same instant', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => post('key-storm', receipt({ reference: 'storm' }))));
    assert.deepEqual(answers.map((answer) => answer.status).sort(), [...Array<number>(19).fill(200), 201]);
    assert.equal(((await call('GET', '/goods-receipts?reference=storm')).body['items'] as unknown[]).length, 1);
  });

  it('refuses what cannot be posted', async () => {
    const closed = [...scenarios(7, 60)].find((scenario) => scenario.kind === 'closed-line')?.lines[0] as PurchaseOrderLine;
    assert.deepEqual(await refusal('r-1', receipt({ po: closed.po, line: closed.line, gtin: closed.gtin, unit: closed.unit })), [422, 'line-closed']);
    assert.deepEqual(await refusal('r-2', receipt({ po: '1' })), [422, 'unknown-purchase-order']);
    assert.deepEqual(await refusal('r-3', receipt({ line: '990' })), [422, 'unknown-line']);
    assert.deepEqual(await refusal('r-4', receipt({ gtin: '00000000000000' })), [422, 'gtin-mismatch']);
    assert.deepEqual(await refusal('r-5', receipt({ unit: 'XX' })), [422, 'unit-mismatch']);
    assert.deepEqual(await refusal('r-6', receipt({ reversalOf: 'GR-999999' })), [422, 'unknown-receipt']);
    assert.deepEqual(await refusal('r-7', '{'), [400, 'malformed-json']);
    assert.deepEqual(await refusal('r-8', '[]'), [400, 'invalid-body']);
    for (const wrong of [{ quantity: 2 }, { quantity: '-1' }, { quantity: '0' }, { quantity: '1e3' }, { postingDate: '2026-02-30' }, { postingDate: 'today' }, { reference: '' }, { gtin: '12' }, { final: 1 }, { sscc: '1' }, { po: undefined }]) {
      assert.deepEqual(await refusal('r-9', receipt(wrong)), [400, 'invalid-body'], JSON.stringify(wrong));
    }
    const without = await call('POST', '/goods-receipts', receipt());
    assert.deepEqual([without.status, without.body['code']], [400, 'idempotency-key-missing']);
    assert.deepEqual(await refusal('r-10', `"${'x'.repeat(300_000)}"`), [413, 'body-too-large']);
  });

  it('completes a line, and a reversal opens it again', async () => {
    const line = [...scenarios(7, 60)].find((scenario) => scenario.kind === 'short-final')?.lines[0] as PurchaseOrderLine;
    const of = (more: Body): Body => receipt({ po: line.po, line: line.line, gtin: line.gtin, unit: line.unit, reference: 'case-2', ...more });
    const posted = await post('f-1', of({ quantity: '10', final: true }));
    assert.equal(erp.store.line(line.po, line.line)?.deliveryComplete, true);
    assert.deepEqual(await refusal('f-2', of({ quantity: '1' })), [422, 'line-closed']);
    const number = posted.body['receipt'];
    const reversal = await post('f-3', of({ quantity: '4', reversalOf: number }));
    assert.deepEqual([reversal.status, reversal.body['quantity'], reversal.body['reversalOf']], [201, '-4', number]);
    assert.deepEqual(erp.store.line(line.po, line.line)?.received, '6');
    assert.equal(erp.store.line(line.po, line.line)?.deliveryComplete, false);
    assert.deepEqual(await refusal('f-4', of({ quantity: '6.000001', reversalOf: number })), [422, 'reversal-exceeds-receipt']);
    assert.deepEqual(await refusal('f-5', of({ quantity: '1', reversalOf: reversal.body['receipt'] })), [422, 'unknown-receipt']);
    assert.equal((await post('f-6', of({ quantity: '6', reversalOf: number }))).status, 201);
    assert.equal(erp.store.line(line.po, line.line)?.received, '0');
    assert.equal((await post('f-7', of({ quantity: '0', final: true }))).status, 201);
  });

  it('pages through receipts', async () => {
    for (let i = 0; i < 5; i += 1) assert.equal((await post(`p-${i}`, receipt({ quantity: '1', reference: 'pages' }))).status, 201);
    const seen: unknown[] = [];
    let after = '';
    for (let pages = 0; pages < 10; pages += 1) {
      const { body } = await call('GET', `/goods-receipts?reference=pages&limit=2${after}`);
      seen.push(...(body['items'] as Body[]).map((item) => item['idempotencyKey']));
      if (body['next'] === undefined) break;
      after = `&after=${String(body['next'])}`;
    }
    assert.deepEqual(seen, ['p-0', 'p-1', 'p-2', 'p-3', 'p-4']);
    assert.ok(((await call('GET', `/goods-receipts?po=${open.po}`)).body['items'] as unknown[]).length >= 5);
  });

  describe('with faults', () => {
    const faults = (settings: Body): ReturnType<typeof call> => call('POST', '/_faults', settings);

    it('down: cuts the connection, but not for /_…', async () => {
      await faults({ mode: 'down' });
      await assert.rejects(call('GET', `/purchase-orders/${open.po}`));
      await assert.rejects(post('d-1', receipt()));
      assert.equal(((await call('GET', '/_faults')).body)['mode'], 'down');
      assert.equal(erp.store.receiptByKey('d-1'), undefined);
    });

    it('error: answers 5xx before anything is done, repeatably by seed', async () => {
      const run = async (name: string): Promise<number[]> => {
        await faults({ mode: 'error', rate: 0.5, seed: 42, paths: ['/goods-receipts'] });
        const statuses: number[] = [];
        for (let i = 0; i < 20; i += 1) statuses.push((await post(`${name}-${i}`, receipt({ quantity: '1', reference: name }))).status);
        return statuses;
      };
      const first = await run('e1');
      assert.deepEqual(await run('e2'), first);
      const failed = first.filter((status) => status >= 500).length;
      assert.ok(failed > 3 && failed < 17);
      assert.equal(erp.store.receipts({ reference: 'e1', limit: 100 }).length, 20 - failed);
      assert.equal((await call('GET', `/purchase-orders/${open.po}`)).status, 200, 'other paths work');
      await faults({ mode: 'error', status: 503, retryAfterSeconds: 7 });
      const answer = await post('e-x', receipt());
      assert.deepEqual([answer.status, answer.headers.get('retry-after')], [503, '7']);
    });

    it('drop-after-commit: the receipt is there, the answer is not', async () => {
      await faults({ mode: 'drop-after-commit' });
      await assert.rejects(post('u-1', receipt({ reference: 'unknown' })));
      const found = await call('GET', '/goods-receipts/by-key/u-1');
      assert.deepEqual([found.status, found.body['reference']], [200, 'unknown']);
      await faults({ mode: 'none' });
      assert.equal((await post('u-1', receipt({ reference: 'unknown' }))).headers.get('idempotent-replay'), 'true');
    });

    it('rate-limit: 429 with Retry-After', async () => {
      await faults({ mode: 'rate-limit', retryAfterSeconds: 3 });
      const answer = await post('l-1', receipt());
      assert.deepEqual([answer.status, answer.headers.get('retry-after'), answer.body['code']], [429, '3', 'rate-limited']);
    });

    it('slow: answers all the same', async () => {
      await faults({ mode: 'slow', delayMs: 20 });
      assert.equal((await post('s-1', receipt())).status, 201);
      const stats = (await call('GET', '/_stats')).body;
      assert.ok((stats['faultsInjected'] as Record<string, number>)['slow'] as number >= 1);
    });

    it('refuses settings that it does not understand', async () => {
      for (const settings of [{ mode: 'sleepy' }, { mode: 'error', rate: 2 }, { paths: 'x' }, { status: 200 }, []]) assert.equal((await faults(settings as Body)).status, 400, JSON.stringify(settings));
    });
  });

  it('takes lines and handling units as they are, and refuses what is none', async () => {
    const line = { po: 'PO-1', line: '10', gtin: '09521001000011', ordered: '5', unit: 'EA' };
    assert.equal((await call('POST', '/_seed', { lines: [line], asns: [{ sscc: '300000000000000007', po: 'PO-1', line: '10', gtin: line.gtin, quantity: '5', unit: 'EA' , supplier: 'S-1' }] })).status, 200);
    assert.equal((await call('GET', '/purchase-orders/PO-1/lines/10')).body['overDeliveryTolerancePercent'], '5');
    assert.equal((await call('GET', '/asns/300000000000000007')).body['quantity'], '5');
    for (const body of [{ lines: [{}] }, { asns: [5] }, { generate: { count: 'many' } }, { generate: {} }, 'null', 7]) assert.equal((await call('POST', '/_seed', body)).status, 400, JSON.stringify(body));
  });
});

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readMetadata } from '../../src/connectors/odata/index.ts';
import { minus, plus, rounded, times } from '../../src/domain/decimals.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import type { ServiceDefinition } from '../../src/domain/service/index.ts';
import { purchasing } from '../connectors/odata/support/purchasing.ts';
import { exchange } from '../connectors/odata/support/drive.ts';
import type { FlowNode, Look } from '../engine/support/messages.ts';
import { Cap } from '../support/cap/cap.ts';
import { FaultProxy } from '../support/fault-proxy.ts';
import type { Fault, PlannedFault } from '../support/fault-proxy.ts';
import { KilledNodeRed } from './support/killed-node-red.ts';
import { faultTable, keepTables, table } from '../support/fault-tables.ts';

const LONG = process.env['WAYBILL_CRASH_LONG'] === '1';
const ROUNDS = LONG ? 12 : 1;
const ORDERS = 4;
const RECEIPTS = 4 * ROUNDS;
const PRICE = '12.35';
/** Far above what an undisturbed call takes on a slow machine; what is late by is above it. */
const timeoutMs = 3_000;

const batch = /\$batch/;
const read = /^GET \S*\/PurchaseOrders\(/;
const asked = /^GET \S*\/GoodsReceipts\?/;
const invoice = /\/matchInvoice/;
const PLACES = new Map([[batch, 'receipt'], [read, 'order read'], [asked, 'question what became of it'], [invoice, 'invoice match']]);

interface Receipt { readonly id: string; readonly order: string; readonly quantity: string }

describe('the books of SAP CAP after a run with faults, through call and a killed Node-RED', function () {
  this.timeout(LONG ? 1_800_000 : 240_000);
  let folder: string;
  let cap: Cap;
  let proxy: FaultProxy;
  let quiet: FaultProxy;
  let dock: KilledNodeRed;
  let patient: KilledNodeRed;
  let service: ServiceDefinition;
  const token = { authorization: '' };

  before(async function () {
    cap = await Cap.start(this, 'csrf', 'oauth');
    folder = mkdtempSync(path.join(tmpdir(), 'waybill-cap-books-'));
    writeFileSync(path.join(folder, 'secret'), 'waybill\n');
    [proxy, quiet] = await Promise.all([FaultProxy.start(cap.port), FaultProxy.start(cap.port)]);
    await signIn();
    const metadata = await ask('GET', '/odata/v4/purchasing/$metadata');
    service = serviceOf(readMetadata(Buffer.from(metadata)));
    for (let order = 1; order <= ORDERS + 1; order += 1) await makeOrder(orderNo(order), order > ORDERS ? '40.000' : '1000000.000');
    [dock, patient] = await Promise.all([
      KilledNodeRed.start({ folder, name: 'dock', flows: flows(proxy.url, '1.0.0'), services: [service] }),
      KilledNodeRed.start({ folder, name: 'patient', flows: flows(quiet.url, '1.1.0'), services: [{ ...service, version: '1.1.0', timeouts: { connectMs: 5_000, headersMs: 50_000, totalMs: 60_000 } }] }),
    ]);
  });
  after(async () => {
    await Promise.all([dock?.stop(), patient?.stop()]);
    await Promise.all([proxy?.stop(), quiet?.stop()]);
    await cap?.stop();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  const orderNo = (order: number): string => String(4_600_000_000 + order);

  async function signIn(): Promise<void> {
    const answer = await fetch(`${cap.url}/token`, { method: 'POST' });
    token.authorization = `Bearer ${(await answer.json() as { access_token: string }).access_token}`;
  }
  /** Past everything that is tested. */
  async function ask(method: string, at: string, body?: object): Promise<string> {
    const session = await fetch(`${cap.url}/odata/v4/purchasing/`, { headers: { ...token, 'x-csrf-token': 'fetch' } });
    await session.arrayBuffer();
    const answer = await exchange(cap.url, {
      method, path: at, safe: method === 'GET', body: body === undefined ? undefined : JSON.stringify(body),
      headers: { ...token, 'x-csrf-token': session.headers.get('x-csrf-token') ?? '', 'cookie': session.headers.getSetCookie().map((each) => each.split(';')[0]).join('; '), 'content-type': 'application/json;IEEE754Compatible=true', ...(method === 'PATCH' ? { 'if-match': '*' } : {}), 'accept': at.includes('$metadata') ? 'application/xml' : 'application/json;IEEE754Compatible=true' },
    }, 60_000);
    assert.ok(answer.kind === 'response' && answer.status < 300, JSON.stringify(answer.kind === 'response' ? [answer.status, Buffer.from(answer.body).toString()] : answer));
    return Buffer.from(answer.body).toString();
  }
  async function all(set: string, options = ''): Promise<readonly JsonObject[]> {
    const found: JsonObject[] = [];
    for (let at = `/odata/v4/purchasing/${set}${options}`; at !== '';) {
      const page = JSON.parse(await ask('GET', at)) as { readonly value: readonly JsonObject[]; readonly '@odata.nextLink'?: string };
      found.push(...page.value);
      at = page['@odata.nextLink'] === undefined ? '' : `/odata/v4/purchasing/${page['@odata.nextLink']}`;
    }
    return found;
  }
  const makeOrder = (number: string, quantity: string): Promise<string> => ask('POST', '/odata/v4/purchasing/PurchaseOrders', { orderNo: number, supplier: 'Mill & Sons', currency: 'EUR', items: [{ line: 10, item: 'PALLET', quantity, unit: 'PCE', price: PRICE }] });

  /** One receipt and the order's note are a change set, under the order's ETag: what was read has to hold until it is booked. */
  function serviceOf(metadata: ReturnType<typeof readMetadata>): ServiceDefinition {
    const base = purchasing('/odata/v4/purchasing', metadata, { metadataMinutes: 1 / 60 });
    const { readOrder, findReceipt, receiveAndLook, matchInvoice } = base.operations as Record<string, ServiceDefinition['operations'][string]>;
    return {
      ...base, id: 'erp/purchasing', authentication: { kind: 'oauth2-client-credentials', tokenUrl: '/token' }, limits: { concurrency: 4, perSecond: 0, burst: 0 },
      timeouts: { connectMs: timeoutMs, headersMs: timeoutMs, totalMs: timeoutMs }, retry: { maxAttempts: 60, maxMinutes: 60, baseDelaySeconds: 0.1, maxDelaySeconds: 0.5 }, circuit: { failures: 0, openSeconds: 1 },
      operations: {
        readOrder: readOrder!, findReceipt: findReceipt!,
        receive: {
          ...receiveAndLook!, binding: { do: 'batch', requests: [{ id: 'order', do: 'update', entitySet: 'PurchaseOrders' }, { id: 'receipt', do: 'create', entitySet: 'GoodsReceipts' }] },
          recovery: { by: 'query', operation: 'findReceipt', document: { reference: '{key}' } },
        },
        matchInvoice: { ...matchInvoice!, recovery: { by: 'query', operation: 'findMatched', document: { invoiceNo: '{/invoiceNo}' } } },
        findMatched: { title: 'Matched invoices', effect: 'reads', recovery: { by: 'safe' }, binding: { do: 'query', entitySet: 'Invoices', filter: { all: [{ property: 'invoiceNo', from: '/invoiceNo' }, { property: 'matched', value: true }] } } },
      },
    };
  }

  function flows(url: string, version: string): FlowNode[] {
    const place = { z: 'tab', x: 0, y: 0, configVersion: 1 };
    const call = (id: string, operation: string, body: string, more: object): FlowNode => ({ ...place, id, type: 'waybill-call', stepId: id, systemNode: 'sys', service: `erp/purchasing@${version}`, operation, body, bodyType: 'jsonata', ...more });
    const opened = (id: string, next: string): FlowNode => ({ ...place, id, type: 'waybill-case-open', stepId: id, process: 'procure-to-pay', template: 'receiving@1.0.0', facts: 'payload', factsType: 'msg', transportId: 'payload.id', transportIdType: 'msg', operator: '', operatorType: 'msg', wires: [[next], []] });
    const close = (id: string): FlowNode => ({ ...place, id, type: 'waybill-case-close', stepId: id, outcome: id, outcomeType: 'str', wires: [] });
    return [
      { id: 'tab', type: 'tab', label: 'Receiving' },
      { id: 'sys', type: 'waybill-system', name: 'cap', kind: 'erp', url, urlType: 'str', secrets: ['clientId', 'clientSecret'].map((name) => ({ name, value: path.join(folder, 'secret'), valueType: 'file' })), configVersion: 1 },
      opened('open', 'read'),
      call('read', 'readOrder', '{"orderNo": $facts.order}', { recordAs: 'found', outputs: 2, wires: [['receive'], ['unknown']] }),
      call('receive', 'receive', '{"receipt": {"order_orderNo": $facts.order, "items": [{"line": 1, "orderLine": 10, "quantity": $facts.quantity}]}, "order": {"orderNo": $facts.order, "note": $facts.id, "@odata.etag": $lookup($facts.found, "@odata.etag")}}', {
        recordAs: 'receipt', conflictOutput: true, outputs: 3, wires: [['booked'], ['refused'], ['read']],
      }),
      opened('invoiced', 'match'),
      call('match', 'matchInvoice', '{"invoiceNo": $facts.invoice, "amount": $facts.amount}', { outputs: 2, wires: [['matched'], ['differs']] }),
      ...['booked', 'refused', 'unknown', 'matched', 'differs'].map(close),
    ];
  }

  const killCap = async (): Promise<void> => {
    await cap.kill();
    await cap.start();
    await signIn();
  };
  const expire = async (): Promise<void> => {
    await (await fetch(`${cap.url}/token/expire`, { method: 'POST' })).arrayBuffer();
    await signIn();
  };

  function plan(): PlannedFault[] {
    const at = (where: RegExp, ...faults: readonly Fault[]): PlannedFault[] => faults.map((fault) => ({ at: where, fault }));
    const status = (code: number, retryAfter?: string): Fault => ({ kind: 'status', status: code, ...(retryAfter === undefined ? {} : { retryAfter }) });
    return [
      ...at(read, status(503), { kind: 'half' }), ...at(batch, { kind: 'cut-after' }, status(412), { kind: 'first', then: expire }, status(429, '1')), ...at(asked, { kind: 'cut-before' }),
      ...at(batch, { kind: 'then', then: dock.kill }, { kind: 'half' }, status(503, '1'), { kind: 'while', then: killCap }, { kind: 'slow', ms: timeoutMs + 1_000 }, { kind: 'half-sealed' }),
      ...at(read, { kind: 'then', then: dock.kill }, { kind: 'slow', ms: timeoutMs + 500 }), ...at(batch, { kind: 'late', ms: timeoutMs + 500 }, status(500), { kind: 'web-page' }),
    ];
  }

  /** Keys of all effects of a case's step. */
  async function keysOf(node: KilledNodeRed, caseId: string): Promise<readonly string[]> {
    const events = await node.ask((running) => running.ask('events', { streamId: caseId }));
    return events.flatMap((event) => (event.type === 'EffectIntended' && event.data.operation === 'receive' ? [event.data.idempotencyKey] : []));
  }

  it('has a receipt for each closed case and none twice, to the unit; so have the invoices to the cent', async () => {
    quiet.plan = [{ at: batch, fault: { kind: 'slow', ms: 30_000 } }];
    const waits: Receipt = { id: 'patient', order: orderNo(1), quantity: '0.001' };
    await patient.inject('open', [waits]);

    const receipts = Array.from({ length: ORDERS * RECEIPTS }, (_, index): Receipt => ({ id: `r-${index}`, order: orderNo(1 + (index % ORDERS)), quantity: index % 9 === 8 ? '9999999.000' : `${index + 1}.125` }));
    proxy.plan = Array.from({ length: ROUNDS }, plan).flat();
    const planned = proxy.plan.length;
    await dock.inject('open', receipts);
    await dock.atRest(noDeadLetter);
    while (proxy.plan.length > 0) { // what is over came by fewer requests than there are faults for
      const more: Receipt = { id: `r-${receipts.length}`, order: orderNo(1 + (receipts.length % ORDERS)), quantity: '1.5' };
      receipts.push(more);
      await dock.inject('open', [more]);
      await dock.atRest(noDeadLetter);
    }
    assert.equal(proxy.struck.length, planned);

    // Somebody lowers the quantity between the reading and the booking: 412, the newer state, and then too much.
    const short: Receipt = { id: 'short', order: orderNo(ORDERS + 1), quantity: '40' };
    proxy.plan = [{ at: read, fault: { kind: 'then', then: async () => {
      await ask('PATCH', `/odata/v4/purchasing/PurchaseOrderItems(order_orderNo='${short.order}',line=10)`, { quantity: '30.000' });
      await ask('PATCH', `/odata/v4/purchasing/PurchaseOrders('${short.order}')`, { note: 'only 30' });
    } } }];
    await dock.inject('open', [short]);
    const seen = await dock.atRest(noDeadLetter);
    proxy.struck.pop(); // that was no fault
    const lines = await Promise.all(seen.closed.map(async ({ caseId, outcome }) => {
      const events = await dock.ask((running) => running.ask('events', { streamId: caseId }));
      const facts = events.find((event) => event.type === 'CaseOpened')?.content?.document as JsonObject | undefined;
      return { caseId, outcome, id: String(facts?.['id']), order: String(facts?.['order']), quantity: String(facts?.['quantity']), keys: await keysOf(dock, caseId), conflicts: events.filter((event) => event.type === 'CallEnded' && event.data.errorClass === 'conflict') };
    }));
    const ofShort = lines.find(({ id }) => id === short.id);
    assert.equal(ofShort?.outcome, 'refused');
    assert.equal(((ofShort.conflicts[0]?.content as unknown as { readonly response: { readonly newer: JsonObject } }).response.newer)['note'], 'only 30', 'the conflict came with the newer state');

    const rest = await patient.atRest(noDeadLetter);
    assert.deepEqual(rest.closed.map(({ outcome }) => outcome), ['booked']);
    const patientKeys = await keysOf(patient, rest.closed[0]!.caseId);
    assert.equal(patientKeys.length, 1);
    const calls = (await patient.ask((running) => running.ask('events', { streamId: rest.closed[0]!.caseId }))).filter((event) => event.type === 'CallEnded');
    assert.ok(calls.some((event) => event.type === 'CallEnded' && event.data.outcome === 'success' && event.data.durationMs >= 30_000), 'an answer after 30 s was waited for');

    const inCap = await all('GoodsReceipts', '?$expand=items&$orderby=reference');
    const booked = lines.filter(({ outcome }) => outcome === 'booked');
    assert.deepEqual(lines.filter(({ quantity }) => quantity.startsWith('9999999')).map(({ outcome }) => outcome), receipts.filter(({ quantity }) => quantity.startsWith('9999999')).map(() => 'refused'));
    assert.equal(booked.length, receipts.filter(({ quantity }) => !quantity.startsWith('9999999')).length);
    assert.equal(inCap.length, booked.length + 1, 'as many receipts as closed cases');
    for (const { id, keys } of booked) assert.equal(inCap.filter(({ reference }) => keys.includes(String(reference))).length, 1, `${id} is booked once`);
    const orders = await all('PurchaseOrders', '?$expand=items&$orderby=orderNo');
    const rows = Array.from({ length: ORDERS }, (_, index) => orderNo(index + 1)).map((order) => {
      const mine = booked.filter((each) => each.order === order);
      const ours = plus('0', ...mine.map(({ quantity }) => quantity), ...(order === waits.order ? [waits.quantity] : []));
      const [item] = orders.find((each) => each['orderNo'] === order)?.['items'] as readonly JsonObject[];
      const received = String(item?.['received']);
      return { order, cases: mine.length + (order === waits.order ? 1 : 0), receipts: inCap.filter((each) => each['order_orderNo'] === order).length, ours, received, difference: minus(received, ours) };
    });
    for (const row of rows) assert.deepEqual([row.receipts, Number(row.difference)], [row.cases, 0], JSON.stringify(row));

    // Invoices over what CAP has received, matched by what our cases say; one asks for a cent more.
    const invoices = rows.map(({ order, received, ours }, index) => ({ invoice: `INV-${order}`, billed: index === 3 ? plus(rounded(times(received, PRICE), 2), '0.01') : rounded(times(received, PRICE), 2), amount: rounded(times(ours, PRICE), 2), order }));
    for (const { invoice: invoiceNo, billed, order } of invoices) await ask('POST', '/odata/v4/purchasing/Invoices', { invoiceNo, order_orderNo: order, amount: billed, currency: 'EUR' });
    const before = proxy.struck.length;
    proxy.plan = [{ at: invoice, fault: { kind: 'cut-after' } }, { at: invoice, fault: { kind: 'status', status: 503 } }, { at: invoice, fault: { kind: 'then', then: dock.kill } }];
    await dock.inject('invoiced', invoices.map(({ invoice: number, amount }) => ({ id: `i-${number}`, invoice: number, amount })));
    const matched = await dock.atRest(noDeadLetter);
    assert.equal(proxy.struck.length, before + 3);
    assert.deepEqual(['matched', 'differs'].map((outcome) => matched.closed.filter((each) => each.outcome === outcome).length), [ORDERS - 1, 1]);
    assert.deepEqual((await all('Invoices', "?$filter=startswith(invoiceNo,'INV-46')&$orderby=invoiceNo")).map((each) => each['matched']), [true, true, true, false]);

    keepTables('cap-books.md', '# The books of SAP CAP after a run with faults',
      table(['Order', 'Closed cases', 'Receipts in CAP', 'Booked by us', 'Received in CAP', 'Difference'], rows.map((row) => [row.order, String(row.cases), String(row.receipts), row.ours, row.received, row.difference])),
      `${proxy.struck.length + quiet.struck.length} faults, ${dock.kills} kills of Node-RED among them; ${lines.reduce((sum, { conflicts }) => sum + conflicts.length, 0)} conflicts; ${lines.filter(({ outcome }) => outcome === 'refused').length} refused for more than was ordered.`,
      faultTable([...proxy.struck, ...quiet.struck], 'CAP', (where) => PLACES.get(where) ?? where.source));
  });

  it('stops before anything is sent when the metadata change under the running flow, and says what to do; changed back, it goes on', async () => {
    await cap.kill();
    await cap.start('changed');
    await dock.inject('open', [{ id: 'changed', order: orderNo(1), quantity: '2' } as Receipt]);
    let letter: { readonly deadLetterId: string; readonly reason: string } | undefined;
    let caseId = '';
    while (letter === undefined) {
      const [open] = (await dock.look()).open;
      [letter, caseId] = [open?.deadLetters[0], open?.caseId ?? ''];
      await new Promise((resolve) => { setTimeout(resolve, 50); });
    }
    assert.equal(letter.reason, 'metadata-changed');
    const said = (await dock.ask((running) => running.ask('events', { streamId: caseId }))).findLast((event) => event.type === 'CallEnded');
    assert.match(JSON.stringify(said), /the property \\"note\\" of \\"PurchaseOrders\\" is gone.*Make a new version of the service definition/);
    await cap.kill();
    await cap.start();
    await signIn();
    const { deadLetterId } = letter;
    // The metadata were read a second ago; they are read anew after one.
    await new Promise((resolve) => { setTimeout(resolve, 1_100); });
    await dock.ask((running) => running.ask('replayDeadLetter', { deadLetterId, by: { userId: 'u', name: 'u', roles: ['engineer'], sites: ['*'], authMethod: 'password', channel: 'inbox' } }));
    await dock.atRest(noDeadLetter);
    assert.equal((await all('GoodsReceipts', `?$filter=order_orderNo eq '${orderNo(1)}'`)).filter((each) => each['reference'] !== undefined).length > 0, true);
  });

  function noDeadLetter({ open }: Look): void {
    assert.deepEqual(open.flatMap(({ deadLetters, exceptions }) => [...deadLetters, ...exceptions]), []);
  }
});

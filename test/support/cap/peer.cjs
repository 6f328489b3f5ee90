/**
 * A purchasing service of SAP CAP, in a process of its own: OData V4 at /odata/v4/purchasing, V2 at /odata/v2/purchasing.
 * Arguments: port, database file, then any of `csrf` (writes need a token and the session's cookie, as at SAP Gateway),
 * `oauth` (a token from /token is needed; POST /token/expire ends all that were given out), `changed` (orders have no note any more).
 * Plain CommonJS: it runs on what test/support/cap/install.sh has installed, by NODE_PATH.
 */
const path = require('node:path');
const { existsSync, readFileSync } = require('node:fs');
const { randomUUID } = require('node:crypto');
const cds = require('@sap/cds');

const [port, database, ...options] = process.argv.slice(2);
const fresh = !existsSync(database);

/** Thousandths as whole numbers, so that the books are exact. */
const thousandths = (decimal) => {
  const [whole, fraction = ''] = String(decimal).split('.');
  return BigInt(whole + fraction.padEnd(3, '0'));
};
const decimal = (thousandth) => {
  const text = String(thousandth).padStart(4, '0');
  return `${text.slice(0, -3)}.${text.slice(-3)}`;
};

function handlers(service) {
  const { PurchaseOrders, PurchaseOrderItems, GoodsReceipts, GoodsReceiptItems, Invoices } = cds.entities('peer');

  service.before('CREATE', 'GoodsReceipts', async (request) => {
    const { reference, order_orderNo, items = [] } = request.data;
    if (await SELECT.one.from(GoodsReceipts).where({ reference })) {
      return request.reject({ status: 409, code: 'RECEIPT_EXISTS', message: `A receipt with reference ${reference} exists`, target: 'reference' });
    }
    for (const [index, { orderLine, quantity }] of items.entries()) {
      const line = await SELECT.one.from(PurchaseOrderItems).where({ order_orderNo, line: orderLine });
      if (!line) return request.reject({ status: 422, code: 'NO_SUCH_LINE', message: `Order ${order_orderNo} has no line ${orderLine}`, target: `items/${index}/orderLine` });
      const received = thousandths(line.received) + thousandths(quantity);
      if (received > thousandths(line.quantity)) {
        return request.reject({ status: 422, code: 'OVER_DELIVERY', message: `Line ${orderLine} is short of ${decimal(thousandths(line.quantity) - thousandths(line.received))}, not ${quantity}`, target: `items/${index}/quantity` });
      }
      await UPDATE(PurchaseOrderItems).set({ received: decimal(received) }).where({ order_orderNo, line: orderLine });
    }
  });

  service.on('postReceipt', 'GoodsReceipts', async (request) => {
    const [{ ID }] = request.params.map((each) => (typeof each === 'string' ? { ID: each } : each));
    const found = await SELECT.one.from(GoodsReceipts).where({ ID });
    if (!found) return request.reject(404);
    if (found.status === 'posted') return request.reject({ status: 400, code: 'ALREADY_POSTED', message: 'The receipt is posted already' });
    await UPDATE(GoodsReceipts).set({ status: 'posted' }).where({ ID });
    return { ...found, status: 'posted' };
  });

  service.on('matchInvoice', async (request) => {
    const { invoiceNo, amount } = request.data;
    const invoice = await SELECT.one.from(Invoices).where({ invoiceNo });
    if (!invoice) return request.reject({ status: 404, code: 'NO_SUCH_INVOICE', message: `There is no invoice ${invoiceNo}`, target: 'invoiceNo' });
    if (thousandths(invoice.amount) !== thousandths(amount)) {
      return request.reject({ status: 422, code: 'AMOUNT_DIFFERS', message: `Invoice ${invoiceNo} is about ${invoice.amount}`, target: 'amount' });
    }
    await UPDATE(Invoices).set({ matched: true }).where({ invoiceNo });
    return { ...invoice, matched: true };
  });

  service.on('openQuantity', async (request) => {
    const line = await SELECT.one.from(PurchaseOrderItems).where({ order_orderNo: request.data.orderNo, line: request.data.line });
    return line ? decimal(thousandths(line.quantity) - thousandths(line.received)) : request.reject(404);
  });
}

/** As SAP Gateway does it: a token for a session, and 403 with `x-csrf-token: Required` without it. */
function csrf() {
  const tokens = new Map();
  return (request, response, next) => {
    const session = /(?:^|; )SAP_SESSIONID=([^;]+)/.exec(request.headers.cookie ?? '')?.[1];
    if (request.headers['x-csrf-token']?.toLowerCase() === 'fetch') {
      const id = session && tokens.has(session) ? session : randomUUID();
      tokens.set(id, tokens.get(id) ?? randomUUID());
      response.setHeader('set-cookie', [`SAP_SESSIONID=${id}; path=/; HttpOnly`, 'sap-usercontext=sap-client=100; path=/']);
      response.setHeader('x-csrf-token', tokens.get(id));
    } else if (!['GET', 'HEAD'].includes(request.method) && (session === undefined || tokens.get(session) !== request.headers['x-csrf-token'])) {
      response.status(403).setHeader('x-csrf-token', 'Required').type('text/plain').end('CSRF token validation failed');
      return;
    }
    next();
  };
}

/** As an authorisation server and a resource server do it: client credentials, and 401 without a token that still counts. */
function oauth(app) {
  const given = new Set();
  app.post('/token', (_request, response) => {
    const token = randomUUID();
    given.add(token);
    response.json({ access_token: token, token_type: 'Bearer', expires_in: 3600 });
  });
  app.post('/token/expire', (_request, response) => {
    given.clear();
    response.status(204).end();
  });
  app.use('/odata', (request, response, next) => {
    if (given.has(/^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1])) next();
    else response.status(401).setHeader('www-authenticate', 'Bearer error="invalid_token"').type('text/plain').end('The token is not taken');
  });
}

/** The model; changed: as the next release of the service has it. */
async function modelOf() {
  const file = path.join(__dirname, 'purchasing.cds');
  if (!options.includes('changed')) return cds.load(file);
  return cds.compile({ 'purchasing.cds': readFileSync(file, 'utf8').replace(/^ *note .*\n/m, '') });
}

async function start() {
  cds.env.requires.auth = { kind: 'dummy' };
  const model = await modelOf();
  cds.model = cds.compile.for.nodejs(model);
  cds.db = await cds.connect.to('db', { kind: 'sqlite', impl: '@cap-js/sqlite', credentials: { url: database } });
  if (fresh) {
    await cds.deploy(model).to(cds.db);
    const { PurchaseOrders, Invoices } = cds.entities('peer');
    await INSERT.into(PurchaseOrders).entries([
      { orderNo: '4500000001', supplier: 'Mill & Sons', currency: 'EUR', items: [{ line: 10, item: 'PALLET', quantity: '1000000.000', unit: 'PCE', price: '12.30' }, { line: 20, item: 'FILM', quantity: '2.500', unit: 'KGM', price: '0.10' }] },
      { orderNo: '4500000002', supplier: "O'Neill / 100% + more", currency: 'USD', items: [{ line: 10, item: 'BOX', quantity: '12345678901.125', unit: 'PCE', price: '9999999999.99' }] },
    ]);
    await INSERT.into(Invoices).entries([{ invoiceNo: 'INV-1', order_orderNo: '4500000001', amount: '123.45', currency: 'EUR' }]);
  }
  const app = require('express')();
  cds.app = app;
  if (options.includes('oauth')) oauth(app);
  if (options.includes('csrf')) app.use('/odata', csrf());
  cds.middlewares.before = [cds.middlewares.context(), cds.middlewares.auth(), cds.middlewares.ctx_model?.()].filter(Boolean);
  await cds.serve('all').from(model).with(handlers).in(app);
  const adapter = require('@cap-js-community/odata-v2-adapter');
  app.use(adapter({ path: 'odata/v2', targetPath: 'odata/v4', port: Number(port) }));
  await cds.emit('served', cds.services);
  const server = app.listen(Number(port), '127.0.0.1');
  await require('node:events').once(server, 'listening');
  await cds.emit('listening', { server, url: `http://127.0.0.1:${port}` });
  console.log('ready');
}

process.on('SIGTERM', () => process.exit(0));
start().catch((error) => {
  console.error(error);
  process.exit(1);
});

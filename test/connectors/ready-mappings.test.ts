import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../../scripts/lib/paths.ts';
import type { HttpDriver, WireResult } from '../../src/connectors/driver.ts';
import { jsonRpcDriver } from '../../src/connectors/jsonrpc/index.ts';
import { odataDriver } from '../../src/connectors/odata/driver.ts';
import { presetOf } from '../../src/connectors/odata/presets/presets.ts';
import type { Json, JsonObject } from '../../src/domain/json.ts';
import { checkMapping } from '../../src/domain/mapping/index.ts';
import type { ServiceDefinition } from '../../src/domain/service/index.ts';
import { canonicalContent, contractById } from '../../src/engine/mapping/canonical.ts';
import { readyMappings } from '../../src/engine/services/ready-mappings.ts';
import { contractFaults } from '../../src/engine/services/contracts.ts';
import { answer, callOf, driveWith } from './odata/support/drive.ts';

const SERVICES = globSync('services/erp/*/service.json', { cwd: ROOT }).map((file) => JSON.parse(readFileSync(path.join(ROOT, file), 'utf8')) as ServiceDefinition);
const named = (name: string): ServiceDefinition => {
  const found = SERVICES.find(({ id }) => id === `erp/${name}`);
  assert.ok(found, name);
  // the metadata of these systems are not at hand to be compared
  return found.binding === undefined ? found : { ...found, binding: { ...found.binding, metadataMinutes: 0, csrf: false } };
};
const driverOf = ({ protocol }: ServiceDefinition): HttpDriver => (protocol === 'odata' ? odataDriver : jsonRpcDriver);
const KEY = 'b1946ac92492d2347c6235b4d2611184a1b2c3d4';

const receipt = (line: JsonObject = {}, more: JsonObject = {}): JsonObject => ({
  number: 'R-0001', order: 'P00012', shipment: 'A-4711', location: { site: '1010', area: '101A' }, receivedAt: '2026-03-05T23:42:10+01:00', postingDate: '2026-03-05',
  lines: [{ number: '1', order: { number: '4500001234', line: '31' }, item: { id: 'CAN-5' }, quantity: { value: '228.125', unit: 'KGM' }, lot: 'L2603', expiryDate: '2026-03-24', ...line }], ...more,
});
const invoice = (more: JsonObject = {}): JsonObject => ({
  number: 'RE-88231', kind: 'invoice', issuedOn: '2026-03-06', postingDate: '2026-03-07', supplier: { id: '17300001' }, buyer: { id: '1010' }, currency: 'EUR', orders: ['P00012'], extensions: { sapTaxCode: 'V1' },
  lines: [{ number: '1', order: { number: '4500001234', line: '31' }, quantity: { value: '286.19', unit: 'KGM' }, price: { amount: '14.90', currency: 'EUR' }, amount: { amount: '4264.23', currency: 'EUR' } }],
  taxTotal: { amount: '298.50', currency: 'EUR' }, grossTotal: { amount: '4562.73', currency: 'EUR' }, ...more,
});
const difference = (...values: readonly string[]): JsonObject => ({
  number: 'ADJ-17', kind: 'adjustment', location: { site: '1010', area: '101A' }, asOf: '2026-03-06T08:00:00Z', reason: 'breakage', lines: values.map((value) => ({ item: { id: 'CAN-5' }, quantity: { value, unit: 'KGM' } })),
});
const shipment: JsonObject = { number: 'A-4711', shippedAt: '2026-03-04T17:30:00+01:00', lines: [{ number: '1', order: { number: '2510', line: '10' }, item: { id: 'CAN-5' }, quantity: { value: '24', unit: 'KGM' } }] };

/** What a canonical document becomes for the system, after its own contract was looked at. */
function mapped(service: ServiceDefinition, operation: string, document: Json): Json {
  const described = service.operations[operation]!;
  const ready = readyMappings(described, operation);
  assert.deepEqual(ready.faults(document), []);
  const made = ready.request!.map(document, described.request);
  assert.ok('document' in made, JSON.stringify(made));
  assert.deepEqual(contractFaults(described.request, made.document, operation), []);
  return made.document;
}

const said = (service: ServiceDefinition, operation: string, document: Json): string => {
  const described = service.operations[operation]!;
  const made = readyMappings(described, operation).request!.map(document, described.request);
  return 'said' in made ? made.said : 'nothing';
};

describe('ready mappings of the services in the package', () => {
  const lists = canonicalContent().lists.map(({ name, version }) => `${name}@${version}`);
  for (const service of SERVICES) {
    for (const [name, { business, request, answer: answered }] of Object.entries(service.operations)) {
      if (business === undefined) continue;
      it(`${service.id} ${name}: fits the canonical contract and its own`, () => {
        assert.deepEqual(driverOf(service).problems(service), []);
        for (const [ready, source, target] of [[business.takes, contractById(business.takes?.contract ?? '')?.schema, request], [business.gives, answered, contractById(business.gives?.contract ?? '')?.schema]] as const) {
          if (ready === undefined) continue;
          const found = checkMapping(ready.mapping, { lists, ...(source === undefined ? {} : { source }), ...(target === undefined ? {} : { target }) });
          assert.deepEqual(found.filter(({ warning }) => warning !== true), []);
        }
      });
    }
    it(`${service.id}: every operation that writes says where its key lives, how long it may be, and how it is found again`, () => {
      for (const [name, { effect, idempotency, recovery, binding }] of Object.entries(service.operations)) {
        if (effect !== 'writes' || service.id === 'erp/goods-receipt') continue;
        assert.ok(idempotency?.maxLength !== undefined && ['query', 'same-key'].includes(recovery.by), name);
        if (service.protocol === 'odata') assert.deepEqual(presetOf(service.preset)?.idempotency[String(binding['entitySet'])], idempotency, 'as the preset has it');
      }
    });
  }
});

describe('what ready mappings send (no system of the vendor: documents as its documentation has them)', () => {
  const bytes = (name: string, operation: string, document: Json): { readonly line: string; readonly body: JsonObject } => {
    const service = named(name);
    const { requests: [request] } = driveWith(driverOf(service), callOf(service, operation, mapped(service, operation, document), { key: KEY, address: 'https://erp.example', now: 0 }));
    assert.ok(request?.body !== undefined);
    return { line: `${request.method} ${request.path}`, body: JSON.parse(String(request.body)) as JsonObject };
  };
  const march = (day: number): string => `/Date(${Date.UTC(2026, 2, day)})/`;

  for (const [name, operation, document, line, body, keyIn, keyLength] of [
    ['sap-s4-material-documents', 'goods-receipt', receipt(), 'POST /sap/opu/odata/sap/API_MATERIAL_DOCUMENT_SRV/A_MaterialDocumentHeader?sap-language=EN', {
      GoodsMovementCode: '01', PostingDate: march(5), DocumentDate: march(5), ReferenceDocument: 'A-4711',
      to_MaterialDocumentItem: [{ GoodsMovementType: '101', GoodsMovementRefDocType: 'B', PurchaseOrder: '4500001234', PurchaseOrderItem: '00031', Material: 'CAN-5', Plant: '1010', StorageLocation: '101A', QuantityInEntryUnit: '228.125', EntryUnit: 'KG', Batch: 'L2603', ShelfLifeExpirationDate: march(24) }],
    }, 'MaterialDocumentHeaderText', 25],
    ['sap-s4-material-documents', 'inventory-difference', difference('-2', '-0.5'), 'POST /sap/opu/odata/sap/API_MATERIAL_DOCUMENT_SRV/A_MaterialDocumentHeader?sap-language=EN', {
      GoodsMovementCode: '03', PostingDate: march(6), DocumentDate: march(6), ReferenceDocument: 'ADJ-17',
      to_MaterialDocumentItem: ['2', '0.5'].map((quantity) => ({ GoodsMovementType: '702', Material: 'CAN-5', Plant: '1010', StorageLocation: '101A', QuantityInEntryUnit: quantity, EntryUnit: 'KG', MaterialDocumentItemText: 'breakage' })),
    }, 'MaterialDocumentHeaderText', 25],
    ['sap-s4-supplier-invoices', 'invoice-match', invoice(), 'POST /sap/opu/odata/sap/API_SUPPLIERINVOICE_PROCESS_SRV/A_SupplierInvoice?sap-language=EN', {
      CompanyCode: '1010', DocumentDate: march(6), PostingDate: march(7), SupplierInvoiceIDByInvcgParty: 'RE-88231', InvoicingParty: '17300001', DocumentCurrency: 'EUR', InvoiceGrossAmount: '4562.73', TaxIsCalculatedAutomatically: true,
      to_SuplrInvcItemPurOrdRef: [{ SupplierInvoiceItem: '000001', PurchaseOrder: '4500001234', PurchaseOrderItem: '00031', DocumentCurrency: 'EUR', SupplierInvoiceItemAmount: '4264.23', QuantityInPurchaseOrderUnit: '286.19', PurchaseOrderQuantityUnit: 'KG', TaxCode: 'V1' }],
    }, 'DocumentHeaderText', 25],
    ['sap-s4-outbound-deliveries', 'shipment-create', shipment, 'POST /sap/opu/odata/sap/API_OUTBOUND_DELIVERY_SRV;v=0002/A_OutbDeliveryHeader?sap-language=EN', {
      BillOfLading: 'A-4711', to_DeliveryDocumentItem: [{ ReferenceSDDocument: '2510', ReferenceSDDocumentItem: '000010', ActualDeliveryQuantity: '24', DeliveryQuantityUnit: 'KG' }],
    }, 'DeliveryDocumentBySupplier', 35],
    ['dynamics-365-purchasing', 'invoice-match', invoice(), 'POST /data/VendorInvoiceHeaders?cross-company=true', {
      dataAreaId: '1010', InvoiceNumber: 'RE-88231', InvoiceAccount: '17300001', VendorAccount: '17300001', InvoiceDate: '2026-03-06T12:00:00Z', Date: '2026-03-07T12:00:00Z', Currency: 'EUR', PurchaseOrderNumber: 'P00012', ImportedAmount: '4562.73', ImportedSalesTax: '298.50', HeaderOnlyImport: 'Yes',
    }, 'HeaderReference', 20],
  ] as const satisfies readonly (readonly [string, string, Json, string, JsonObject, string, number])[]) {
    it(`${name} ${operation}`, () => {
      const sent = bytes(name, operation, document);
      const { [keyIn]: key, ...rest } = sent.body;
      assert.deepEqual([sent.line, rest, String(key).length], [line, body, keyLength]);
      const { recovery, operations } = { recovery: named(name).operations[operation]!.recovery, operations: named(name).operations };
      assert.ok(recovery.by === 'query');
      // what asks after an unknown outcome, with that key
      const fields = JSON.parse(JSON.stringify(recovery.document).replace('{key}', String(key)).replace('{/PostingDate}', '2026-03-05').replace('{/dataAreaId}', '1010')) as JsonObject;
      const { requests: [asked] } = driveWith(odataDriver, callOf({ ...named(name), operations }, recovery.operation, fields, { address: 'https://erp.example', now: 0 }), answer(200, named(name).preset === 'sap-s4hana-v2' ? { d: { results: [] } } : { value: [] }));
      assert.ok(asked?.method === 'GET' && decodeURIComponent(asked.path).includes(`${keyIn} eq '${String(key)}'`), asked?.path);
    });
  }

  for (const [name, operation, document, sentence] of [
    ['sap-s4-material-documents', 'goods-receipt', receipt({}, { reverses: 'R-0000' }), /reverse the material document in SAP/],
    ['sap-s4-material-documents', 'goods-receipt', receipt({ quantity: { value: '1', unit: 'XZZ' } }), /units-sap@1\.0\.0/],
    ['sap-s4-material-documents', 'goods-receipt', receipt({}, { location: { site: 'distribution' } }), /Plant|4/],
    ['sap-s4-material-documents', 'inventory-difference', difference('-2', '1'), /make two adjustments/],
    ['sap-s4-material-documents', 'inventory-difference', { ...difference('1'), kind: 'count' }, /Only an adjustment is a difference/],
    ['dynamics-365-purchasing', 'invoice-match', invoice({ orders: ['1', '2'] }), /split it/],
    ['odoo-purchasing', 'invoice-match', invoice({ kind: 'credit-note' }), /enter credit and debit notes in Odoo/],
  ] as const satisfies readonly (readonly [string, string, JsonObject, RegExp])[]) {
    it(`${name} ${operation} is refused with a sentence: ${String(sentence)}`, () => { assert.match(said(named(name), operation, document), sentence); });
  }

  it('nine decimals break the canonical contract before anything is mapped', () => {
    const [fault] = readyMappings(named('sap-s4-material-documents').operations['goods-receipt']!, 'it').faults(receipt({ quantity: { value: '1.123456789', unit: 'KGM' } }));
    assert.equal(fault?.at, '/lines/0/quantity/value');
  });
});

describe('what ready mappings make of answers (no system of the vendor: answers as its documentation has them)', () => {
  const canonical = (name: string, operation: string, document: JsonObject, result: WireResult | readonly WireResult[]): { readonly path: string; readonly made: JsonObject | undefined; readonly said: string } => {
    const service = named(name);
    const described = service.operations[operation]!;
    assert.deepEqual(contractFaults(described.request, document, operation), []);
    const { outcome, requests: [request] } = driveWith(driverOf(service), callOf(service, operation, document, { address: 'https://erp.example', now: 0 }), ...[result].flat() as readonly WireResult[]);
    assert.ok(outcome?.kind === 'done', JSON.stringify(outcome));
    assert.deepEqual(contractFaults(described.answer, outcome.answer, operation), []);
    const made = readyMappings(described, operation).answer!.map(outcome.answer);
    if ('said' in made) return { path: decodeURIComponent(request!.path), made: undefined, said: made.said };
    assert.deepEqual(contractFaults(contractById(described.business!.gives!.contract)!.schema, made.document, operation), []);
    return { path: decodeURIComponent(request!.path), made: made.document as JsonObject, said: '' };
  };
  const lineOf = (document: JsonObject | undefined): JsonObject => (document?.['lines'] as readonly JsonObject[])[0]!;
  /** Parts of a batch as OData 4.0 writes them. */
  const parts = (...bodies: readonly Json[]): WireResult => ({
    kind: 'response', status: 200, headers: { 'content-type': 'multipart/mixed; boundary=b' }, truncated: false,
    body: Buffer.from(`${bodies.map((body) => `--b\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\nHTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n${JSON.stringify(body)}\r\n`).join('')}--b--\r\n`),
  });

  const sapOrder = answer(200, { d: {
    PurchaseOrder: '4500001234', CompanyCode: '1010', PurchaseOrderDate: '/Date(1772323200000)/', Supplier: '17300001', DocumentCurrency: 'EUR', PaymentTerms: '', IncotermsClassification: 'DAP', PurchasingDocumentDeletionCode: '', LastChangeDateTime: '/Date(1772356500000+0000)/',
    to_PurchaseOrderItem: { results: [{ PurchaseOrder: '4500001234', PurchaseOrderItem: '00010', PurchaseOrderItemText: 'Oil', Material: 'CAN-5', SupplierMaterialNumber: '', Plant: '1010', OrderQuantity: '240.500', PurchaseOrderQuantityUnit: 'KG', NetPriceAmount: '14.90', NetPriceQuantity: '1', OrderPriceUnit: 'KG', DocumentCurrency: 'EUR', IsCompletelyDelivered: false, PurchasingDocumentDeletionCode: '' }] },
  } });

  it('sap-s4-purchase-orders order-read', () => {
    const { path: asked, made } = canonical('sap-s4-purchase-orders', 'order-read', { PurchaseOrder: '4500001234' }, sapOrder);
    assert.ok(asked.startsWith("/sap/opu/odata/sap/API_PURCHASEORDER_PROCESS_SRV/A_PurchaseOrder('4500001234')?sap-language=EN&$select="), asked);
    assert.deepEqual([made?.['orderedOn'], made?.['status'], made?.['changedAt'], lineOf(made)], ['2026-03-01', 'open', '2026-03-01T09:15:00Z', {
      number: '10', item: { id: 'CAN-5', description: 'Oil' }, quantity: { value: '240.500', unit: 'KGM' }, price: { amount: '14.90', currency: 'EUR', per: { value: '1', unit: 'KGM' } }, closed: false,
    }]);
  });

  it('sap-s4-material-stock stock-read', () => {
    const { path: asked, made } = canonical('sap-s4-material-stock', 'stock-read', { material: 'CAN-5', plant: '1010' }, answer(200, { d: { results: [
      { Material: 'CAN-5', Plant: '1010', StorageLocation: '101A', Batch: 'L2603', InventorySpecialStockType: '', InventoryStockType: '02', MaterialBaseUnit: 'KG', MatlWrhsStkQtyInMatlBaseUnit: '228.12500000000000' },
    ] } }));
    assert.match(asked, /\$filter=\(Material eq 'CAN-5' and Plant eq '1010' and InventorySpecialStockType eq ''\)/);
    assert.deepEqual([made?.['number'], lineOf(made)['status'], lineOf(made)['lot'], lineOf(made)['quantity']], ['CAN-5@1010', 'quality', 'L2603', { value: '228.125', unit: 'KGM' }]);
  });

  it('dynamics-365-purchasing order-read and stock-read', () => {
    const order = canonical('dynamics-365-purchasing', 'order-read', { dataAreaId: 'usmf', PurchaseOrderNumber: '00000025' }, parts(
      { dataAreaId: 'usmf', PurchaseOrderNumber: '00000025', OrderVendorAccountNumber: '1001', PurchaseOrderName: 'Acme', PurchaseOrderStatus: 'Backorder', AccountingDate: '2026-03-01T12:00:00Z', CurrencyCode: 'USD', DefaultReceivingWarehouseId: '11', PaymentTermsName: '' },
      { value: [{ dataAreaId: 'usmf', PurchaseOrderNumber: '00000025', LineNumber: '1', ItemNumber: 'CAN-5', LineDescription: 'Oil', OrderedPurchaseQuantity: '240.000000000', PurchaseUnitSymbol: 'kg', PurchasePrice: '14.9', PurchasePriceQuantity: '0', RequestedDeliveryDate: '1900-01-01T12:00:00Z', PurchaseOrderLineStatus: 'Backorder', AllowedOverdeliveryPercentage: '5', AllowedUnderdeliveryPercentage: '0' }] },
    )).made;
    assert.deepEqual([order?.['orderedOn'], order?.['status'], lineOf(order)['number'], lineOf(order)['quantity'], lineOf(order)['price'], lineOf(order)['deliverOn']], ['2026-03-01', 'open', '1', { value: '240.000', unit: 'KGM' }, { amount: '14.9', currency: 'USD', per: { value: '1', unit: 'KGM' } }, undefined]);
    const { path: asked, made } = canonical('dynamics-365-purchasing', 'stock-read', { dataAreaId: 'usmf', ItemNumber: 'CAN-5', warehouse: '11' }, parts({ dataAreaId: 'usmf', ItemNumber: 'CAN-5', InventoryUnitSymbol: 'kg' }, { value: [{ dataAreaId: 'usmf', ItemNumber: 'CAN-5', InventoryWarehouseId: '11', OnHandQuantity: '228.125' }] }));
    assert.deepEqual([asked, made?.['location'], lineOf(made)['quantity']], ['/data/$batch?cross-company=true', { site: '11' }, { value: '228.125', unit: 'KGM' }]);
  });

  it('business-central-purchasing order-read and stock-read', () => {
    const { path: asked, made } = canonical('business-central-purchasing', 'order-read', { number: "106'001" }, answer(200, '{"value":[{"id":"960f5c9c-44e3-ea11-bb43-000d3a2feca1","number":"106001","orderDate":"2026-03-01","vendorNumber":"20000","vendorName":"First Up","currencyCode":"EUR","totalAmountExcludingTax":16767.60,"fullyReceived":false,"lastModifiedDateTime":"2026-03-01T09:15:00Z","purchaseOrderLines":[{"sequence":10000,"lineObjectNumber":"1996-S","description":"Whiteboard","unitOfMeasureCode":"PCS","quantity":12,"receivedQuantity":5,"directUnitCost":1397.3,"netAmount":16767.60,"expectedReceiptDate":"0001-01-01"}]}]}'));
    assert.match(asked, /\$filter=number eq '106''001'/);
    assert.deepEqual([made?.['status'], made?.['total'], lineOf(made)], ['partially-received', { amount: '16767.60', currency: 'EUR' }, {
      number: '10000', item: { id: '1996-S', description: 'Whiteboard' }, quantity: { value: '12', unit: 'EA' }, receivedQuantity: { value: '5', unit: 'EA' }, price: { amount: '1397.3', currency: 'EUR' }, amount: { amount: '16767.60', currency: 'EUR' },
    }]);
    const stock = canonical('business-central-purchasing', 'stock-read', { number: '1996-S' }, answer(200, '{"value":[{"id":"0ea6738a-44e3-ea11-bb43-000d3a2feca1","number":"1996-S","displayName":"Whiteboard","inventory":33.123456789,"baseUnitOfMeasureCode":"PCS"}]}'));
    assert.match(stock.said, /"33\.123456789" has 9 decimals, and 3 are allowed; nothing is rounded unasked/);
  });

  it('odoo-purchasing order-read and stock-read', () => {
    const { path: asked, made } = canonical('odoo-purchasing', 'order-read', { order: 'P00012' }, [
      [{ id: 12, name: 'P00012', state: 'purchase', receipt_status: 'partial', date_order: '2026-03-01 08:15:00', write_date: '2026-03-01 09:15:00', partner_id: [14, 'Azure Interior'], currency_id: [1, 'EUR'], amount_untaxed: 506.62 }],
      [{ id: 31, product_id: [7, '[CAN-5] Oil'], name: 'Oil', product_qty: 40, qty_received: 15.125, product_uom_id: [9, 'kg'], price_unit: 12.4, date_planned: '2026-03-05 08:00:00' }],
      [{ id: 7, default_code: 'CAN-5' }],
    ].map((each) => answer(200, each)));
    assert.deepEqual([asked, made?.['changedAt'], made?.['supplier'], lineOf(made)], ['/json/2/purchase.order/search_read', '2026-03-01T09:15:00Z', { id: '14', name: 'Azure Interior' }, {
      number: '31', item: { id: 'CAN-5', description: 'Oil' }, quantity: { value: '40', unit: 'KGM' }, receivedQuantity: { value: '15.125', unit: 'KGM' }, price: { amount: '12.4', currency: 'EUR' }, deliverOn: '2026-03-05',
    }]);
    const stock = canonical('odoo-purchasing', 'stock-read', { product: 'CAN-5', warehouse: 'WH' }, answer(200, [{ id: 1, quantity: 228.125, reserved_quantity: 0, product_uom_id: [9, 'kg'], location_id: [8, 'WH/Stock'], lot_id: false }])).made;
    assert.deepEqual([lineOf(stock)['location'], lineOf(stock)['quantity'], lineOf(stock)['lot']], [{ site: 'WH', bin: 'WH/Stock' }, { value: '228.125', unit: 'KGM' }, undefined]);
  });
});

describe('what ready mappings have Odoo do (no Odoo: answers as its documentation has them)', () => {
  const service = named('odoo-purchasing');
  /** Each call as `model.method`, and what came of it; a driver that asks for more gets no answer. */
  const play = (operation: string, document: Json, ...answers: readonly Json[]): { readonly kind: string | undefined; readonly calls: readonly string[]; readonly bodies: readonly JsonObject[]; readonly told: string } => {
    const { outcome, requests } = driveWith(jsonRpcDriver, callOf(service, operation, mapped(service, operation, document), { key: KEY, now: 0 }), ...answers.map((each) => answer(200, each as JsonObject)));
    return { kind: outcome?.kind, calls: requests.map((each) => each.path.slice('/json/2/'.length)), bodies: requests.map((each) => JSON.parse(String(each.body)) as JsonObject), told: JSON.stringify(outcome) };
  };
  const order = `P00012 ${KEY}`;
  const moves = [{ id: 71, product_id: [7, 'Oil'], product_uom_qty: 300, product_uom: [9, 'kg'], purchase_line_id: [31, 'x'], sale_line_id: [10, 'x'] }, { id: 72, product_id: [8, 'Flour'], product_uom_qty: 5, product_uom: [9, 'kg'], purchase_line_id: [32, 'x'], sale_line_id: [11, 'x'] }];
  const done = [{ id: 5, name: 'WH/IN/00007', state: 'done', origin: order, date_done: '2026-03-05 22:42:10' }];

  it('a receipt: looks for its key, notes what came, validates; the rest stays open', () => {
    const first = play('goods-receipt', receipt(), [], [{ id: 5, name: 'WH/IN/00007', state: 'assigned', write_date: 'x' }], moves, true, true, done);
    assert.deepEqual([first.kind, first.calls], ['done', ['stock.picking/search_read', 'stock.picking/search_read', 'stock.move/search_read', 'stock.picking/write', 'stock.picking/button_validate', 'stock.picking/read']], first.told);
    assert.deepEqual(first.bodies[0]?.['domain'], [['origin', '=', order]]);
    assert.deepEqual(first.bodies[3], { ids: [5], vals: { origin: order, move_ids: [[1, 72, { quantity: 0, picked: false }], [1, 71, { quantity: 228.125, picked: true }]] } });
    assert.deepEqual(first.bodies[4], { ids: [5], context: { skip_backorder: true, skip_sms: true } });
    // made again under its key: what is noted is validated, what is done is only read
    assert.deepEqual(play('goods-receipt', receipt(), [{ id: 5, name: 'x', state: 'assigned', origin: order }], true, done).calls, ['stock.picking/search_read', 'stock.picking/button_validate', 'stock.picking/read']);
    assert.deepEqual(play('goods-receipt', receipt(), [{ id: 5, name: 'x', state: 'done', origin: order }], done).calls, ['stock.picking/search_read', 'stock.picking/read']);
    const more = play('goods-receipt', receipt({ quantity: { value: '300.001', unit: 'KGM' } }), [], [{ id: 5, name: 'x', state: 'assigned' }], moves);
    assert.deepEqual([more.kind, more.calls.length], ['conflict', 3]);
  });

  it('a shipment goes the same way by its sales order', () => {
    const sent = play('shipment-create', shipment, [], [{ id: 6, name: 'WH/OUT/00009', state: 'assigned' }], moves, true, { type: 'ir.actions.act_window' }, [{ id: 6, name: 'WH/OUT/00009', state: 'assigned', origin: 'x', date_done: false }]);
    assert.deepEqual(sent.bodies[1]?.['domain'], [['sale_id.name', '=', '2510'], ['picking_type_code', '=', 'outgoing'], ['state', 'in', ['confirmed', 'assigned']]]);
    assert.ok(sent.kind === 'refused' && sent.told.includes('Finish it in Odoo'), 'a wizard that asks for more is no success');
  });

  it('an inventory difference is one transfer with both directions', () => {
    const { kind, calls, bodies, told } = play('inventory-difference', difference('-2', '0.5'), [], [{ id: 3, default_location_src_id: [8, 'WH/Stock'] }], [{ id: 7, default_code: 'CAN-5', uom_id: [9, 'kg'], property_stock_inventory: [15, 'Inventory adjustment'] }], [61], true, done);
    assert.deepEqual([kind, calls.slice(3)], ['done', ['stock.picking/create', 'stock.picking/button_validate', 'stock.picking/read']], told);
    const move = (quantity: number, from: number, to: number): Json => [0, 0, { product_id: 7, product_uom: 9, product_uom_qty: quantity, quantity, picked: true, location_id: from, location_dest_id: to }];
    assert.deepEqual(bodies[3], { vals_list: [{ picking_type_id: 3, location_id: 8, location_dest_id: 8, origin: KEY, move_ids: [move(2, 8, 15), move(0.5, 15, 8)] }] });
  });

  it('an invoice is posted when it matches, and else a conflict says what was expected', () => {
    const draft = [{ id: 90, amount_total: 4562.73, currency_id: [1, 'EUR'] }];
    const own = [{ id: 91, purchase_line_id: [31, 'x'], quantity: 286.19, product_uom_id: [9, 'kg'], price_unit: 14.9 }];
    const before = [[{ id: 12, name: 'P00012', state: 'purchase', currency_id: [1, 'EUR'] }], [], [], { type: 'ir.actions.act_window' }];
    const posted = play('invoice-match', invoice(), ...before, draft, own, true, false, [{ id: 90, name: 'BILL/1', state: 'posted', ref: 'RE-88231', amount_total: 4562.73 }]);
    assert.deepEqual([posted.kind, posted.calls.slice(3)], ['done', ['purchase.order/action_create_invoice', 'account.move/search_read', 'account.move.line/search_read', 'account.move/write', 'account.move/action_post', 'account.move/read']], posted.told);
    assert.deepEqual(posted.bodies[6], { ids: [90], vals: { invoice_origin: order, ref: 'RE-88231', invoice_date: '2026-03-06' } });
    const other = play('invoice-match', invoice({ grossTotal: { amount: '4562.74', currency: 'EUR' } }), ...before, draft, own);
    assert.ok(other.kind === 'conflict' && other.told.includes('4562.73'), other.told);
  });
});

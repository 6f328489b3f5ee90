import type { JsonObject } from '../../../../src/domain/json.ts';
import type { ServiceDefinition } from '../../../../src/domain/service/index.ts';
import type { ODataModel } from '../../../../src/connectors/odata/metadata/model.ts';
import { definition } from './drive.ts';

/** The service of test/support/cap, with the operations that the tests call. */
export function purchasing(path: string, metadata: ODataModel, more: JsonObject = {}): ServiceDefinition {
  const v2 = metadata.version === '2.0';
  const named = (name: string): string => (v2 ? name : `peer.Purchasing.${name}`);
  const byReference: JsonObject = { do: 'query', entitySet: 'GoodsReceipts', filter: { property: 'reference', operator: 'startswith', from: '/prefix' }, orderBy: ['reference'], select: ['ID', 'reference'] };
  return definition({ path, metadata: metadata as unknown as JsonObject, csrf: true, duplicate: { codes: ['RECEIPT_EXISTS'] }, ...more }, {
    readOrder: { binding: { do: 'read', entitySet: 'PurchaseOrders', expand: ['items'] } },
    findOrders: { binding: { do: 'query', entitySet: 'PurchaseOrders', filter: { property: 'supplier', from: '/supplier', optional: true }, orderBy: ['orderNo'], select: ['orderNo', 'supplier'] } },
    changeOrder: { binding: { do: 'update', entitySet: 'PurchaseOrders' } },
    createReceipt: {
      binding: { do: 'create', entitySet: 'GoodsReceipts' }, idempotency: { in: 'field', name: '/reference', maxLength: 22 },
      recovery: { by: 'query', operation: 'findReceipt', document: { reference: '' } },
    },
    findReceipt: { binding: { do: 'query', entitySet: 'GoodsReceipts', filter: { property: 'reference', from: '/reference' }, expand: ['items'] } },
    findReceipts: { binding: { ...byReference, top: { from: '/top' } } },
    findReceiptsBounded: { binding: { ...byReference, maxPages: 2 } },
    receiveAndLook: {
      binding: { do: 'batch', requests: [{ id: 'receipt', do: 'create', entitySet: 'GoodsReceipts' }, { id: 'order', do: 'update', entitySet: 'PurchaseOrders' }, { id: 'now', do: 'read', entitySet: 'PurchaseOrders', expand: ['items'], document: '/order' }] },
      idempotency: { in: 'field', name: '/receipt/reference', maxLength: 22 },
    },
    deleteReceipt: { binding: { do: 'delete', entitySet: 'GoodsReceipts' } },
    postReceipt: { binding: v2 ? { do: 'call', operation: 'GoodsReceipts_postReceipt' } : { do: 'call', operation: named('postReceipt'), entitySet: 'GoodsReceipts' } },
    matchInvoice: { binding: { do: 'call', operation: named('matchInvoice') } },
    openQuantity: { effect: 'reads', binding: { do: 'call', operation: named('openQuantity') } },
  });
}

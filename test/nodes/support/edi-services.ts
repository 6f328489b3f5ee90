import { fromJson, writeInterchange } from '../../../src/connectors/edi/index.ts';
import type { JsonInterchange } from '../../../src/connectors/edi/index.ts';
import type { JsonObject } from '../../../src/domain/json.ts';
import type { ServiceDefinition, ServiceOperation } from '../../../src/domain/service/index.ts';
import { receiptService } from './services.ts';

export const partners = { sender: { id: 'WAYBILL', qualifier: 'ZZ' }, receiver: { id: 'ACME', qualifier: 'ZZ' } } as const;

/** Documents to and from a partner: what a test says replaces it. */
export function partnerService(send: JsonObject = {}, receive: JsonObject = {}, more: Partial<ServiceDefinition> = {}): ServiceDefinition {
  const operations: Readonly<Record<string, ServiceOperation>> = {
    'send-order': {
      title: 'Send a purchase order', effect: 'writes', recovery: { by: 'same-key' }, idempotency: { in: 'header', name: 'Idempotency-Key' },
      request: { type: 'object', required: ['type'] }, answer: { type: 'object', required: ['controlNumber'] },
      binding: { standard: 'x12', message: '850', release: '004010', ...partners, folder: '/out', archives: ['/out/taken'], ...send },
    },
    'receive-responses': {
      title: 'Take responses', effect: 'reads', recovery: { by: 'safe' }, answer: { type: 'object' },
      binding: { standard: 'x12', sender: partners.receiver, receiver: partners.sender, messages: ['855'], folder: '/in', acknowledge: { by: '997', folder: '/out' }, settleSeconds: 0, ...receive },
    },
  };
  return receiptService({ id: 'partner/acme', title: 'ACME', system: 'edi', protocol: 'edi', authentication: { kind: 'session' }, operations, ...more });
}

/** The least of an 850. */
export function order(number: string, quantity = '10.5'): JsonObject {
  return {
    type: 'purchase-order', purpose: 'original', kind: 'new', number, date: '2026-11-02',
    lines: [{ number: '1', quantity: { value: quantity, unit: 'EA' }, price: { value: '12.75' }, items: [{ scheme: 'gtin-12', value: '012345678905' }] }],
  };
}

/** A response of the partner as he sends it. */
export function response(controlNumber: string, numbers: readonly string[], more: JsonObject = {}): Buffer {
  const json = {
    standard: 'x12', newline: '\n', tail: '\n', sender: { qualifier: 'ZZ', id: 'ACME' }, receiver: { qualifier: 'ZZ', id: 'WAYBILL' }, date: '2026-11-29', time: '09:15', version: '00401', controlNumber, usage: 'production',
    groups: [{
      header: true, sender: 'ACME', receiver: 'WAYBILL', date: '2026-11-29', time: '09:15', controlNumber: String(Number(controlNumber)), release: '004010',
      messages: numbers.map((number, i) => ({
        message: '855', controlNumber: String(i + 1).padStart(4, '0'),
        document: { type: 'order-response', purpose: 'original', status: 'accepted', order: { number, date: '2026-11-29' }, lines: [{ number: '1', quantity: { value: '10.50', unit: 'EA' }, price: { value: '1' }, items: [{ scheme: 'gtin-12', value: '012345678905' }] }] },
      })),
    }], ...more,
  };
  return writeInterchange(fromJson(json as unknown as JsonInterchange));
}

/** Orders of the partner, in one X12 interchange. */
export function interchange(controlNumber: string, orders: readonly JsonObject[]): string {
  return writeInterchange(fromJson({
    standard: 'x12', newline: '\n', tail: '\n', sender: { qualifier: 'ZZ', id: 'ACME' }, receiver: { qualifier: 'ZZ', id: 'WAYBILL' }, date: '2026-11-29', time: '09:15', version: '00401', controlNumber, usage: 'production',
    groups: [{ header: true, sender: 'ACME', receiver: 'WAYBILL', date: '2026-11-29', time: '09:15', controlNumber: String(Number(controlNumber)), release: '004010', messages: orders.map((document, i) => ({ message: '850', controlNumber: String(i + 1).padStart(4, '0'), document })) }],
  } as unknown as JsonInterchange)).toString('latin1');
}

/** Orders of the partner, in one EDIFACT interchange in ISO 8859-1 with line ends. */
export function edifactOrders(reference: string, numbers: readonly string[]): Buffer {
  const message = (number: string, i: number): string => [`UNH+${i + 1}+ORDERS:D:96A:UN'`, `BGM+220+${number}+9'`, "DTM+137:20261129:102'", "NAD+BY+4012345000009::9'", "NAD+SU+4098765000003::9++Müller ?+ Söhne'", "LIN+1++4012345678901:EN'", "QTY+21:48:PCE'", "UNS+S'", "CNT+2:1'", `UNT+10+${i + 1}'`].join('\r\n');
  return Buffer.from(["UNA:+.? '", `UNB+UNOC:3+4012345000009:14+4098765000003:14+261129:0915+${reference}'`, ...numbers.map(message), `UNZ+${numbers.length}+${reference}'`, ''].join('\r\n'), 'latin1');
}

const takes = { effect: 'reads', recovery: { by: 'safe' } } as const;

/** What partners bring over HTTP: X12 answered by 997 and by 999, and EDIFACT answered by CONTRL. */
export const postedOrders: Readonly<Record<'orders' | 'implementation' | 'edifact', ServiceOperation>> = {
  orders: { ...takes, title: 'Take orders', answer: { type: 'object', properties: { lines: { type: 'array', items: { type: 'object', properties: { quantity: { type: 'object', properties: { value: { type: 'string', pattern: '^[1-9]' } } } } } } } }, binding: { path: '/orders', standard: 'x12', sender: partners.receiver, receiver: partners.sender, messages: ['850'] } },
  implementation: { ...takes, title: 'Take orders, and answer by 999', binding: { path: '/implementation', standard: 'x12', sender: partners.receiver, receiver: partners.sender, messages: ['850'], acknowledge: { by: '999' } } },
  edifact: { ...takes, title: 'Take ORDERS', binding: { path: '/edifact', standard: 'edifact', sender: { id: '4012345000009', qualifier: '14' }, receiver: { id: '4098765000003', qualifier: '14' }, messages: ['ORDERS'] } },
};

/** Receipts in lines of fixed widths, known by their number. */
export const postedReceipts: ServiceOperation = {
  ...takes, title: 'Take receipts in fixed widths', binding: {
    path: '/wide', format: 'fixed-width', identity: '/header/number', layout: {
      records: [
        { name: 'header', fields: [{ name: 'kind', start: 1, width: 1, is: 'H' }, { name: 'number', start: 2, width: 10, required: true }] },
        { name: 'lines', many: true, fields: [{ name: 'kind', start: 1, width: 1, is: 'L' }, { name: 'item', start: 2, width: 8 }, { name: 'quantity', start: 10, width: 12, as: 'decimal', scale: 3, required: true }] },
      ],
    },
  },
};

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

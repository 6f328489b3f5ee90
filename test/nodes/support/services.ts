import type { ServiceDefinition, ServiceOperation } from '../../../src/domain/service/index.ts';

/** Goods receipts at an ERP, by hand: what a test says replaces it. */
export function receiptService(more: Partial<ServiceDefinition> = {}, post: Partial<ServiceOperation> = {}): ServiceDefinition {
  return {
    id: 'erp/goods-receipts', version: '1.0.0', title: 'Goods receipts', owner: 'it', system: 'erp', protocol: 'rest',
    objects: [{ object: 'goods-receipt', authoritative: true, steward: 'receiving' }],
    authentication: { kind: 'none' }, limits: { concurrency: 8, perSecond: 0, burst: 0 }, timeouts: { connectMs: 2_000, headersMs: 2_000, totalMs: 4_000 },
    retry: { maxAttempts: 5, maxMinutes: 60, baseDelaySeconds: 0.01, maxDelaySeconds: 0.02 }, circuit: { failures: 0, openSeconds: 1 }, classification: 'internal',
    operations: {
      post: {
        title: 'Book a receipt', effect: 'writes', recovery: { by: 'same-key' }, idempotency: { in: 'header', name: 'Idempotency-Key' },
        request: { type: 'object', required: ['po', 'quantity'], properties: { po: { type: 'string' }, quantity: { type: 'string', pattern: '^\\d+(\\.\\d+)?$' } } },
        answer: { type: 'object', required: ['number'], properties: { number: { type: 'string' } } },
        binding: { method: 'POST', path: '/receipts' }, ...post,
      },
      find: { title: 'Find a receipt', effect: 'reads', recovery: { by: 'safe' }, binding: { method: 'GET', path: '/receipts/by-key/{key}' } },
    },
    ...more,
  };
}

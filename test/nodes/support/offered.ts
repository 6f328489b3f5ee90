import type { ServiceDefinition } from '../../../src/domain/service/index.ts';

/** What Waybill offers carriers, by hand: what a test says replaces it. */
export function deliveryService(more: Partial<ServiceDefinition> = {}): ServiceDefinition {
  return {
    id: 'logistics/proof-of-delivery', version: '1.0.0', title: 'Proof of delivery', owner: 'Central IT, transport', system: 'waybill', protocol: 'rest',
    objects: [{ object: 'shipment', authoritative: true, steward: 'Head of transport' }],
    authentication: { kind: 'bearer' }, limits: { concurrency: 20, perSecond: 500, burst: 500 }, timeouts: { connectMs: 2_000, headersMs: 30_000, totalMs: 40_000 },
    retry: { maxAttempts: 5, maxMinutes: 60, baseDelaySeconds: 1, maxDelaySeconds: 60 }, circuit: { failures: 5, openSeconds: 30 }, classification: 'internal',
    offered: { admits: ['token', 'oidc', 'mtls', 'signature'], maxBytes: 4_096, waitMs: 20_000 },
    operations: {
      confirm: {
        title: 'A shipment was delivered', effect: 'writes', recovery: { by: 'same-key' }, idempotency: { in: 'header', name: 'Idempotency-Key' },
        request: {
          type: 'object', required: ['shipment', 'deliveredAt', 'lines'], additionalProperties: false,
          properties: {
            shipment: { type: 'string', minLength: 1 }, deliveredAt: { type: 'string', format: 'date-time' },
            lines: { type: 'array', minItems: 1, items: { type: 'object', required: ['sscc', 'quantity'], properties: { sscc: { type: 'string' }, quantity: { type: 'string', pattern: '^\\d+(\\.\\d+)?$' } } } },
          },
        },
        answer: { type: 'object', required: ['receipt'], properties: { receipt: { type: 'string' } } },
        binding: { method: 'POST', path: '/shipments/{shipment}/delivery' },
      },
      status: {
        title: 'How a shipment stands', effect: 'reads', recovery: { by: 'safe' },
        request: { type: 'object', required: ['shipment'], properties: { shipment: { type: 'string' }, lines: { type: 'boolean' } } },
        answer: { type: 'object', required: ['state'], properties: { state: { type: 'string' } } },
        binding: { method: 'GET', path: '/shipments/{shipment}', parameters: [{ name: 'lines', in: 'query', from: '/lines' }] },
      },
    },
    ...more,
  };
}

import type { ServiceRequestRow } from '../../../engine/offered/requests/request-view.ts';
import type { Caller } from '../auth/authenticate.ts';
import { operation } from '../operation.ts';
import { problem } from '../problems.ts';
import { array, choice, nullable, object, time } from '../schemas.ts';

const string = { type: 'string' } as const;
const count = { type: 'integer', minimum: 0 } as const;

/** Who calls is for those who may read findings, as in the report of who uses which service. */
function shown({ caller: name, ...row }: ServiceRequestRow, { permissions }: Caller): object {
  return { ...row, caller: name === '' ? null : permissions.has('findings.read') ? name : '•••' };
}

export const listServiceRequests = operation({
  id: 'listServiceRequests', method: 'get', path: '/service-requests', tag: 'System', access: 'kpis.read',
  summary: 'Who calls what this site offers, and what comes of it',
  description: 'One row for each operation of a version and each of its callers, and one for what nobody has called: figures of the last 24 hours, to the hour. Versions on their way out that are still called come first. Nothing of what requests hold is in it; names of callers are ••• for whoever may not read findings. Figures go on over restarts.',
  success: {
    status: 200, description: 'The rows.',
    schema: object({
      at: time, rows: array(object({
        service: { ...string, description: '`family/name@1.2.0`; empty: an address that means no service here.' }, operation: { ...string, description: '`/openapi.json` and `/requests` are what every service answers by itself; empty: none of it.' },
        caller: { ...nullable(string), description: 'null: nobody who is known, or nobody at all.' },
        title: nullable(string), status: nullable(choice('published', 'deprecated', 'retired')), sunset: nullable(string), successor: nullable(string),
        answered: { type: 'boolean', description: 'A node of the running flows answers it.' },
        calls: count, done: count, again: { ...count, description: 'Asked again under its key, or the same document again.' }, pending: { ...count, description: 'Answered with 202.' }, limited: { ...count, description: 'Answered with 429.' },
        unknown: { ...count, description: 'Answered with 401 or 403.' }, refused: { ...count, description: 'Other refusals: the contract, a key, a conflict, or the operation itself.' }, failed: { ...count, description: 'Answered with 5xx.' },
        why: array(object({ code: string, count })), lastAt: nullable(time),
      })),
    }),
  },
  handle: ({ services: { waybill } }, caller) => {
    const list = waybill.serviceRequests();
    if (list === undefined) throw problem('engine-not-ready', waybill.reason);
    return Promise.resolve({ status: 200, json: { ...list, rows: list.rows.map((row) => shown(row, caller)) } });
  },
});

export const serviceRequestsResource = [listServiceRequests];

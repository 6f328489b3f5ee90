import { accepted, operation } from '../operation.ts';
import type { CircuitView } from '../../../engine/circuits.ts';
import { array, choice, nullable, object, text, time } from '../schemas.ts';

const string = { type: 'string' } as const;
const number = { type: 'number' } as const;

const circuit = object({
  name: string, state: choice('closed', 'open', 'half-open'), since: nullable(time), until: nullable(time),
  manual: { type: 'boolean', description: 'A person has stopped the traffic; without `until` it stays so until a person closes the circuit.' },
  failures: { ...number, description: 'Failures in a row, of all nodes together.' }, running: { ...number, description: 'Attempts and calls under way.' },
  waiting: { ...number, description: 'Attempts and calls of this process that wait for room or for the circuit.' }, limit: { ...number, description: 'Attempts and calls at the same time.' },
  threshold: { ...number, description: 'Failures in a row that open it; 0: it never opens by itself.' }, openSeconds: number,
  conflicts: { ...array(string), description: 'One sentence for each setting on which nodes do not agree; the most careful holds.' },
});

function shown({ system, since, until, ...rest }: CircuitView): object {
  return { name: system, since: since ?? null, until: until ?? null, ...rest };
}

export const listCircuits = operation({
  id: 'listCircuits', method: 'get', path: '/system/circuits', tag: 'System', access: 'kpis.read',
  summary: 'Circuits of the systems that flows use',
  success: { status: 200, description: 'One for each system that a node names or that ever changed.', schema: object({ items: array(circuit) }) },
  handle: ({ services: { waybill } }) => Promise.resolve({ status: 200, json: { items: waybill.circuits().map(shown) } }),
});

interface Change { readonly state: 'open' | 'closed'; readonly reason: string; readonly until?: string }

export const changeCircuit = operation<{ system: string }, object, Change>({
  id: 'changeCircuit', method: 'post', path: '/system/circuits/{system}', tag: 'System', access: 'systems.control', command: true,
  summary: 'Stop the traffic to a system, or let it go on',
  description: '`open` sends nothing more until `until`, or until somebody closes the circuit; `closed` says that the system answers again, and what waits goes on. Who did it and why is in the ledger.',
  params: { system: text(128) }, body: object({ state: choice('open', 'closed'), reason: text(500), until: time }, ['until']),
  success: { status: 200, description: 'The circuit as it is now.', schema: circuit },
  handle: async ({ params, body, services }, caller) => {
    const outcome = accepted(await services.waybill.changeCircuit({ ...params, ...body, by: caller.identity }));
    return { status: 200, json: shown(outcome.circuit) };
  },
});

export const circuitsResource = [listCircuits, changeCircuit];

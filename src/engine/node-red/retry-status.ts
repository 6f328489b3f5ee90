import type { Waybill } from '../api.ts';
import { clockTime } from './next-due.ts';

/** What a node shows beneath it. */
export interface NodeStatus { readonly fill: string; readonly shape: string; readonly text: string }

/** The circuit of the node's system is open: nothing leaves, and since when or until when. Undefined when it is not. */
export function circuitStatus(waybill: Waybill, _address: string, site: string, config: { readonly system?: string }): NodeStatus | undefined {
  const circuit = waybill.nodes.circuit((config.system ?? '').trim());
  if (circuit === undefined || circuit.state === 'closed') return undefined;
  if (circuit.state === 'half-open') return { fill: 'yellow', shape: 'ring', text: `${circuit.system}: trying once` };
  const until = circuit.until === undefined ? 'stopped by a person' : `no answer, next ${clockTime(circuit.until, waybill.nodes.timeZone(site))}`;
  return { fill: 'red', shape: 'ring', text: `${circuit.system}: ${until}` };
}

/** The service of the node is stopped, by its owners or at this site. Undefined when it is not. */
export function stopStatus(waybill: Waybill, site: string, { service = '' }: { readonly service?: string }): NodeStatus | undefined {
  const stop = service === '' ? undefined : waybill.nodes.serviceStop(service);
  if (stop === undefined) return undefined;
  return { fill: 'red', shape: 'ring', text: `${service} is stopped${stop.until === undefined ? '' : `, until ${clockTime(stop.until, waybill.nodes.timeZone(site))}`}` };
}

/** Status of a retry node: `2 retrying · next 14:05 · 1 given up`. */
export function retryStatus(waybill: Waybill, address: string, site: string, config: { readonly system?: string }): NodeStatus | undefined {
  const { waiting, nextAt, dead } = waybill.nodes.retrying(address);
  const counts = [
    ...(waiting === 0 ? [] : [`${waiting} retrying`]), ...(nextAt === undefined ? [] : [`next ${clockTime(nextAt, waybill.nodes.timeZone(site))}`]),
    ...(dead === 0 ? [] : [`${dead} given up`]),
  ];
  const circuit = circuitStatus(waybill, address, site, config);
  if (circuit !== undefined) return { ...circuit, text: waiting === 0 ? circuit.text : `${circuit.text} · ${waiting} waiting` };
  if (counts.length === 0) return undefined;
  return { fill: dead > 0 ? 'red' : 'yellow', shape: 'dot', text: counts.join(' · ') };
}

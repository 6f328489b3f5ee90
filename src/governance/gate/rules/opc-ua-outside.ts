import { isLoopback } from './address.ts';
import { partlyFilled } from './env-values.ts';
import type { Flows } from './flows.ts';
import { textOf } from './property.ts';
import type { Breach, Level, RuleContext } from './rule.ts';
import { targetsOf, whereabouts } from './targets.ts';
import { called, Called } from './words.ts';

const MEND = 'Let the server offer a signed and encrypted connection, choose it in the form of the endpoint, and trust its certificate there.';

/** OPC UA has its security in a property and not in the address: a PLC on the network whose connection is not encrypted. */
export function* opcUaOutside(flows: Flows, context: RuleContext, unknown: Level): Generator<Breach> {
  for (const node of flows.ofType('waybill-opcua-endpoint')) {
    const modes = new Set(partlyFilled(flows, node, textOf(node, 'securityMode') || 'signAndEncrypt', context.machine));
    const open = modes.has('none');
    if (!open && !modes.has('sign')) continue;
    const targets = targetsOf(flows, context, node, 'url');
    const outside = targets.find((target) => target.known && !isLoopback(target.address.host));
    const hidden = targets.find((target) => !target.known);
    if (outside?.known === true) {
      const { host } = outside.address;
      yield open
        ? { node, property: 'securityMode', about: host, message: `${Called(node)} talks to ${host} without security: whoever is on the network reads along, and can answer in the place of the PLC.`, mend: MEND }
        : { node, property: 'securityMode', about: `readable ${host}`, level: 'warn', message: `${Called(node)} talks to ${host} signed and not encrypted: whoever is on the network reads along.`, mend: MEND };
    } else if (open && hidden !== undefined && !hidden.known && unknown !== 'off') {
      yield {
        node, property: 'securityMode', about: `unchecked ${hidden.by}`, level: unknown,
        message: `It cannot be checked whether ${called(node)} talks in clear: it has no security, and its address ${whereabouts(hidden)}.`, mend: 'Choose signed and encrypted in the form of the endpoint, or make sure that the server is on the machine where the flows run.',
      };
    }
  }
}

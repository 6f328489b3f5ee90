import type { ServiceDefinition } from '../../domain/service/index.ts';
import { DriverError, type DriverCall, type HttpDriver, type Outcome } from '../driver.ts';
import type { Dialect, Exchange } from './dialect.ts';
import { Odoo } from './odoo.ts';
import { OdooJson2 } from './odoo-json2.ts';
import { bindingProblems } from './problems.ts';
import { carryOut } from './sequence.ts';
import { Tryton } from './tryton.ts';

const DIALECTS: Readonly<Record<string, Dialect>> = { 'tryton': new Tryton(), 'odoo': new Odoo(), 'odoo-json2': new OdooJson2() };

/** JSON-RPC, by presets: each system has conventions of its own above the protocol. */
export const jsonRpcDriver: HttpDriver = rpcDriver(DIALECTS);

/** A driver for the dialects of one protocol, by the names of their presets. */
export function rpcDriver(dialects: Readonly<Record<string, Dialect>>): HttpDriver {
  const known = Object.keys(dialects).join(', ');
  const dialectOf = (service: ServiceDefinition): Dialect | undefined => (service.preset !== undefined && Object.hasOwn(dialects, service.preset) ? dialects[service.preset] : undefined);
  return {
    * call(call: DriverCall): Exchange<Outcome> {
      const dialect = dialectOf(call.service);
      if (dialect === undefined) throw new DriverError(`The service ${call.service.id} has no preset that is known here; use one of ${known}.`);
      return yield* carryOut(call, dialect);
    },
    problems(service) {
      const dialect = dialectOf(service);
      if (dialect === undefined) return [{ at: '/preset', message: `A service of this protocol needs a preset; use one of ${known}.` }];
      return bindingProblems(service, dialect);
    },
  };
}

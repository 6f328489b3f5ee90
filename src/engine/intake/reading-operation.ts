import type { ServiceDefinition, ServiceOperation } from '../../domain/service/index.ts';
import type { SystemLink } from '../services/system-link.ts';
import type { Surroundings } from './intake-node.ts';

/** An operation of the catalogue by which documents come. */
export interface ReadingOperation {
  readonly service: ServiceDefinition;
  readonly operation: ServiceOperation;
  /** `family/name@1.2.0 operation`. */
  readonly reference: string;
  /** Name of the system. */
  readonly system: string;
}

/** What is known of service and operation now, or one sentence that says what to mend. */
export function readingOperation({ waybill }: Pick<Surroundings, 'waybill'>, { service: reference, operation: name }: { readonly service: string; readonly operation: string }, link: SystemLink): ReadingOperation | string {
  if (reference === '' || name === '') return 'This node has no service or no operation; choose both, and deploy.';
  const known = waybill.services.service(reference);
  if (known === undefined) return `The service ${reference} is not in the site's catalogue; choose one that is.`;
  const { definition: service, status } = known;
  if (status === 'retired') return `The service ${reference} is retired; choose another version.`;
  if (service.system !== link.settings.kind) return `The service ${reference} is one of a system of the kind "${service.system}", and ${link.settings.name} is of the kind "${link.settings.kind}"; choose a system that fits.`;
  const operation = Object.hasOwn(service.operations, name) ? service.operations[name] : undefined;
  if (operation === undefined) return `The service ${reference} has no operation "${name}"; choose one of ${Object.keys(service.operations).slice(0, 8).join(', ')}.`;
  if (operation.effect !== 'reads') return `"${name}" of ${reference} sends; choose an operation that reads.`;
  return { service, operation, reference: `${reference} ${name}`, system: link.settings.name };
}

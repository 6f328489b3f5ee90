import type { ServiceOperation } from '../../domain/service/index.ts';
import type { Json } from '../../domain/json.ts';
import { contractById } from '../mapping/canonical.ts';
import { stepMapping } from '../mapping/step-mapping.ts';
import type { StepMapping } from '../mapping/step-mapping.ts';
import { ConfigError } from '../patterns/typed.ts';
import { contractFaults } from './contracts.ts';
import type { ContractFault } from './contracts.ts';

export interface ReadyMappings {
  readonly request: StepMapping | undefined;
  readonly answer: StepMapping | undefined;
  /** What of the flow's document breaks the canonical contract. */
  readonly faults: (document: Json) => readonly ContractFault[];
}

const made = new WeakMap<ServiceOperation, ReadyMappings>();

/** The mappings between canonical contracts and an operation, as its service has them. @throws ConfigError */
export function readyMappings(operation: ServiceOperation, what: string): ReadyMappings {
  const known = made.get(operation);
  if (known !== undefined) return known;
  const { business } = operation;
  if (business === undefined) throw new ConfigError(`${what} says no longer which business operation it is; choose another version of the service in the node, and deploy.`);
  const { takes, gives } = business;
  const contract = takes === undefined ? undefined : contractById(takes.contract);
  if (takes !== undefined && contract === undefined) throw new ConfigError(`${what} takes the contract ${takes.contract}, which the catalogue does not have; choose another version of the service in the node, and deploy.`);
  const ready: ReadyMappings = {
    request: stepMapping(takes?.mapping, 'request'), answer: gives === undefined ? undefined : stepMapping({ ...gives.mapping, target: gives.contract }, 'answer'),
    faults: (document) => (contract === undefined ? [] : contractFaults(contract.schema, document, takes?.contract ?? '')),
  };
  made.set(operation, ready);
  return ready;
}

import type { ServiceDefinition, ServiceOperation } from '../../domain/service/index.ts';
import { DriverError } from '../driver.ts';
import type { BatchBinding, Filter, OperationBinding, SingleBinding } from './binding.ts';
import type { ODataModel } from './metadata/model.ts';
import { own } from './metadata/model.ts';
import { presetOf } from './presets/presets.ts';
import { operationOf, typeNamed } from './request/build.ts';
import { propertyAt } from './request/filter.ts';
import { shapeOptions } from './request/query.ts';
import { settingsOf } from './settings.ts';
import type { Settings } from './settings.ts';

interface Found { readonly at: string; readonly message: string }

/** What of a definition the driver cannot work with, each with its place. */
export function problemsOf(service: ServiceDefinition): readonly Found[] {
  let settings: Settings;
  try {
    settings = settingsOf(service);
  } catch (error) {
    if (error instanceof DriverError) return [{ at: '/binding', message: error.message }];
    throw error;
  }
  const found: Found[] = [];
  if (!/^(\/[\w.~%()'=,;:@!$&*+-]+)*$/.test(settings.path) || settings.path.split('/').includes('..')) found.push({ at: '/binding/path', message: `The service's path "${settings.path}" must begin with a slash and be a plain path, like /odata/v4/purchasing.` });
  if (service.preset !== undefined && presetOf(service.preset) === undefined) found.push({ at: '/preset', message: `There is no preset "${service.preset}" for OData; leave it out or take one of those that the form offers.` });
  for (const [name, operation] of Object.entries(service.operations)) {
    const at = `/operations/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    for (const problem of operationProblems(operation, settings, service)) found.push({ at: at + problem.at, message: problem.message });
  }
  return found;
}

function operationProblems(operation: ServiceOperation, settings: Settings, service: ServiceDefinition): readonly Found[] {
  const binding = operation.binding as unknown as OperationBinding;
  const found: Found[] = [];
  const writes = binding.do === 'batch' ? (binding as BatchBinding).requests.some((part) => writesBy(part, settings.metadata)) : attempt('/binding', found, () => writesBy(binding, settings.metadata)) ?? false;
  for (const [index, part] of (binding.do === 'batch' ? (binding as BatchBinding).requests : [binding]).entries()) {
    bindingProblems(part, settings.metadata, binding.do === 'batch' ? `/binding/requests/${index}` : '/binding', found);
  }
  if (writes !== (operation.effect === 'writes')) found.push({ at: '/effect', message: writes ? 'The operation changes something: its effect must be "writes".' : 'The operation changes nothing: its effect must be "reads".' });
  const { idempotency: place, recovery } = operation;
  if (place?.in === 'field' && 'entitySet' in binding && binding.entitySet !== undefined) {
    attempt('/idempotency', found, () => {
      const property = propertyAt(place.name.slice(1), typeNamed(binding.entitySet!, settings.metadata), settings.metadata);
      if (property.maxLength !== undefined && (place.maxLength ?? Infinity) > property.maxLength) throw new DriverError(`The system keeps ${property.maxLength} characters of "${place.name.slice(1)}": "maxLength" must say so.`);
    });
  }
  if (recovery.by === 'query' && own(service.operations, recovery.operation)?.effect !== 'reads') found.push({ at: '/recovery/operation', message: `The recovery asks "${recovery.operation}", which must be an operation of this service that reads.` });
  return found;
}

function writesBy(binding: SingleBinding, model: ODataModel): boolean {
  return binding.do === 'call' ? operationOf(binding, model).kind === 'action' : binding.do !== 'read' && binding.do !== 'query';
}

function bindingProblems(binding: SingleBinding, model: ODataModel, at: string, found: Found[]): void {
  if (binding.do === 'call') {
    attempt(at, found, () => operationOf(binding, model));
    return;
  }
  attempt(`${at}/entitySet`, found, () => typeNamed(binding.entitySet, model));
  const set = own(model.sets, binding.entitySet);
  const right = { create: set?.creatable, update: set?.updatable, delete: set?.deletable, read: undefined, query: undefined }[binding.do];
  if (right === false) found.push({ at: `${at}/do`, message: `The system does not let ${binding.entitySet} be ${{ create: 'created', update: 'changed', delete: 'deleted', read: '', query: '' }[binding.do]}: choose another operation.` });
  if (binding.do !== 'read' && binding.do !== 'query') return;
  const typed = (): ReturnType<typeof typeNamed> => typeNamed(binding.entitySet, model);
  if (set !== undefined || own(model.singletons, binding.entitySet) !== undefined) {
    attempt(at, found, () => shapeOptions(binding, typed(), model));
    if (binding.do === 'query') {
      for (const property of [...propertiesOf(binding.filter), ...(binding.orderBy ?? []).map((each) => (typeof each === 'string' ? each : each.property))]) attempt(at, found, () => propertyAt(property, typed(), model));
    }
  }
}

function propertiesOf(filter: Filter | undefined): readonly string[] {
  if (filter === undefined) return [];
  if ('all' in filter) return filter.all.flatMap(propertiesOf);
  if ('any' in filter) return filter.any.flatMap(propertiesOf);
  return 'not' in filter ? propertiesOf(filter.not) : [filter.property];
}

function attempt<T>(at: string, found: Found[], work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof DriverError)) throw error;
    if (!found.some((each) => each.message === error.message)) found.push({ at, message: error.message });
    return undefined;
  }
}

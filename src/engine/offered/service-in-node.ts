import type { NodeAPI } from 'node-red';
import { isPointer } from '../../domain/json-pointer.ts';
import { readServiceReference } from '../../domain/service/index.ts';
import { intakeStep, registerIntakeNode } from '../intake/intake-node.ts';
import { takesDocuments } from './media-types.ts';
import { openServiceIntake } from './places.ts';
import { operationNamed } from './routes.ts';
import { ServiceIntake } from './service-intake.ts';
import type { ServiceIntakeConfig } from './service-intake.ts';

export interface ServiceInNodeConfig extends ServiceIntakeConfig { readonly stepId: string; readonly site: string }

/** Registers the service in node: a request of another system opens a case, or is told to the one that it is about. */
export function registerServiceInNode(RED: NodeAPI, type: string, migrate: (config: Readonly<Record<string, unknown>>) => ServiceInNodeConfig): void {
  registerIntakeNode(RED, type, migrate, (node, config, surroundings) => {
    const { waybill, site } = surroundings;
    const service = config.service.trim();
    if (readServiceReference(service) === undefined) throw new RangeError('The node names no version of a service; choose one, and deploy.');
    if (config.operation === '') throw new RangeError('The node names no operation of its service; choose one, and deploy.');
    if (!isPointer(config.key.trim())) throw new RangeError(`"${config.key}" is no JSON Pointer; write where the key stands in the request, for example /shipment.`);
    const step = intakeStep(node, config, surroundings);
    const counts = { taken: 0, repeated: 0 };
    const show = (): void => {
      if (waybill.state !== 'ready') node.status({ fill: 'red', shape: 'ring', text: waybill.reason ?? `Waybill is ${waybill.state}; callers are told to come again.` });
      else if (!waybill.nodes.accepting()) node.status({ fill: 'yellow', shape: 'ring', text: 'starting' });
      else {
        const problem = problemOf();
        if (problem === undefined) node.status({ fill: 'green', shape: 'dot', text: [`${counts.taken} taken`, ...(counts.repeated === 0 ? [] : [`${counts.repeated} again`])].join(' · ') });
        else node.status({ fill: 'red', shape: 'ring', text: problem });
      }
    };
    /** The catalogue changes under a running flow. */
    const problemOf = (): string | undefined => {
      const known = waybill.services.service(service);
      if (known === undefined) return `The catalogue does not have ${service}; callers get 404.`;
      if (known.definition.offered === undefined) return `${service} is no service that Waybill offers; choose one that is.`;
      if (operationNamed(known.definition, config.operation) === undefined) return `${service} has no operation ${config.operation}; choose another one.`;
      if (takesDocuments(known.definition) !== (config.does === 'take')) return takesDocuments(known.definition) ? `${service} takes documents; choose "brings documents" in the form.` : `${service} takes JSON and no documents; choose what else a request does.`;
      return known.status === 'retired' ? `${service} is retired; callers get 410.` : undefined;
    };
    try {
      const intake = new ServiceIntake(waybill, step, site.id, { ...config, service, key: config.key.trim(), keyName: config.keyName.trim(), uniqueScope: config.uniqueScope.trim(), eventName: config.eventName.trim() }, (anew) => {
        counts[anew ? 'taken' : 'repeated'] += 1;
        show();
      });
      const close = openServiceIntake(intake);
      show();
      const closers = [waybill.nodes.onAccepting(show), waybill.onState(show)];
      return (removed) => {
        close(removed);
        for (const each of closers) each();
        step.close();
      };
    } catch (error) {
      step.close();
      throw error;
    }
  });
}

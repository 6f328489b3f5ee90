import type { PublishedTemplate } from '../catalogue/site-catalogue.ts';
import type { TemplateFacts } from '../gate/rules/rule.ts';
import { parameterSchema } from './parameters.ts';

/** A published template as the gate's rules need it. */
export function factsOf({ manifest, contentHash, status, sunset, flow }: Pick<PublishedTemplate, 'manifest' | 'contentHash' | 'status' | 'sunset'> & Partial<Pick<PublishedTemplate, 'flow'>>): TemplateFacts {
  const { id, version, family, owner, kind, parameters, migrations } = manifest;
  return {
    id, version, family, owner, kind, contentHash, status, ...(sunset === undefined ? {} : { sunset }),
    ...(flow === undefined ? {} : { flow }), ...(migrations === undefined ? {} : { migrations }),
    parameters: Object.fromEntries(Object.entries(parameters.properties).map(([name, parameter]) => [name, {
      scope: parameter['x-waybill'].scope, schema: parameterSchema(parameter), ...(parameter.title === undefined ? {} : { title: parameter.title }), ...(parameter.default === undefined ? {} : { default: parameter.default }),
      ...(parameters.required?.includes(name) === true ? { required: true } : {}),
      ...(parameter.writeOnly === true ? { secret: true } : {}),
    }])),
  };
}

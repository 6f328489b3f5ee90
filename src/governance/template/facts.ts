import type { PublishedTemplate } from '../catalogue/site-catalogue.ts';
import type { TemplateFacts } from '../gate/rules/rule.ts';
import { parameterSchema } from './parameters.ts';

/** A published template as the gate's rules need it. */
export function factsOf({ manifest, contentHash, status, sunset }: Pick<PublishedTemplate, 'manifest' | 'contentHash' | 'status' | 'sunset'>): TemplateFacts {
  const { id, version, family, owner, kind, parameters } = manifest;
  return {
    id, version, family, owner, kind, contentHash, status, ...(sunset === undefined ? {} : { sunset }),
    parameters: Object.fromEntries(Object.entries(parameters.properties).map(([name, parameter]) => [name, {
      scope: parameter['x-waybill'].scope, schema: parameterSchema(parameter), ...(parameter.default === undefined ? {} : { default: parameter.default }),
    }])),
  };
}

import path from 'node:path';
import type { ServiceDefinition } from '../../domain/service/index.ts';
import { readServiceFolder } from '../../governance/service/folder.ts';
import { ServiceError } from '../../governance/service/service-error.ts';
import { ScenarioError } from './scenario-error.ts';

/** The services that a scenario names by their folders. @throws ScenarioError `wrong-scenario` */
export function readServices(folders: readonly string[] = [], scenarioFile: string): readonly ServiceDefinition[] {
  return folders.map((folder) => {
    try {
      return readServiceFolder(path.resolve(path.dirname(scenarioFile), folder)).definition;
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      throw new ScenarioError('wrong-scenario', `${scenarioFile}: the service ${folder} cannot be used; "services" names folders that hold a service.json. ${error.message}`, error.details, { cause: error });
    }
  });
}

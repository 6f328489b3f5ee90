import type { Flows } from '../../governance/gate/rules/flows.ts';
import type { InstalledTemplate } from './port.ts';

/** Templates that stand in flows, by what their subflows and tabs say. */
export function installedTemplates(_flows: Flows | undefined): readonly InstalledTemplate[] {
  return [];
}

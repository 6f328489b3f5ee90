import { packService } from '../../governance/service/pack.ts';
import { packFolder } from '../packing.ts';
import type { ServiceArguments } from './arguments.ts';
import { serviceFindings } from './lint.ts';

/** `waybill service pack …` */
export function packCommand({ values, positionals }: ServiceArguments): Promise<number> {
  return packFolder({
    what: 'service', lint: serviceFindings,
    pack: (folder) => {
      const { definition: { id, version }, ...packed } = packService(folder);
      return { id, version, ...packed };
    },
  }, values, positionals);
}

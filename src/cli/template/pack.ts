import { lintTemplate } from '../../governance/template/lint/lint.ts';
import { packTemplate } from '../../governance/template/pack.ts';
import { packFolder } from '../packing.ts';
import type { TemplateArguments } from './arguments.ts';

/** `waybill template pack …` */
export function packCommand({ values, positionals }: TemplateArguments): Promise<number> {
  return packFolder({
    what: 'template', lint: lintTemplate,
    pack: (folder) => {
      const { manifest: { id, version }, ...packed } = packTemplate(folder);
      return { id, version, ...packed };
    },
  }, values, positionals);
}

import { ask } from './answers.ts';
import type { Asked, TemplateDetail } from './answers.ts';

const known = new Map<string, Promise<Asked<TemplateDetail>>>();

/** Asks anew from now on: the catalogue has changed, and with it may have what is on its way out. */
export function forgetDetails(): void {
  known.clear();
}

/** The description of a version; asked for once until the catalogue changes, and again when there was no answer. */
export function detailOf(id: string, version: string): Promise<Asked<TemplateDetail>> {
  const key = `${id}@${version}`;
  const asking = known.get(key) ?? ask<TemplateDetail>(`template?id=${encodeURIComponent(id)}&version=${encodeURIComponent(version)}`);
  known.set(key, asking);
  void asking.then((asked) => {
    if ('silence' in asked) {
      known.delete(key);
    }
  });
  return asking;
}

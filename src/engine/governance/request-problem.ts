import { compareVersions } from '../../governance/gate/rules/versions.ts';
import type { ChangeTerms } from '../../domain/change/index.ts';
import type { RequestChangeInput, RequestWaiverInput } from './change-port.ts';
import { ruleCodes } from './rules.ts';

const forms = {
  family: /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, template: /^[a-z][a-z0-9-]*\/[a-z][a-z0-9-]*@[0-9A-Za-z.+-]{1,64}$/, rule: /^[a-z][a-z0-9-]{1,63}$/, covered: /^[a-z][a-z0-9-]*\/[a-z][a-z0-9-]*$/, fingerprint: /^[\x21-\x7e]{1,200}$/,
} as const;
const longest = { title: 300, reason: 2_000, family: 60, template: 200 } as const;

/** What is wrong with the form of a request, wherever it comes from; undefined when it can be judged. */
export function requestProblem(input: RequestChangeInput | RequestWaiverInput): string | undefined {
  if (input.title.trim() === '' || input.title.length > longest.title) return `Say in up to ${longest.title} characters what is asked for.`;
  if (input.reason.length > longest.reason) return `Say in up to ${longest.reason} characters why it is needed.`;
  if (input.family.length > longest.family || !forms.family.test(input.family)) return 'Name the process family whose owners decide, for example order-to-cash.';
  if (input.template !== undefined && (input.template.length > longest.template || !forms.template.test(input.template))) return 'Name the template with its version, for example order-to-cash/order-exception@1.2.0.';
  // The owners of another family have no say over the template.
  if (input.template !== undefined && !input.template.startsWith(`${input.family}/`)) return 'The template belongs to another process family; its own owners decide.';
  if (input.kind === 'change') return undefined;
  if (input.rule !== '' && !forms.rule.test(input.rule)) return 'Name the rule by its code, for example no-exec.';
  if (input.rule !== '' && !ruleCodes.includes(input.rule)) return `There is no rule ${input.rule}; the finding names the rule that it breaks.`;
  if (input.scope.template !== undefined && (!forms.covered.test(input.scope.template) || !input.scope.template.startsWith(`${input.family}/`))) return 'A waiver for a whole template covers one of the family whose owners decide.';
  return input.scope.fingerprints?.every((each) => forms.fingerprint.test(each)) === false ? 'A waiver names findings by their fingerprints, as the sidebar and "waybill check" show them.' : undefined;
}

/** The field that names a template which the site's catalogue does not have, with what to write instead; without templates of a catalogue nobody can say. */
export function unknownTemplate(input: RequestChangeInput | RequestWaiverInput, templates: readonly { readonly manifest: { readonly id: string; readonly version: string } }[]): { readonly path: string; readonly message: string } | undefined {
  if (templates.length === 0) return undefined;
  const covered = input.kind === 'waiver' ? input.scope.template : undefined;
  if (covered !== undefined && !templates.some(({ manifest }) => manifest.id === covered)) return { path: 'body/scope/template', message: `The catalogue of this site has no template ${covered}.` };
  if (input.template === undefined) return undefined;
  const [id = '', version = ''] = input.template.split('@');
  const versions = templates.filter(({ manifest }) => manifest.id === id).map(({ manifest }) => manifest.version).sort(compareVersions);
  if (versions.includes(version)) return undefined;
  return { path: 'body/template', message: versions.length === 0 ? `The catalogue of this site has no template ${id}.` : `The catalogue of this site has no version ${version} of ${id}; it has ${versions.join(', ')}.` };
}

/** What is wrong with the terms of a decision, beside the request they answer; undefined when nothing is. */
export function termsProblem(template: string | null | undefined, terms: ChangeTerms): string | undefined {
  const base = template?.split('@')[1];
  if (terms.decision !== 'accept' || base === undefined || compareVersions(terms.version, base) > 0) return undefined;
  return `The change is based on ${base}, so the version that has it comes after that: say a higher one.`;
}

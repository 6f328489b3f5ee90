import { commonText } from './texts.ts';

/** What the input of a node is called, with the milestones that a case needs to get in. */
export function guardedInput(node: { readonly requires?: unknown } | undefined, label: string): string {
  const milestones = typeof node?.requires === 'string' ? node.requires.trim() : '';
  return milestones === '' ? label : commonText('guardedInput', { label, milestones });
}

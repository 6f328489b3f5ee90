import type { Finding } from '../../governance/gate/rules/rule.ts';
import { harmlessLine } from '../harmless.ts';
import { refuses } from '../../governance/gate/rules/run.ts';

const COLOURS = { red: '\u001b[31m', yellow: '\u001b[33m', dim: '\u001b[2m', none: '\u001b[0m' } as const;

function admittedBy({ admitted }: Finding): string {
  if (admitted === undefined) return '';
  return admitted.by === 'baseline' ? ' (was there before)' : ` (waiver ${admitted.id ?? ''} until ${admitted.until?.slice(0, 10) ?? ''})`;
}

const place = (finding: Finding): string => harmlessLine(finding.node?.tabLabel || finding.node?.tab || 'the flows as a whole');

function lines(finding: Finding, paint: (colour: keyof typeof COLOURS, text: string) => string): string {
  const level = refuses(finding) ? paint('red', 'error') : paint('yellow', finding.admitted === undefined ? 'warn ' : 'known');
  const where = finding.node === undefined ? '' : paint('dim', `  [${harmlessLine(finding.node.id)}]`);
  return `  ${level}  ${harmlessLine(finding.message)}${where}\n         ${harmlessLine(finding.mend)}\n         ${paint('dim', `${finding.rule}${admittedBy(finding)}  ${finding.fingerprint}`)}\n`;
}

/** Findings by tab, those that refuse first. */
export function reportText(findings: readonly Finding[], colours: boolean): string {
  const paint = (colour: keyof typeof COLOURS, text: string): string => (colours ? `${COLOURS[colour]}${text}${COLOURS.none}` : text);
  const tabs = new Map<string, Finding[]>();
  for (const finding of [...findings].sort((a, b) => Number(refuses(b)) - Number(refuses(a)))) tabs.set(place(finding), [...tabs.get(place(finding)) ?? [], finding]);
  return [...tabs].map(([tab, found]) => `${tab}\n${found.map((each) => lines(each, paint)).join('')}`).join('\n');
}

/** One sentence: whether these flows would be deployed. */
export function verdict(findings: readonly Finding[]): string {
  const errors = findings.filter(refuses).length;
  const admitted = findings.filter((each) => each.admitted !== undefined).length;
  const warnings = findings.length - errors - admitted;
  const rest = [warnings > 0 ? `${warnings} to look at` : '', admitted > 0 ? `${admitted} known` : ''].filter((text) => text !== '').join(', ');
  const more = rest === '' ? '.' : `; ${rest}.`;
  return errors === 0 ? `These flows pass the gate${more}` : `The gate would refuse these flows: ${errors} ${errors === 1 ? 'finding' : 'findings'}${more}`;
}

import { isRefusing } from '../../governance/gate/judge.ts';
import type { JudgedFinding } from '../../governance/gate/judge.ts';

/** Findings named in one text. */
const NAMED = 3;

function place({ node }: JudgedFinding): string {
  if (node === undefined) return '';
  const name = node.name === '' ? node.type : `"${node.name}"`;
  return node.tabLabel === undefined || node.tabLabel === '' || node.tab === node.id ? `${name}: ` : `${name} on "${node.tabLabel}": `;
}

/** One text for whoever deploys: what is refused, where, and what to do. Plain: whoever shows it as HTML escapes it. */
export function verdictText(findings: readonly JudgedFinding[]): string {
  return `Waybill did not deploy this; what ran goes on running. ${findingsText(findings)}`;
}

/** The first findings that are in the way. */
export function findingsText(findings: readonly JudgedFinding[]): string {
  const refusing = findings.filter(isRefusing);
  const named = refusing.slice(0, NAMED).map((finding) => `${place(finding)}${finding.message} ${finding.mend}`);
  const more = refusing.length > NAMED ? ` ${refusing.length - NAMED} more: see Findings in the tab "Waybill: templates" of the sidebar.` : '';
  return `${named.join(' ')}${more}`;
}

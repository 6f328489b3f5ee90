import type { Json } from '../../domain/json.ts';
import { harmless } from '../harmless.ts';
import type { ChangeAnswer } from '../../governance/change/answer-file.ts';

const signs: Readonly<Record<string, string>> = { added: '+', removed: '-', changed: '~' };

/** A difference as lines of text. */
function differenceLines(difference: Json | undefined): readonly string[] {
  if (!Array.isArray(difference)) return ['  (the published version is not known here, so there is nothing to compare with)'];
  if (difference.length === 0) return ['  (no property and no wire of a node changes)'];
  return (difference as readonly { kind?: Json; node?: Json; property?: Json; before?: Json; after?: Json }[]).flatMap((line) => {
    const head = `  ${signs[String(line.kind)] ?? '?'} ${harmless(String(line.node))}${line.property === '' ? '' : ` ${harmless(String(line.property))}`}`;
    return line.kind === 'changed' ? [head, `      before ${harmless(JSON.stringify(line.before))}`, `      after  ${harmless(JSON.stringify(line.after))}`] : [head];
  });
}

/** What a request asks for, as both sides show it. */
export function askedLines(asked: {
  readonly changeId: string; readonly kind: string; readonly status?: string; readonly site: string; readonly family: string; readonly title: string; readonly reason: string; readonly template?: string | null;
  readonly rule?: string | null; readonly until?: string | null; readonly scope?: { readonly fingerprints?: readonly string[]; readonly template?: string }; readonly difference?: Json; readonly requestHash: string;
}): readonly string[] {
  return [
    harmless(asked.title), `  ${asked.changeId}, ${asked.kind === 'waiver' ? 'a waiver' : 'a change'}${asked.status === undefined ? '' : `, ${asked.status}`}`,
    `  site ${harmless(asked.site)}, family ${asked.family}${asked.template == null ? '' : `, template ${asked.template}`}`,
    ...(asked.rule == null ? [] : [`  rule ${asked.rule}${asked.until == null ? '' : `, asked for until ${asked.until.slice(0, 10)}`}`]),
    ...(asked.kind === 'waiver' ? [...(asked.scope?.fingerprints ?? []).map((each) => `  finding ${harmless(each)}`), ...(asked.scope?.template === undefined ? [] : [`  everything in ${asked.scope.template}`])] : []),
    `  ${asked.requestHash}`, '', ...asked.reason.split('\n').map((line) => `  ${harmless(line)}`),
    ...(asked.kind === 'change' ? ['', 'What changes:', ...differenceLines(asked.difference)] : []),
  ];
}

/** What the owners answer. */
export function answerLines({ terms, comment, answeredAt, validUntil }: Pick<ChangeAnswer, 'terms' | 'comment' | 'answeredAt' | 'validUntil'>): readonly string[] {
  const said = terms.decision === 'accept' ? `Accepted: it comes with version ${terms.version}.` : terms.decision === 'waive' ? `Waived until ${terms.expiresAt.slice(0, 10)}.` : 'Declined.';
  return [`${said} Answered on ${answeredAt.slice(0, 10)}; a site takes it until ${validUntil.slice(0, 10)}.`, ...(comment === undefined ? [] : comment.split('\n').map((line) => `  ${harmless(line)}`))];
}

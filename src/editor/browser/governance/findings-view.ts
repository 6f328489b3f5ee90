import type { Texts } from '../texts.ts';
import type { Finding } from './answers.ts';
import { button, dayOf, dim, empty, item, list, momentOf, paragraph, pill, plain, section, trouble } from './parts.ts';
import type { State } from './store.ts';
import { refusing } from './store.ts';
import { nameOf } from './workspace.ts';

export interface FindingActions {
  readonly reveal: (id: string) => void;
  readonly check: () => void;
  readonly rule: (code: string) => void;
  readonly waiver: (finding: Finding) => void;
}

/** Rules that have a title in the language of the reader. */
const RULES = new Set([
  'malformed-flows',
  'template-unchanged',
  'parameters-in-bounds',
  'retired-version',
  'deprecated-version',
  'service-unknown',
  'request-incomplete',
  'retired-service',
  'deprecated-service',
  'open-cases-removed',
  'duplicate-step-id',
  'duplicate-subscription',
  'no-whole-broker',
  'case-opened-before-governed',
  'case-closed-after',
  'service-answered',
  'unauthenticated-endpoint',
  'error-outputs-wired',
  'no-token-fan-out',
  'wait-in-link-call',
  'approval-not-weaker',
  'no-call-around-connector',
  'no-secrets',
  'tls-outside',
  'no-exec',
  'modules-allowed',
  'function-limits',
  'owner-and-family',
]);

/** Findings that one drawing shows; the rest is counted. */
const MOST = 200;

/** Findings: what keeps a deploy out, what is only said, and what was let in all the same. */
export function drawFindings(body: JQuery, { findings }: State, text: Texts, language: string, actions: FindingActions): void {
  const all = findings?.findings ?? [];
  const { box, head } = section(body, findings?.at === undefined ? text('findings.title') : text('findings.judged', { time: momentOf(findings.at, language) }));
  button(head, text('findings.check'), 'check', actions.check, 'fa-search');
  if (findings === undefined) {
    empty(box, text('findings.notYet'));
    return;
  }
  if (findings.refused === true) {
    trouble(box, text(findings.checked === true ? 'findings.wouldRefuse' : findings.elsewhere === true ? 'findings.elsewhere' : 'findings.refused'));
  }
  if (findings.note !== undefined) {
    trouble(box, findings.note);
  }
  if (all.length === 0) {
    empty(box, text('findings.none'));
    return;
  }
  const errors = refusing(all);
  drawGroup(body, 'errors', errors, text, language, actions);
  drawGroup(body, 'warnings', all.filter(({ level, admitted }) => level === 'warn' && admitted === undefined), text, language, actions);
  drawGroup(body, 'admitted', all.filter(({ admitted }) => admitted !== undefined), text, language, actions);
  if (findings.truncated === true) {
    empty($('<section class="waybill-gov-section">').appendTo(body), text('findings.truncated'));
  }
}

function drawGroup(body: JQuery, group: 'errors' | 'warnings' | 'admitted', findings: readonly Finding[], text: Texts, language: string, actions: FindingActions): void {
  if (findings.length === 0) {
    return;
  }
  const { box } = section(body, text(`findings.${group}`, { count: findings.length }));
  const rows = list(box);
  for (const finding of findings.slice(0, MOST)) {
    drawFinding(rows, finding, text, language, actions);
  }
  if (findings.length > MOST) {
    empty(box, text('findings.more', { count: findings.length - MOST }));
  }
}

function drawFinding(rows: JQuery, finding: Finding, text: Texts, language: string, actions: FindingActions): void {
  const { node, admitted } = finding;
  const row = item(rows, admitted === undefined ? finding.level : undefined).attr('data-rule', finding.rule);
  if (node !== undefined) {
    const line = $('<div class="waybill-gov-line">').appendTo(row);
    plain($('<span class="waybill-gov-title">').appendTo(line), nameOf(node), `finding ${finding.fingerprint}`, () => { actions.reveal(node.id); });
    if (node.tabLabel !== undefined && node.tabLabel !== node.name) {
      dim(line, node.tabLabel);
    }
  }
  if (RULES.has(finding.rule)) {
    dim($('<div>').appendTo(row), text(`rule.${finding.rule}`));
  }
  paragraph(row, finding.message);
  paragraph(row, finding.mend, true);
  if (admitted !== undefined) {
    const said = admitted.until === undefined ? text(`findings.by.${admitted.by}`) : text(`findings.byUntil.${admitted.by}`, { date: dayOf(admitted.until, language) });
    pill($('<p>').appendTo(row), said, admitted.by === 'break-glass' ? 'bad' : 'plain');
  }
  const buttons = $('<div class="waybill-gov-buttons">').appendTo(row);
  plain(buttons, finding.rule, `rule ${finding.fingerprint}`, () => { actions.rule(finding.rule); });
  if (admitted === undefined && finding.level === 'error') {
    plain(buttons, text('action.waiver'), `waiver ${finding.fingerprint}`, () => { actions.waiver(finding); });
  }
}

import type { Texts } from '../texts.ts';
import type { ChangeAnswer } from './answers.ts';
import { dayOf, dim, empty, item, list, pill, section } from './parts.ts';
import type { PillKind } from './parts.ts';
import type { State } from './store.ts';

const PILLS: Readonly<Record<string, PillKind>> = { requested: 'news', 'in-review': 'news', accepted: 'good', waived: 'good', declined: 'bad', withdrawn: 'plain' };

/** Changes: what this site has asked for, and what became of it. */
export function drawChanges(body: JQuery, { changes }: State, text: Texts, language: string): void {
  const { box } = section(body, text('changes.title', { count: changes?.changes.length ?? 0 }));
  if (changes === undefined) {
    empty(box, text('loading'));
    return;
  }
  if (changes.changes.length === 0) {
    empty(box, text('changes.none'));
    return;
  }
  const rows = list(box);
  for (const change of changes.changes) {
    drawChange(rows, change, text, language);
  }
}

function drawChange(rows: JQuery, change: ChangeAnswer, text: Texts, language: string): void {
  const row = item(rows);
  const line = $('<div class="waybill-gov-line">').appendTo(row);
  $('<span class="waybill-gov-title">').text(change.title).appendTo(line);
  pill(line, text(`changes.state.${change.state}`), PILLS[change.state] ?? 'plain');
  const facts = $('<p class="waybill-gov-line">').appendTo(row);
  dim(facts, text(`changes.kind.${change.kind}`));
  dim(facts, dayOf(change.at, language));
  if (change.rule !== undefined) {
    dim(facts, change.rule);
  }
  if (change.template !== undefined) {
    dim(facts, change.template);
  }
  if (change.version !== undefined) {
    dim(facts, text('changes.version', { version: change.version }));
  }
  if (change.needed > 1 && isOpen(change)) {
    dim(facts, text('changes.needed', { count: change.needed }));
  }
  if (change.expiresAt !== undefined) {
    dim(facts, text('changes.until', { date: dayOf(change.expiresAt, language) }));
  }
}

/** Nobody has decided it yet. */
export function isOpen({ state }: ChangeAnswer): boolean {
  return state === 'requested' || state === 'in-review';
}

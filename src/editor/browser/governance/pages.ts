import type { Texts } from '../texts.ts';
import { drawAnswer } from './answered.ts';
import { ask } from './answers.ts';
import type { ParameterAnswer, TemplateDetail } from './answers.ts';
import { detailOf } from './details.ts';
import { drawMarkdown } from './markdown.ts';
import { changelog, dayOf, fact, pill } from './parts.ts';
import { boundsInWords } from './parameter-words.ts';
import { openTray } from './trays.ts';

/** The page of a version: who answers for it and has signed it, its parameters with their bounds, what has changed, how it is used. */
export function openPage(text: Texts, language: string, id: string, version: string): void {
  openTray(text, {
    title: `${id} ${version}`,
    width: 700,
    build: (body) => {
      drawAnswer(body, detailOf(id, version), text, (detail) => { drawDetail(body, detail, text, language); });
    },
  });
}

function drawDetail(body: JQuery, detail: TemplateDetail, text: Texts, language: string): void {
  const head = $('<div class="waybill-gov">').css('height', 'auto').appendTo(body);
  $('<h3>').text(detail.title).appendTo(head);
  $('<p>').text(detail.summary).appendTo(head);
  if (detail.status !== 'published') {
    pill($('<p>').appendTo(head), detail.sunset === undefined ? text(`state.${detail.status}`) : text('state.deprecatedUntil', { date: dayOf(detail.sunset, language) }), detail.status === 'retired' ? 'bad' : 'care');
  }
  const facts = $('<dl>').appendTo(head);
  fact(facts, text('page.version'), detail.version);
  fact(facts, text('page.owner'), detail.owner);
  fact(facts, text('page.published'), dayOf(detail.publishedAt, language));
  fact(facts, text('page.signedBy'), detail.signedBy.map(({ name, function: role }) => (role === undefined ? name : `${name} (${role})`)).join(', '));
  fact(facts, text('page.hash'), detail.contentHash);
  drawParameters(body, detail.parameters, text);
  if (detail.changelog.length > 0) {
    $('<h4>').text(text('page.changelog')).appendTo(body);
    changelog(body, detail.changelog, language);
  }
  if (detail.readme.trim() !== '') {
    $('<hr>').appendTo(body);
    drawMarkdown(body, detail.readme);
  }
}

function drawParameters(body: JQuery, parameters: readonly ParameterAnswer[], text: Texts): void {
  if (parameters.length === 0) {
    return;
  }
  $('<h4>').text(text('page.parameters')).appendTo(body);
  const table = $('<table>').appendTo(body);
  const head = $('<tr>').appendTo(table);
  for (const column of ['parameter', 'default', 'bounds']) {
    $('<th>').text(text(`page.${column}`)).appendTo(head);
  }
  for (const parameter of parameters) {
    const row = $('<tr>').appendTo(table);
    const name = $('<td>').appendTo(row);
    $('<div>').text(parameter.title).appendTo(name);
    if (parameter.description !== undefined) {
      $('<div class="waybill-gov-dim">').text(parameter.description).appendTo(name);
    }
    $('<td>').text(parameter.secret ? text('page.secret') : parameter.default === undefined ? '' : String(parameter.default)).appendTo(row);
    $('<td>').text(parameter.scope === 'central' ? text('page.central') : boundsInWords(parameter, text)).appendTo(row);
  }
}

/** The page of a rule. */
export function openRule(text: Texts, code: string): void {
  openTray(text, {
    title: code,
    width: 640,
    build: (body) => {
      drawAnswer(body, ask<{ readonly page: string }>(`rule?code=${encodeURIComponent(code)}`), text, ({ page }) => { drawMarkdown(body, page); });
    },
  });
}

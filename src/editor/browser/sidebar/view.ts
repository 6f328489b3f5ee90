import type { Texts } from '../texts.ts';
import { ageOf, momentOf } from './ages.ts';
import type { CasesAnswer, CountName, NodeCount, Silence, SiteAnswer } from './answers.ts';
import { nameOfPlace } from './subject.ts';
import type { Subject } from './subject.ts';

/** Everything that one drawing of the sidebar shows. */
export interface Model {
  readonly site: SiteAnswer | undefined;
  /** Why the last question had no answer; `at` is when the shown state was true. */
  readonly silence: { readonly why: Silence; readonly at: string | undefined } | undefined;
  readonly subject: Subject | undefined;
  readonly cases: CasesAnswer | undefined;
}

export interface ViewActions {
  readonly go: (place: NodeCount) => void;
  readonly clear: () => void;
}

const COUNTS: readonly (readonly [CountName, string])[] = [
  ['casesOpen', 'cases?status=open'],
  ['tasksOpen', ''],
  ['exceptionsOpen', 'exceptions'],
  ['deadLettersOpen', 'dead-letters'],
  ['quarantineHeld', 'quarantine'],
];

const REST_KINDS: Readonly<Record<string, string>> = { 'waybill-approval': 'decides', 'waybill-call': 'calls', 'waybill-erp': 'calls', 'waybill-wms': 'calls', 'waybill-event-out': 'calls', 'waybill-plc-out': 'calls', 'waybill-exception': 'excepts' };

/** Draws the model into `body`. Texts of people and systems only ever become text, never markup. */
export function draw(body: JQuery, model: Model, text: Texts, language: string, actions: ViewActions): void {
  const focused = document.activeElement instanceof HTMLElement && body[0]?.contains(document.activeElement) === true ? document.activeElement.dataset['key'] : undefined;
  const { site, silence } = model;
  body.empty();
  if (silence !== undefined) {
    const said = silence.why === 'unreachable' && silence.at === undefined ? 'silent' : silence.why;
    note(body, 'trouble', text(`trouble.${said}`, { time: silence.at ?? '' }));
  }
  if (site === undefined) {
    if (silence === undefined) {
      note(body, 'empty', text('empty.loading'));
    }
    return;
  }
  drawSite(section(body, text('site.title')), site, text, language);
  drawHere(body, model, site, text, language, actions);
  drawLeftBehind(body, site, text);
  if (focused !== undefined) {
    body.find('[data-key]').filter((_index, element) => element.dataset['key'] === focused).trigger('focus');
  }
}

function drawSite(box: JQuery, site: SiteAnswer, text: Texts, language: string): void {
  const name = [site.enterprise, site.site].filter((part) => part !== '').join(' / ');
  const line = $('<div class="waybill-here-line">').appendTo(box);
  $('<span class="waybill-here-dot" aria-hidden="true">').addClass(`waybill-here-${site.state}`).appendTo(line);
  $('<b>').text(name === '' ? text('site.unnamed') : name).appendTo(line);
  $('<span class="waybill-here-dim waybill-here-state">').text(text(`site.state.${site.state}`)).appendTo(line);
  if (site.console !== undefined) {
    const head = box.children('h4').wrap('<div class="waybill-here-line waybill-here-head">').parent();
    link(head, site, '', text('site.inbox'), text, 'fa-inbox');
    link(head, site, 'cases', text('site.console'), text, 'fa-list');
  }
  if (site.reason !== undefined) {
    note(box, 'trouble', site.reason);
  }
  if (site.counts !== undefined) {
    const list = $('<ul class="waybill-here-counts">').appendTo(box);
    for (const [count, page] of COUNTS) {
      const number = site.counts[count];
      if (number > 0 || count === 'casesOpen' || count === 'tasksOpen') {
        const item = $('<li>').appendTo(list);
        link(item, site, page, text(`site.${count}`), text);
        $('<b>').text(new Intl.NumberFormat(language).format(number)).appendTo(item);
      }
    }
  }
}

function drawHere(body: JQuery, { subject, cases }: Model, site: SiteAnswer, text: Texts, language: string, actions: ViewActions): void {
  if (subject === undefined) {
    return;
  }
  const box = section(body, text(subject.kind === 'all' ? 'here.all' : 'here.title'));
  if (subject.kind === 'all') {
    drawPlaces(box, subject.anyNode, site, text, actions);
    return;
  }
  const line = $('<div class="waybill-here-line">').appendTo(box);
  $('<b class="waybill-here-name">').text(subject.name).appendTo(line);
  button(line, text('here.clear'), 'clear', actions.clear);
  if (subject.kind === 'plain') {
    note(box, 'empty', text('empty.plain'));
  } else if (subject.state === 'disabled' || subject.state === 'not-deployed') {
    note(box, 'empty', text(subject.state === 'disabled' ? 'empty.disabled' : 'empty.notDeployed'));
  } else {
    if (subject.state === 'changed') {
      note(box, 'empty', text('empty.changed'));
    }
    drawCases(box, subject.type, cases, site, text, language);
  }
}

function drawPlaces(box: JQuery, anyNode: boolean, site: SiteAnswer, text: Texts, actions: ViewActions): void {
  const places = site.nodes.filter(({ steps, tokens }) => steps + tokens > 0).sort((a, b) => b.steps + b.tokens - a.steps - a.tokens);
  if (places.length === 0) {
    note(box, 'empty', text(anyNode ? 'empty.noneAnywhere' : 'empty.noNodes'));
    return;
  }
  const list = $('<ul class="waybill-here-list">').appendTo(box);
  for (const place of places) {
    const row = $('<button type="button" class="waybill-here-row">').attr('data-key', place.address).appendTo($('<li>').appendTo(list));
    $('<span class="waybill-here-title">').text(nameOfPlace(place)).appendTo(row);
    $('<span class="waybill-here-dim">').text(countsOf(place, text)).appendTo(row);
    row.on('click', () => {
      actions.go(place);
    });
  }
}

function countsOf({ steps, tokens }: { readonly steps: number; readonly tokens: number }, text: Texts): string {
  return [
    ...(steps > 0 ? [text('here.nodeResting', { count: steps })] : []),
    ...(tokens > 0 ? [text('here.nodeOnTheWay', { count: tokens })] : []),
  ].join(' · ');
}

function drawCases(box: JQuery, type: string, cases: CasesAnswer | undefined, site: SiteAnswer, text: Texts, language: string): void {
  if (cases === undefined) {
    note(box, 'empty', text('empty.loading'));
    return;
  }
  if (cases.steps + cases.tokens === 0) {
    note(box, 'empty', text(`empty.none.${REST_KINDS[type] ?? 'passes'}`));
    return;
  }
  const now = Date.now();
  const oldest = cases.oldest === undefined ? [] : [text('here.oldest', { age: ageOf(cases.oldest, now, language) })];
  $('<div class="waybill-here-summary" role="status">').text([countsOf(cases, text), ...oldest].join(' · ')).appendTo(box);
  const list = $('<ul class="waybill-here-list">').appendTo(box);
  for (const item of cases.items) {
    const cell = $('<li>').appendTo(list);
    const row = site.console === undefined ? $('<div class="waybill-here-row">') : $('<a class="waybill-here-row" target="_blank" rel="noopener">').attr('href', `${site.console}cases/${encodeURIComponent(item.caseId)}`);
    row.attr({ 'data-key': `${item.kind} ${item.caseId}`, title: momentOf(item.since, language) }).appendTo(cell);
    $('<span class="waybill-here-title">').text(item.title).appendTo(row);
    $('<span class="waybill-here-dim">').text(`${ageOf(item.since, now, language)} · ${text(`here.waits.${item.waits}`)}`).appendTo(row);
  }
  if (cases.items.length < cases.steps + cases.tokens) {
    note(box, 'empty', text('here.more', { count: cases.items.length }));
  }
}

function drawLeftBehind(body: JQuery, site: SiteAnswer, text: Texts): void {
  if (site.leftBehind.length === 0) {
    return;
  }
  const box = section(body, text('left.title'));
  note(box, 'trouble', text('left.why'));
  const list = $('<ul class="waybill-here-list">').appendTo(box);
  for (const { address, steps, tokens } of site.leftBehind) {
    $('<li class="waybill-here-row">').text(text('left.row', { count: steps + tokens, address })).appendTo(list);
  }
  link($('<div>').appendTo(box), site, 'exceptions', text('left.exceptions'), text, 'fa-exclamation-triangle');
}

function section(body: JQuery, title: string): JQuery {
  const box = $('<section class="waybill-here-section">').appendTo(body);
  $('<h4>').text(title).appendTo(box);
  return box;
}

function note(box: JQuery, kind: 'empty' | 'trouble', said: string): void {
  $('<p>').addClass(`waybill-here-${kind}`).text(said).appendTo(box);
}

/** A link into the console; only its text where the console is not served. */
function link(box: JQuery, site: SiteAnswer, page: string, said: string, text: Texts, icon?: string): void {
  if (site.console === undefined) {
    $('<span>').text(said).appendTo(box);
    return;
  }
  const made = $('<a target="_blank" rel="noopener">').attr({ href: `${site.console}${page}`, title: text('here.newTab'), 'data-key': `to ${page}${icon ?? ''}` }).appendTo(box);
  if (icon !== undefined) {
    $('<i aria-hidden="true">').addClass(`fa ${icon}`).appendTo(made);
  }
  made.append(document.createTextNode(icon === undefined ? said : ` ${said}`));
}

function button(box: JQuery, said: string, key: string, press: () => void): void {
  $('<button type="button" class="red-ui-button red-ui-button-small">').attr('data-key', key).text(said).on('click', press).appendTo(box);
}

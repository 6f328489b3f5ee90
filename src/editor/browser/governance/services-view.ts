import type { Texts } from '../texts.ts';
import type { ServiceAnswer, ServiceCallerAnswer, ServiceVersionAnswer } from './answers.ts';
import { dayOf, dim, item, list, paragraph, pill, plain, section } from './parts.ts';
import type { PillKind } from './parts.ts';
import type { State } from './store.ts';

/** Callers that one row names; the rest are counted. */
const MOST = 8;

export interface ServiceActions {
  readonly reveal: (id: string) => void;
}

const PILLS: Readonly<Record<ServiceVersionAnswer['status'], PillKind>> = { published: 'good', deprecated: 'care', retired: 'bad' };

/** Services: what systems offer by the catalogue, and which nodes of the running flows call it. Nothing where there is none. */
export function drawServices(body: JQuery, { services, open }: State, text: Texts, language: string, actions: ServiceActions): void {
  const [known, strangers] = [services?.services ?? [], services?.strangers ?? []];
  if (known.length + strangers.length === 0) {
    return;
  }
  const rows = list(section(body, text('services.title', { count: known.length })).box);
  for (const { reference, callers } of strangers) {
    const row = item(rows, 'error');
    const line = $('<div class="waybill-gov-line">').appendTo(row);
    $('<span class="waybill-gov-title">').text(reference).appendTo(line);
    pill(line, text('state.unknown'), 'bad');
    drawCallers(row, callers, text, actions);
  }
  for (const service of known) {
    drawService(rows, service, open, text, language, actions);
  }
}

/** Versions that are called, and the newest: older ones that nobody calls are of no use here. */
function drawService(rows: JQuery, service: ServiceAnswer, open: Set<string>, text: Texts, language: string, actions: ServiceActions): void {
  const row = item(rows);
  const head = $('<div class="waybill-gov-line">').appendTo(row);
  $('<span class="waybill-gov-title">').text(service.title).appendTo(head);
  dim(head, service.id);
  const facts = $('<p class="waybill-gov-line">').appendTo(row);
  dim(facts, text('services.system', { system: service.system }));
  dim(facts, service.owner);
  for (const [at, version] of service.versions.entries()) {
    if (at === 0 || version.callers.length > 0) {
      drawVersion(row, service, version, open, text, language, actions);
    }
  }
}

function drawVersion(row: JQuery, { id }: ServiceAnswer, version: ServiceVersionAnswer, open: Set<string>, text: Texts, language: string, actions: ServiceActions): void {
  const line = $('<div class="waybill-gov-line">').appendTo(row);
  $('<span>').text(version.version).appendTo(line);
  const until = version.sunset === undefined ? undefined : text('state.deprecatedUntil', { date: dayOf(version.sunset, language) });
  pill(line, text(`services.status.${version.status}`), PILLS[version.status], version.reason);
  if (version.stopped !== undefined) {
    const { by, reason, until: ends } = version.stopped;
    pill(line, text(`services.stopped.${by}`), 'bad', reason);
    dim(line, ends === undefined ? reason : `${reason} (${text('state.deprecatedUntil', { date: new Date(ends).toLocaleString(language, { dateStyle: 'medium', timeStyle: 'short' }) })})`);
  }
  if (version.status === 'deprecated' && until !== undefined) {
    dim(line, until);
  }
  if (version.successor !== undefined) {
    dim(line, text('services.successor', { successor: version.successor }));
  }
  const key = `service ${id}@${version.version}`;
  const toggle = plain(line, text('services.operations', { count: version.operations.length }), key, () => {
    const shown = open.has(key);
    if (shown) {
      open.delete(key);
    } else {
      open.add(key);
    }
    toggle.attr('aria-expanded', String(!shown));
    operations.toggle(!shown);
  }).attr('aria-expanded', String(open.has(key)));
  drawCallers(row, version.callers, text, actions);
  const operations = $('<ul>').toggle(open.has(key)).appendTo(row);
  for (const { name, title, effect } of version.operations) {
    const each = $('<li>').appendTo(operations);
    $('<code>').text(name).appendTo(each);
    each.append(document.createTextNode(` ${title} `));
    dim(each, text(`services.effect.${effect}`));
  }
}

function drawCallers(row: JQuery, callers: readonly ServiceCallerAnswer[], text: Texts, actions: ServiceActions): void {
  if (callers.length === 0) {
    paragraph(row, text('services.nobody'), true);
    return;
  }
  const line = $('<p class="waybill-gov-line">').appendTo(row);
  dim(line, text('services.calledBy'));
  for (const { node, name, place, operation } of callers.slice(0, MOST)) {
    plain(line, [name === '' ? operation : name, place].filter((part) => part !== '').join(', ') || node, `caller ${node}`, () => { actions.reveal(node); });
  }
  if (callers.length > MOST) {
    dim(line, text('services.more', { count: callers.length - MOST }));
  }
}

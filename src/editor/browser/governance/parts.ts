/** Small parts that all segments are made of. Texts of people, systems and servers only ever become text, never markup. */

/** A section with a heading; answers its box and the line of the heading, for buttons. */
export function section(body: JQuery, title: string): { readonly box: JQuery; readonly head: JQuery } {
  const box = $('<section class="waybill-gov-section">').appendTo(body);
  const head = $('<div class="waybill-gov-head">').appendTo(box);
  $('<h4>').text(title).appendTo(head);
  return { box, head };
}

export function list(box: JQuery): JQuery {
  return $('<ul class="waybill-gov-list">').appendTo(box);
}

export function item(into: JQuery, kind?: 'error' | 'warn'): JQuery {
  return $('<li class="waybill-gov-item">').addClass(kind === undefined ? '' : `waybill-gov-is-${kind}`).appendTo(into);
}

export function empty(box: JQuery, said: string): void {
  $('<p class="waybill-gov-empty">').text(said).appendTo(box);
}

export function trouble(body: JQuery, said: string, mild = false): void {
  $('<div class="waybill-gov-trouble">').attr('role', 'status').toggleClass('waybill-gov-mild', mild).text(said).appendTo(body);
}

export type PillKind = 'good' | 'news' | 'care' | 'bad' | 'plain';

export function pill(box: JQuery, said: string, kind: PillKind = 'plain', title?: string): void {
  const made = $('<span class="waybill-gov-pill">').addClass(`waybill-gov-${kind}`).text(said).appendTo(box);
  if (title !== undefined) {
    made.attr('title', title);
  }
}

export function button(box: JQuery, said: string, key: string, press: () => void, icon?: string): JQuery {
  const made = $('<button type="button" class="red-ui-button red-ui-button-small">').attr('data-key', key).appendTo(box);
  if (icon !== undefined) {
    $('<i aria-hidden="true">').addClass(`fa ${icon}`).appendTo(made);
    made.append(document.createTextNode(' '));
  }
  return made.append(document.createTextNode(said)).on('click', (event) => {
    event.stopPropagation();
    press();
  });
}

/** A button that looks like a link. */
export function plain(box: JQuery, said: string, key: string, press: () => void): JQuery {
  return $('<button type="button" class="waybill-gov-plain">').attr('data-key', key).text(said).appendTo(box).on('click', (event) => {
    event.stopPropagation();
    press();
  });
}

export function dim(box: JQuery, said: string): JQuery {
  return $('<span class="waybill-gov-dim">').text(said).appendTo(box);
}

export function paragraph(box: JQuery, said: string, dimmed = false): JQuery {
  return $('<p>').toggleClass('waybill-gov-dim', dimmed).text(said).appendTo(box);
}

/** Term and description. */
export function fact(into: JQuery, term: string, said: string): void {
  if (said !== '') {
    $('<dt>').text(term).appendTo(into);
    $('<dd>').text(said).appendTo(into);
  }
}

/** What has changed from version to version. */
export function changelog(into: JQuery, versions: readonly { readonly version: string; readonly date: string; readonly changes: readonly string[] }[], language: string): void {
  for (const { version, date, changes } of versions) {
    $('<h5>').text(`${version} · ${dayOf(date, language)}`).appendTo(into);
    const rows = $('<ul>').appendTo(into);
    for (const change of changes) {
      $('<li>').text(change).appendTo(rows);
    }
  }
}

/** Date as the person at this browser writes it; what is no date stays as it is. */
export function dayOf(iso: string, language: string): string {
  const time = Date.parse(iso);
  return Number.isNaN(time) ? iso : new Date(time).toLocaleDateString(language);
}

export function momentOf(iso: string, language: string): string {
  const time = Date.parse(iso);
  return Number.isNaN(time) ? iso : new Date(time).toLocaleString(language);
}

const UNITS = [['day', 86_400_000], ['hour', 3_600_000], ['minute', 60_000]] as const;

/** How long ago it was, in the largest unit that fits: "3 days ago". */
export function agoOf(iso: string, language: string): string {
  const passed = Date.now() - Date.parse(iso);
  const [unit, length] = UNITS.find(([, each]) => passed >= each) ?? UNITS[2];
  return Number.isNaN(passed) ? iso : new Intl.RelativeTimeFormat(language).format(-Math.floor(passed / length), unit);
}

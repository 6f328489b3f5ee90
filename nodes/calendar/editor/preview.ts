import { textsOf } from '../../../src/editor/browser/texts.ts';

/** Answer of the endpoint, as src/engine/calendar/preview.ts makes it. */
interface Preview {
  readonly finding?: { readonly code: string; readonly values: Readonly<Record<string, string>> };
  readonly timeZone?: string;
  readonly due?: { readonly hours: number; readonly date: string; readonly time: string };
  readonly week?: readonly { readonly date: string; readonly open: readonly { readonly from: string; readonly to: string }[]; readonly minutes: number; readonly closed: readonly string[] }[];
  readonly holidays?: readonly { readonly date: string; readonly name: string }[];
}

const text = textsOf('calendar');
const LATER_MS = 300;

/** Asks what the calendar in the dialog means, a moment after the last change, and shows it. Answers that come late are dropped. */
export class PreviewPane {
  readonly #target: JQuery;
  readonly #config: () => object;
  #timer: number | undefined;
  #asked = 0;

  constructor(target: JQuery, config: () => object) {
    this.#target = target;
    this.#config = config;
  }

  later(): void {
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => {
      this.#ask();
    }, LATER_MS);
  }

  close(): void {
    window.clearTimeout(this.#timer);
    this.#asked += 1;
  }

  #ask(): void {
    this.#asked += 1;
    const mine = this.#asked;
    $.ajax({ url: 'waybill-editor/calendar', method: 'POST', contentType: 'application/json', data: JSON.stringify({ ...this.#config(), language: language() }), dataType: 'json', timeout: 10_000 }).then(
      (preview: Preview) => {
        if (mine === this.#asked) {
          show(this.#target, preview);
        }
      },
      () => {
        if (mine === this.#asked) {
          this.#target.empty().append($('<div class="waybill-hint">').text(text('preview.silent')));
        }
      },
    );
  }
}

function show(target: JQuery, preview: Preview): void {
  target.empty();
  if (preview.finding !== undefined) {
    const { code, values } = preview.finding;
    $('<div class="waybill-wrong" role="status">').text(text(`problem.${code}`, values)).appendTo(target);
    return;
  }
  const { due, week = [], holidays = [], timeZone = '' } = preview;
  if (due !== undefined) {
    $('<p>').text(text('preview.due', { hours: due.hours, time: `${dayName(due.date)} ${due.time}`, zone: timeZone })).appendTo(target);
  }
  const table = $('<table class="waybill-week">').appendTo(target);
  week.forEach(({ date, open, minutes, closed }) => {
    const row = $('<tr>').appendTo(table);
    $('<th scope="row">').text(dayName(date)).appendTo(row);
    const times = open.map(({ from, to }) => `${from}–${to}`).join(', ');
    $('<td>').text([times === '' ? text('preview.closed') : times, ...closed.filter((name) => name !== '')].join(' · ')).appendTo(row);
    $('<td>').text(minutes === 0 ? '' : text('preview.hours', { hours: (minutes / 60).toLocaleString(language(), { maximumFractionDigits: 2 }) })).appendTo(row);
  });
  if (holidays.length > 0) {
    $('<div class="waybill-hint">').text(text('preview.holidays', { list: holidays.map(({ date, name }) => `${dayName(date)} ${name}`).join(', ') })).appendTo(target);
  }
}

/** The language of the editor. */
export function language(): string {
  return RED.i18n.lang() || navigator.language;
}

function dayName(date: string): string {
  return new Date(`${date}T12:00:00Z`).toLocaleDateString(language(), { weekday: 'short', day: 'numeric', month: 'short', timeZone: 'UTC' });
}

import { showMigrated } from '../../src/editor/browser/form.ts';
import { openRowList, readRowList } from '../../src/editor/browser/row-list.ts';
import { textsOf } from '../../src/editor/browser/texts.ts';
import { validatorsOf } from '../../src/editor/browser/validators.ts';
import { CLOSURE_COLUMNS, OPENING_COLUMNS } from './editor/date-columns.ts';
import { PlaceLists } from './editor/places.ts';
import { PreviewPane } from './editor/preview.ts';
import { DAYS, overlapOf, readShifts, writeShifts } from './editor/shifts.ts';
import type { Day } from './editor/shifts.ts';
import { CALENDAR_DEFAULTS, migrateCalendar } from './migrations.ts';
import type { CalendarNodeConfig, ClosureConfig, OpeningConfig, ShiftConfig, Weekly } from './migrations.ts';

const text = textsOf('calendar');
const valid = validatorsOf('calendar');

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '' && /^[A-Za-z]/.test(name);
  } catch (error) {
    if (error instanceof RangeError) {
      return false;
    }
    throw error;
  }
}

/** What is wrong with the week, or `true`. */
function judgeWeek(value: unknown, openings: unknown): true | string {
  const weekly = (value ?? {}) as Partial<Weekly>;
  for (const day of DAYS) {
    const read = readShifts(writeShifts(weekly[day]));
    if ('wrong' in read) {
      return text('error.shift', { day: text(`day.${day}`), shift: read.wrong });
    }
  }
  const overlap = overlapOf(weekly);
  if (overlap !== undefined) {
    return text('error.overlap', { day: text(`day.${overlap.day}`), shift: overlap.shift });
  }
  const open = DAYS.some((day) => (weekly[day] ?? []).length > 0) || (Array.isArray(openings) && openings.length > 0);
  return open ? true : text('error.empty');
}

function judgeClosures(value: unknown): true | string {
  for (const { from, to, start, end } of (Array.isArray(value) ? value : []) as Partial<ClosureConfig>[]) {
    if (!from || (to && to < from)) {
      return text('error.closure', { from: from ?? '', to: to ?? '' });
    }
    if ((start || end) && (!start || !end || start >= end)) {
      return text('error.closurePart', { from });
    }
  }
  return true;
}

const dayInput = (day: Day): JQuery => $(`#waybill-calendar-${day}`);

function readWeek(): Weekly {
  return Object.fromEntries(DAYS.map((day) => {
    const written = String(dayInput(day).val() ?? '');
    const read = readShifts(written);
    // What cannot be read is kept as it is, so that its sentence names it and nothing is lost.
    return [day, 'wrong' in read ? [{ from: written.trim(), to: '' } satisfies ShiftConfig] : read.shifts];
  })) as Weekly;
}

let places: PlaceLists | undefined;
let pane: PreviewPane | undefined;

/** The calendar as it stands in the dialog. */
function shown(): Omit<CalendarNodeConfig, 'configVersion'> {
  const field = (property: string): string => String($(`#node-config-input-${property}`).val() ?? '').trim();
  return {
    name: field('name'), timeZone: field('timeZone'), weekly: readWeek(), ...(places?.place ?? { country: '', state: '', region: '' }),
    bankHolidays: $('#node-config-input-bankHolidays').prop('checked') === true, hoursPerDay: Number(field('hoursPerDay')),
    closures: readRowList<ClosureConfig>($('#waybill-calendar-closures'), CLOSURE_COLUMNS), openings: readRowList<OpeningConfig>($('#waybill-calendar-openings'), OPENING_COLUMNS),
  };
}

function markDay(day: Day): void {
  const read = readShifts(String(dayInput(day).val() ?? ''));
  const wrong = 'wrong' in read ? text('error.shift', { day: text(`day.${day}`), shift: read.wrong }) : '';
  dayInput(day).toggleClass('input-error', wrong !== '').attr('aria-invalid', String(wrong !== ''));
  $(`#waybill-calendar-${day}-wrong`).text(wrong);
}

function openWeek(weekly: Weekly, changed: () => void): void {
  const list = $('#waybill-calendar-week');
  DAYS.forEach((day) => {
    const row = $('<div class="waybill-line waybill-day">').appendTo(list);
    $('<label>').attr('for', `waybill-calendar-${day}`).text(text(`day.${day}`)).appendTo(row);
    $('<input type="text">').attr({ id: `waybill-calendar-${day}`, placeholder: text('placeholder.closed'), autocomplete: 'off' }).val(writeShifts(weekly[day])).appendTo(row)
      .on('input', () => {
        markDay(day);
        changed();
      });
    $('<div class="waybill-wrong" role="status">').attr('id', `waybill-calendar-${day}-wrong`).appendTo(list);
    markDay(day);
  });
  $('#waybill-calendar-copy').on('click', (event) => {
    event.preventDefault();
    (['tue', 'wed', 'thu', 'fri'] as const).forEach((day) => {
      dayInput(day).val(String(dayInput('mon').val() ?? ''));
      markDay(day);
    });
    changed();
  });
}

RED.nodes.registerType<CalendarNodeConfig>('waybill-calendar', {
  category: 'config',
  color: '#A9B4BE',
  icon: 'waybill-calendar.svg',
  defaults: {
    name: { value: '' },
    timeZone: {
      value: '',
      validate: function (value, _options) {
        return value === undefined || value === '' || isTimeZone(String(value)) ? true : text('error.timeZone');
      },
    },
    weekly: {
      value: CALENDAR_DEFAULTS.weekly,
      validate: function (value, _options) {
        return value === undefined ? true : judgeWeek(value, this['openings']);
      },
    },
    country: { value: '' },
    state: { value: '' },
    region: { value: '' },
    bankHolidays: { value: false },
    closures: {
      value: [],
      validate: function (value, _options) {
        return judgeClosures(value);
      },
    },
    openings: { value: [] },
    hoursPerDay: { value: 8, validate: valid.decimal('hoursPerDay', { min: 0.25, max: 24 }) },
    configVersion: { value: 1 },
  },
  paletteLabel: () => text('palette'),
  label: function () {
    return this.name || this.timeZone || text('palette');
  },
  labelStyle: function () {
    return this.name ? 'node_label_italic' : '';
  },
  oneditprepare: function () {
    const migrated = migrateCalendar(this);
    showMigrated(this, migrated, 'node-config-input');
    const zones = $('#waybill-calendar-zones');
    Intl.supportedValuesOf('timeZone').forEach((zone) => {
      $('<option>').val(zone).appendTo(zones);
    });
    pane = new PreviewPane($('#waybill-calendar-preview'), shown);
    const changed = (): void => pane?.later();
    openWeek(migrated.weekly, changed);
    openRowList($('#waybill-calendar-closures'), CLOSURE_COLUMNS, migrated.closures, text, changed);
    openRowList($('#waybill-calendar-openings'), OPENING_COLUMNS, migrated.openings, text, changed);
    places = new PlaceLists(migrated, changed);
    $('#node-config-input-timeZone, #node-config-input-hoursPerDay, #node-config-input-bankHolidays').on('input change', changed);
    changed();
  },
  oneditsave: function () {
    pane?.close();
    Object.assign(this, { ...shown(), configVersion: migrateCalendar(this).configVersion });
  },
  oneditcancel: function () {
    pane?.close();
  },
});

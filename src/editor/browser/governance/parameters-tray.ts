import type { Texts } from '../texts.ts';
import { drawAnswer } from './answered.ts';
import type { ParameterAnswer, TemplateDetail } from './answers.ts';
import { detailOf } from './details.ts';
import { openPage } from './pages.ts';
import { boundsInWords, problemOf } from './parameter-words.ts';
import { dim, empty, plain } from './parts.ts';
import { openTray } from './trays.ts';
import { hasSecret, holdersOf, placesOf, settingOf, setValues } from './values.ts';
import type { Setting } from './values.ts';
import type { Container } from './workspace.ts';

interface Field {
  readonly parameter: ParameterAnswer;
  readonly read: () => string;
  /** Says what is wrong below the field; true when nothing is. */
  readonly judge: () => boolean;
  readonly focus: () => void;
}

/** The parameters of an installed template: what the site may set, with its bounds, and what is set centrally. */
export function openParameters(text: Texts, language: string, container: Container, place: string, done: () => void): void {
  const places = placesOf(container.kind, container.members, place);
  let fields: readonly Field[] = [];
  let detail: TemplateDetail | undefined;
  openTray(text, {
    title: text('parameters.title', { name: container.name }),
    save: text('parameters.save'),
    build: (body) => {
      drawAnswer(body, detailOf(container.template, container.version), text, (answer) => {
        detail = answer;
        fields = drawForm(body, answer, places, text, language);
        fields[0]?.focus();
      });
    },
    onSave: () => {
      const wrong = fields.filter(({ judge }) => !judge());
      if (wrong.length > 0) {
        wrong[0]?.focus();
        return false;
      }
      if (detail !== undefined && setValues(holdersOf(places), detail.parameters, new Map(fields.map(({ parameter, read }) => [parameter.name, read()])))) {
        done();
      }
      return true;
    },
  });
}

function drawForm(body: JQuery, detail: TemplateDetail, places: readonly string[], text: Texts, language: string): readonly Field[] {
  const head = $('<div class="waybill-gov-line">').css('margin-bottom', '14px').appendTo(body);
  $('<b>').text(detail.title).appendTo(head);
  dim(head, detail.version);
  dim(head, detail.owner);
  plain(head, text('action.page'), 'page', () => { openPage(text, language, detail.id, detail.version); });
  const holders = holdersOf(places);
  const fields = detail.parameters.map((parameter) => drawField(body, parameter, settingOf(parameter, holders), hasSecret(parameter, holders), text));
  if (fields.length === 0) {
    empty(body, text('parameters.none'));
  }
  return fields.filter((field): field is Field => field !== undefined);
}

function drawField(body: JQuery, parameter: ParameterAnswer, setting: Setting, secretKept: boolean, text: Texts): Field | undefined {
  const { name, title, unit, description, scope } = parameter;
  const id = `waybill-parameter-${name.replace(/[^A-Za-z0-9_-]/g, '_')}`;
  const row = $('<div class="waybill-gov-field">').attr('data-parameter', name).appendTo(body);
  const label = $('<label>').attr('for', id).text(unit === undefined ? title : `${title} (${unit})`).appendTo(row);
  const input = inputOf(parameter, id).appendTo(row);
  const hints = [description, scope === 'central' ? text('parameters.central') : boundsInWords(parameter, text), presetOf(parameter, text)].filter((hint) => hint !== undefined && hint !== '');
  const hint = $('<p class="waybill-gov-hint">').attr('id', `${id}-hint`).text(hints.join(' · ')).appendTo(row);
  input.attr('aria-describedby', hint.attr('id') ?? '');
  const derived = setting.derived !== undefined;
  fill(input, parameter, setting, secretKept, text);
  if (scope === 'central' || derived) {
    row.addClass('waybill-gov-locked');
    $('<i class="fa fa-lock" aria-hidden="true">').css('margin-right', '6px').prependTo(label);
    input.prop('disabled', true);
    if (derived && scope !== 'central') {
      hint.text(text('parameters.derived', { type: setting.derived ?? '' }));
    }
    return undefined;
  }
  const wrong = $('<p class="waybill-gov-wrong" role="alert">').hide().appendTo(row);
  const read = (): string => (input.is(':checkbox') ? String(input.prop('checked')) : String(input.val() ?? ''));
  const judge = (): boolean => {
    const problem = secretKept && read() === '' ? undefined : problemOf(parameter, read(), text);
    wrong.text(problem ?? '').toggle(problem !== undefined);
    input.toggleClass('input-error', problem !== undefined).attr('aria-invalid', String(problem !== undefined));
    return problem === undefined;
  };
  input.on('input change', judge);
  judge();
  return { parameter, read, judge, focus: () => { input.trigger('focus'); } };
}

function presetOf(parameter: ParameterAnswer, text: Texts): string | undefined {
  return parameter.default === undefined || parameter.scope === 'central' || parameter.secret ? undefined : text('parameters.preset', { value: parameter.type === 'boolean' ? text(parameter.default === true ? 'parameters.yes' : 'parameters.no') : String(parameter.default) });
}

function inputOf({ enum: choices, type, secret, scope }: ParameterAnswer, id: string): JQuery {
  if (choices !== undefined && scope !== 'central') {
    const select = $('<select>');
    for (const choice of choices) {
      $('<option>').val(String(choice)).text(String(choice)).appendTo(select);
    }
    return select.attr('id', id);
  }
  if (type === 'boolean') {
    return $('<input type="checkbox">').css({ width: 'auto', margin: '0' }).attr('id', id);
  }
  const input = $(secret ? '<input type="password" autocomplete="new-password">' : '<input type="text">').attr('id', id);
  return type === 'string' ? input : input.attr('inputmode', 'decimal');
}

function fill(input: JQuery, { secret, enum: choices, scope }: ParameterAnswer, { value }: Setting, secretKept: boolean, text: Texts): void {
  if (secret) {
    input.attr('placeholder', secretKept ? text('parameters.secretKept') : '');
    return;
  }
  if (input.is(':checkbox')) {
    input.prop('checked', value === 'true');
    return;
  }
  // What stands there now is shown though it is none of the choices.
  if (choices !== undefined && scope !== 'central' && !choices.some((choice) => String(choice) === value)) {
    $('<option>').val(value).text(value).prependTo(input);
  }
  input.val(value);
}

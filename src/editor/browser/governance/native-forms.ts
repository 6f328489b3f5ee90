import type { PlacedNode } from '../node-definition.ts';
import type { Texts } from '../texts.ts';
import type { TemplateDetail } from './answers.ts';
import { detailOf } from './details.ts';
import { openPage } from './pages.ts';
import { problemOf } from './parameter-words.ts';
import { dim, plain } from './parts.ts';
import { containersNow } from './workspace.ts';
import type { Container } from './workspace.ts';

interface Trays {
  close(done?: () => void): void;
}

/**
 * Node-RED's own dialogs of a block's instance and of a flow's tab: they say which template it is and lead to its page. At an
 * instance what is past a bound is said below its field; a tab's list of variables knows no bounds, so it leads to the form.
 */
export function watchNativeForms(text: Texts, language: () => string, openForm: (container: Container) => void): void {
  RED.events.on('editor:open', () => {
    // The form is in the page a moment after its tray.
    setTimeout(() => { enhance(text, language(), openForm); }, 150);
  });
}

function enhance(text: Texts, language: string, openForm: (container: Container) => void): void {
  const stack = RED.editor.getEditStack?.() ?? [];
  const edited = stack[stack.length - 1] as PlacedNode | undefined;
  const form = $('.red-ui-tray').last().find('form').first();
  if (edited === undefined || form.length === 0 || form.find('.waybill-gov-native').length > 0) {
    return;
  }
  const definition = edited.type.startsWith('subflow:') ? edited.type.slice('subflow:'.length) : edited.id;
  const container = containersNow().find(({ members }) => members.includes(definition));
  if (container === undefined || edited.type === 'subflow') {
    return;
  }
  const head = $('<div class="waybill-gov-native waybill-gov-line">').prependTo(form);
  dim(head, text('parameters.from', { template: container.template, version: container.version }));
  const owner = dim(head, '');
  plain(head, text('action.page'), 'page', () => { openPage(text, language, container.template, container.version); });
  if (edited.type === 'tab') {
    plain(head, text('templates.parameters'), 'parameters', () => {
      (RED.tray as unknown as Trays).close(() => { openForm(container); });
    });
    return;
  }
  void detailOf(container.template, container.version).then((asked) => {
    if ('answer' in asked) {
      owner.text(asked.answer.owner);
      watchFields(form, asked.answer, text);
    }
  });
}

/** The rows have ids of Node-RED's making: the parameter's name without what an id may not have. */
function watchFields(form: JQuery, { parameters }: TemplateDetail, text: Texts): void {
  for (const parameter of parameters) {
    const input = form.find(`#node-input-subflow-env-${parameter.name.replace(/[^a-z0-9-_]/ig, '_')}`);
    if (input.length === 0 || input.is(':checkbox') || parameter.secret || parameter.scope === 'central') {
      continue;
    }
    const row = input.closest('.form-row');
    const wrong = $('<p class="waybill-gov-wrong" role="alert">').css('margin-left', '104px').hide().appendTo(row);
    const judge = (): void => {
      const problem = problemOf(parameter, String(input.val() ?? ''), text);
      wrong.text(problem ?? '').toggle(problem !== undefined);
      input.toggleClass('input-error', problem !== undefined);
      row.find('.red-ui-typedInput-container').toggleClass('input-error', problem !== undefined);
    };
    row.on('input change keyup spinchange spinstop', judge);
    judge();
  }
}

import type { Texts } from '../texts.ts';
import type { ImportAnswer } from './answers.ts';
import { paragraph } from './parts.ts';
import { configsByType } from './placing.ts';
import { openTray } from './trays.ts';

/** Types of which the site has several, so that somebody has to say which the template is to use. */
export function typesToChoose({ configs }: ImportAnswer): readonly string[] {
  const byType = configsByType();
  return [...new Set(configs.map(({ type }) => type))].filter((type) => (byType.get(type)?.length ?? 0) > 1);
}

/** Asks which config nodes of the site a template is to use; `chosen` gets an id for each type that is not the template's own. */
export function chooseConfigs(text: Texts, types: readonly string[], chosen: (configs: ReadonlyMap<string, string>) => void): void {
  const byType = configsByType();
  const selects = new Map<string, JQuery>();
  openTray(text, {
    title: text('configs.title'),
    width: 460,
    save: text('configs.use'),
    build: (body) => {
      paragraph(body, text('configs.why'));
      for (const [i, type] of types.entries()) {
        const field = $('<div class="waybill-gov-field">').appendTo(body);
        $('<label>').attr('for', `waybill-config-${i}`).text(type).appendTo(field);
        const select = $('<select>').attr('id', `waybill-config-${i}`).appendTo(field);
        for (const node of byType.get(type) ?? []) {
          $('<option>').val(node.id).text(RED.utils.getNodeLabel(node, node.id)).appendTo(select);
        }
        $('<option>').val('').text(text('configs.own')).appendTo(select);
        selects.set(type, select);
      }
    },
    onSave: () => {
      chosen(new Map([...selects].map(([type, select]): [string, string] => [type, String(select.val())]).filter(([, id]) => id !== '')));
      return true;
    },
  });
}

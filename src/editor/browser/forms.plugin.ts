/**
 * What all forms of Waybill need once in the editor: their style sheet, sentences below what is wrong, and a watch over step ids,
 * so that a mark about a doubled id disappears from both nodes when one of them is mended.
 */
import { watchFieldErrors } from './field-errors.ts';
import { FORM_STYLES } from './form-styles.ts';
import { OPC_UA_STYLES } from './opcua/styles.ts';
import { revalidateStepIds } from './step-ids.ts';

const STYLE_ID = 'waybill-form-styles';

if (document.getElementById(STYLE_ID) === null) {
  $('<style>').attr('id', STYLE_ID).text(FORM_STYLES + OPC_UA_STYLES).appendTo('head');
}

let waiting = false;

function judgeSoon(node: unknown): void {
  const type = (node as { readonly type?: unknown } | undefined)?.type;
  if (waiting || typeof type !== 'string' || !(type.startsWith('waybill-') || type === 'tab')) {
    return;
  }
  waiting = true;
  // One pass for a whole paste, import or deletion, and never while the editor is in the middle of it.
  setTimeout(() => {
    waiting = false;
    revalidateStepIds();
    RED.view.redraw();
  }, 100);
}

for (const event of ['nodes:add', 'nodes:remove', 'nodes:change', 'flows:change']) {
  RED.events.on(event, judgeSoon);
}

// The form is in the page a moment after its tray.
RED.events.on('editor:open', () => {
  setTimeout(() => {
    document.querySelectorAll<HTMLElement>('.waybill-form').forEach(watchFieldErrors);
  }, 100);
});

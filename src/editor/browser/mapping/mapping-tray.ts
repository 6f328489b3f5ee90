import { MappingEditor } from './mapping-editor.ts';
import type { KeptMapping, MappingEditorOptions } from './mapping-editor.ts';
import { MAPPING_STYLES } from './styles.ts';
import { text } from './texts.ts';
import { CARD_STYLES } from '../cards/styles.ts';

export interface MappingTrayOptions extends MappingEditorOptions {
  readonly title: string;
  readonly save: (mapping: KeptMapping) => void;
}

interface Trays { show(options: object): void; close(done?: () => void): void }

const STYLE_ID = 'waybill-mapping-styles';
const WIDTH = 1_100;

/** Opens a mapping in a tray of its own, which is as wide as there is room; nothing is kept unless it is closed by *Done*. */
export function openMappingTray({ title, save, ...options }: MappingTrayOptions): void {
  if (document.getElementById(STYLE_ID) === null) $('<style>').attr('id', STYLE_ID).text(CARD_STYLES + MAPPING_STYLES).appendTo('head');
  const trays = RED.tray as unknown as Trays;
  let editor: MappingEditor | undefined;
  trays.show({
    // The editor puts titles into its page as HTML.
    title: $('<span>').text(title).html(),
    width: WIDTH,
    maximized: false,
    buttons: [
      { id: 'waybill-mapping-cancel', text: text('tray.cancel'), click: () => { trays.close(); } },
      { id: 'waybill-mapping-done', text: text('tray.done'), class: 'primary', click: () => {
        if (editor !== undefined) save(editor.mapping());
        trays.close();
      } },
    ],
    open: (tray: JQuery) => {
      const body = $('<div class="waybill-form waybill-map-tray">').appendTo(tray.find('.red-ui-tray-body'));
      editor = new MappingEditor(body, options);
    },
    close: () => { editor?.close(); },
    show: () => undefined,
  });
}

import type { Texts } from '../texts.ts';
import { closeRefusal } from './refused-deploy.ts';

export interface TrayOptions {
  readonly title: string;
  readonly width?: number;
  /** Text of the main button; without it the tray is only read. */
  readonly save?: string;
  /** Answers whether the tray may close. */
  readonly onSave?: () => boolean | Promise<boolean>;
  readonly onClose?: () => void;
  readonly build: (body: JQuery) => void;
}

interface Trays {
  show(options: object): void;
  close(done?: () => void): void;
}

/** Opens a tray of the editor with a body of ours; it closes with its buttons and by Escape. */
export function openTray(text: Texts, { title, width, save, onSave, onClose, build }: TrayOptions): void {
  const trays = RED.tray as unknown as Trays;
  let saving = false;
  closeRefusal();
  trays.show({
    // The editor puts titles into its page as HTML.
    title: escaped(title),
    width: width ?? 620,
    maximized: false,
    buttons: [
      { id: 'waybill-tray-cancel', text: text(save === undefined ? 'tray.close' : 'tray.cancel'), click: () => { trays.close(); } },
      ...(save === undefined ? [] : [{
        id: 'waybill-tray-save',
        text: save,
        class: 'primary',
        click: () => {
          if (saving) {
            return;
          }
          saving = true;
          void Promise.resolve(onSave?.() ?? true).then((close) => {
            saving = false;
            if (close) {
              trays.close();
            }
          });
        },
      }]),
    ],
    open: (tray: JQuery) => {
      const body = $('<div class="waybill-gov-tray">').appendTo(tray.find('.red-ui-tray-body'));
      build(body);
      (body.find('input, textarea, select, button, [tabindex]').get(0) as HTMLElement | undefined)?.focus();
    },
    close: () => { onClose?.(); },
    show: () => undefined,
  });
}

function escaped(title: string): string {
  return title.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}

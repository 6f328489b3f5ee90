import { textsOf } from '../../../src/editor/browser/texts.ts';
import type { EventSenderConfig } from '../migrations.ts';
import { askToken } from './answers.ts';

const text = textsOf('event-in');
const SOURCE = '.waybill-sender-source';

/** Turns an `<ol>` into the list of senders; `withTokens` says whether they need one now. */
export function openSenderList(list: JQuery, senders: readonly EventSenderConfig[], withTokens: () => boolean): void {
  list.css({ 'min-height': '40px' }).editableList<Partial<EventSenderConfig>>({
    height: 'auto',
    removable: true,
    addItem: (row, _index, data) => {
      row.addClass('waybill-sender').data('tokenHash', data.tokenHash ?? '');
      $('<input type="text" style="width: 100%">').addClass(SOURCE.slice(1)).attr({ placeholder: text('placeholder.source'), 'aria-label': text('label.sources') }).val(data.source ?? '').appendTo(row);
      tokenLine(row).toggle(withTokens()).appendTo(row);
    },
  });
  senders.forEach((sender) => { list.editableList('addItem', sender); });
}

/** The token is shown once; what is stored is its fingerprint. */
function tokenLine(row: JQuery): JQuery {
  const said = $('<span class="waybill-hint">').text(text(row.data('tokenHash') === '' ? 'token.none' : 'token.kept'));
  const shown = $('<input type="text" readonly>').attr('aria-label', text('token.shown')).hide();
  const button = $('<button type="button" class="red-ui-button red-ui-button-small">').text(text('token.make')).on('click', () => {
    askToken().then(({ token, tokenHash }) => {
      row.data('tokenHash', tokenHash);
      shown.val(token).show().trigger('focus').trigger('select');
      said.text(text('token.shown'));
    }, (error: unknown) => { said.text(error instanceof Error && error.message !== '' ? error.message : text('live.silent')); });
  });
  return $('<div class="waybill-line waybill-sender-token">').append(button, shown, said);
}

export function showTokens(list: JQuery, withTokens: boolean): void {
  list.find('.waybill-sender-token').toggle(withTokens);
}

/** Rows without a source fall away. */
export function readSenderList(list: JQuery): EventSenderConfig[] {
  return list.editableList('items').toArray().map((row) => ({ source: String($(row).find(SOURCE).val() ?? '').trim(), tokenHash: String($(row).find('.waybill-sender').addBack('.waybill-sender').data('tokenHash') ?? '') }))
    .filter(({ source }) => source !== '');
}

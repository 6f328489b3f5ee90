import { TagBrowser } from './tag-browser.ts';
import type { TagBrowserOptions } from './tag-browser.ts';
import { text } from './texts.ts';

/**
 * A button beside a field for a node id; it opens the tags of the server below the field and closes them when one is taken.
 * Returns what closes it with the form.
 */
export function attachTagPicker(input: JQuery, options: TagBrowserOptions): () => void {
  let browser: TagBrowser | undefined;
  const place = $('<div>');
  const toggle = $('<button type="button" class="red-ui-button red-ui-button-small">').attr('aria-expanded', 'false').append($('<i class="fa fa-sitemap" aria-hidden="true">'), ' ', $('<span>').text(text('browse.open')));
  const close = (): void => {
    browser?.close();
    browser = undefined;
    toggle.attr('aria-expanded', 'false');
  };
  toggle.on('click', () => {
    if (browser !== undefined) {
      close();
      return;
    }
    toggle.attr('aria-expanded', 'true');
    browser = new TagBrowser(place, {
      ...options,
      pick: (picked) => {
        input.val(picked.nodeId).trigger('change');
        options.pick(picked);
        close();
        input.trigger('focus');
      },
    });
  });
  input.wrap('<div class="waybill-line waybill-tag-field">').after(toggle).parent().after(place);
  return close;
}

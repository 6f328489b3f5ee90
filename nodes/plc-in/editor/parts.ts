import { endpointChosen } from '../../../src/editor/browser/opcua/endpoint.ts';
import { attachTagPicker } from '../../../src/editor/browser/opcua/tag-picker.ts';
import type { PickedNode } from '../../../src/editor/browser/opcua/tag-browser.ts';

/** A field for a node id; put it into the page before {@link browse}. */
export function nodeIdInput(value: string, changed: (value: string) => void): JQuery {
  return $('<input type="text" spellcheck="false">').val(value).attr('placeholder', 'nsu=urn:line;s=Line.Jam').on('input change', function () { changed(String($(this).val() ?? '').trim()); });
}

/** Puts the tags of the chosen server beside a field. Returns what closes them with the form. */
export function browse(input: JQuery, pick: (picked: PickedNode) => void, kinds: readonly PickedNode['kind'][] = ['variable']): () => void {
  return attachTagPicker(input, { endpoint: () => endpointChosen(String($('#node-input-endpoint').val() ?? '')), kinds, pick });
}

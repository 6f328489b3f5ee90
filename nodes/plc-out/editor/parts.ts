import { attachTagPicker } from '../../../src/editor/browser/opcua/tag-picker.ts';
import { endpointChosen } from '../../../src/editor/browser/opcua/endpoint.ts';
import type { PickedNode } from '../../../src/editor/browser/opcua/tag-browser.ts';
import type { TagCondition } from '../../../src/governance/gate/rules/plc-trigger.ts';
import type { PlcWrite } from '../../../src/governance/gate/rules/plc-write.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
export type DraftValue = Mutable<PlcWrite>;
export type DraftInterlock = Mutable<TagCondition>;

/** A field for a node id with the tags of the chosen server beside it; put it into the page before {@link browse}. */
export function nodeIdInput(value: string, changed: (value: string) => void): JQuery {
  return $('<input type="text" spellcheck="false">').val(value).attr('placeholder', 'nsu=urn:line;s=Line.Lane').on('input change', function () { changed(String($(this).val() ?? '').trim()); });
}

/** Returns what closes the browser with the form. */
export function browse(input: JQuery, kind: 'variable' | 'method', pick: (picked: PickedNode) => void): () => void {
  return attachTagPicker(input, { endpoint: () => endpointChosen(String($('#node-input-endpoint').val() ?? '')), kinds: [kind], pick });
}

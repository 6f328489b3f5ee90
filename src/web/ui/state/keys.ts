import { onScopeDispose, shallowRef } from 'vue';
import { t, type TextKey } from '../locales/index.ts';
import { deviceStore } from './device-store.ts';

/** A key, or two after another (`g i`), and what it does on this page. */
export interface Shortcut { readonly keys: string; readonly text: () => string; readonly everywhere: boolean; readonly handler: (event: KeyboardEvent) => void }

export const shortcuts = shallowRef<readonly Shortcut[]>([]);
/** Shortcuts of one letter can be switched off (WCAG 2.1.4); kept on this device. */
export const keysOn = shallowRef(deviceStore.read('keys') !== 'off');

export function setKeysOn(on: boolean): void {
  keysOn.value = on;
  deviceStore.write('keys', on ? undefined : 'off');
}

const SEQUENCE_MS = 1_500;
let pending = '';
let pendingSince = 0;

/** Offers a shortcut as long as the component lives; `?` lists it. A function as text may fill in values. */
export function useShortcut(keys: string, text: TextKey | (() => string), handler: (event: KeyboardEvent) => void, everywhere = false): void {
  const mine: Shortcut = { keys, text: typeof text === 'function' ? text : () => t(text), everywhere, handler };
  shortcuts.value = [...shortcuts.value, mine];
  onScopeDispose(() => { shortcuts.value = shortcuts.value.filter((each) => each !== mine); });
}

/** Whether the person writes, or something else has the keys. */
function taken(event: KeyboardEvent): boolean {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return true;
  const target = event.target as HTMLElement;
  if (target.isContentEditable || target.closest('input:not([type=checkbox]):not([type=radio]), textarea, select, [role=menu]') !== null) return true;
  return document.querySelector('dialog[open]') !== null;
}

addEventListener('keydown', (event) => {
  if (!keysOn.value || event.repeat && !'jk'.includes(event.key) || taken(event)) return;
  const combined = performance.now() - pendingSince < SEQUENCE_MS && pending !== '' ? `${pending} ${event.key}` : event.key;
  const find = (keys: string): Shortcut | undefined => shortcuts.value.findLast((each) => each.keys === keys);
  const found = find(combined) ?? find(event.key);
  pending = '';
  if (found !== undefined) {
    event.preventDefault();
    found.handler(event);
  } else if (shortcuts.value.some((each) => each.keys.startsWith(`${event.key} `))) {
    pending = event.key;
    pendingSince = performance.now();
  }
});

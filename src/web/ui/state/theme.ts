import { shallowRef } from 'vue';
import { deviceStore } from './device-store.ts';

export type Theme = 'auto' | 'light' | 'dark';

function kept(): Theme {
  const value = deviceStore.read('theme');
  return value === 'light' || value === 'dark' ? value : 'auto';
}

/** What the person chose on this device; `auto` follows the device's own setting. */
export const theme = shallowRef<Theme>(kept());

/** Puts the choice on `<html data-theme>`, where the styles' tokens look. */
export function applyTheme(): void {
  if (theme.value === 'auto') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme.value;
}

export function chooseTheme(next: Theme): void {
  theme.value = next;
  deviceStore.write('theme', next === 'auto' ? undefined : next);
  applyTheme();
}

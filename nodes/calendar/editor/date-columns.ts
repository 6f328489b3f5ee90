import type { Column } from '../../../src/editor/browser/row-list.ts';

const DATE = { type: 'date' };
/** A text, for 24:00 is a time here and none for a time field of a browser. */
const TIME = { placeholder: 'HH:MM' };

export const CLOSURE_COLUMNS: readonly Column[] = [
  { property: 'from', attributes: DATE }, { property: 'to', attributes: DATE }, { property: 'start', attributes: TIME }, { property: 'end', attributes: TIME }, { property: 'name' },
];
export const OPENING_COLUMNS: readonly Column[] = [
  { property: 'date', attributes: DATE }, { property: 'from', attributes: TIME }, { property: 'to', attributes: TIME }, { property: 'name' },
];

import { commonText } from '../texts.ts';
import { move, tool } from './parts.ts';

/** A list in the dialog whose entries can be put in another place or taken away. */
export interface Listed<T> {
  readonly list: T[];
  readonly redraw: () => void;
  /** What stands for the entry at a place, once it is drawn. */
  readonly entry: (place: number) => JQuery;
  /** What takes the focus when no entry is left. */
  readonly otherwise: () => JQuery;
  /** Whether the order of the entries says anything. */
  readonly ordered: boolean;
}

/** Buttons of one entry. The focus goes with an entry that moves, and from one that goes to its neighbour, so that the keyboard never loses its place. */
export function entryTools<T>(listed: Listed<T>, index: number, what: string): JQuery {
  const { list, redraw, entry, otherwise } = listed;
  const by = (step: -1 | 1, name: 'up' | 'down', other: 'up' | 'down') => (): void => {
    move(list, index, step);
    redraw();
    const moved = entry(index + step);
    // At the end of the list its button is off: the one that leads back takes the focus.
    const button = part(moved, name);
    (button.prop('disabled') === true ? part(moved, other) : button).trigger('focus');
  };
  const remove = tool('fa-trash', commonText('card.remove', { what }), () => {
    list.splice(index, 1);
    redraw();
    (list.length === 0 ? otherwise() : part(entry(Math.min(index, list.length - 1)), 'remove')).trigger('focus');
  }).attr('data-tool', 'remove');
  const moves = !listed.ordered ? [] : [
    tool('fa-arrow-up', commonText('card.up', { what }), by(-1, 'up', 'down'), index === 0).attr('data-tool', 'up'),
    tool('fa-arrow-down', commonText('card.down', { what }), by(1, 'down', 'up'), index === list.length - 1).attr('data-tool', 'down'),
  ];
  return $('<span class="waybill-mx-tools">').append(...moves, remove);
}

/** The tool of an entry itself, not of what the entry contains. */
function part(entry: JQuery, name: string): JQuery {
  return entry.find(`[data-tool="${name}"]`).first();
}

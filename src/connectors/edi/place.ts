import type { EdiFault, EdiFinding, EdiPlace, Segment, Separators } from './types.ts';

/** `Interchange 000000905, group 1, message 0001 (850), segment 3 BEG, element 5, byte 312, line 4`. */
export function placeText(place: EdiPlace): string {
  const tag = place.tag === undefined ? undefined : plain(place.tag);
  const parts = [
    place.interchange === undefined ? '' : `interchange ${plain(place.interchange)}`,
    place.group === undefined ? '' : `group ${plain(place.group)}`,
    place.message === undefined ? '' : `message ${plain(place.message)}${place.messageType === undefined ? '' : ` (${plain(place.messageType)})`}`,
    place.segment === undefined ? (tag === undefined ? '' : `segment ${tag}`) : `segment ${place.segment}${tag === undefined ? '' : ` ${tag}`}`,
    place.element === undefined ? '' : `element ${place.element}${place.component === undefined ? '' : ` component ${place.component}`}`,
    `byte ${place.offset}`,
    `line ${place.line}`,
  ].filter((part) => part !== '').join(', ');
  return parts.charAt(0).toUpperCase() + parts.slice(1);
}

/** A name that may be damaged, in a sentence. */
const plain = (text: string): string => (/^[\w./-]{1,35}$/.test(text) ? text : shown(text));

/** A finding with its sentence. */
export function finding(code: EdiFault, problem: string, place: EdiPlace, more: { readonly severity?: 'warning'; readonly value?: string } = {}): EdiFinding {
  return { code, severity: more.severity ?? 'error', problem, sentence: `${placeText(place)}: ${problem}`, place, ...(more.value === undefined ? {} : { value: more.value }) };
}

/** What came, short enough for a sentence and on one line. */
export function shown(text: string): string {
  const plain = JSON.stringify(text);
  return plain.length <= 42 ? plain : `${plain.slice(0, 40)}…"`;
}

/** Byte at which an element, or one of its components, begins. */
export function elementOffset(segment: Segment, separators: Separators, element: number, component = 1): number {
  let at = 0;
  let elements = 0;
  let components = 1;
  for (; at < segment.raw.length; at += 1) {
    if (elements === element && components === component) break;
    const character = segment.raw[at];
    if (character === separators.release) at += 1;
    else if (character === separators.element) {
      elements += 1;
      components = 1;
    } else if (character === separators.component) components += 1;
    if (elements > element) break;
  }
  return segment.offset + at;
}

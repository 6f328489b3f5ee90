import { shown } from './place.ts';
import type { FieldKind, SegmentSpec } from './map-types.ts';
import { EdiError } from './types.ts';

/** What a map makes of a member: text, an object of members, or a list of such objects. */
export type Shape = { readonly kind: 'text'; readonly as: FieldKind } | { readonly kind: 'object' | 'list'; readonly members: Members };
export type Members = Map<string, Shape>;

const known = new WeakMap<readonly SegmentSpec[], Members>();
const TEXT: Shape = { kind: 'text', as: 'text' };
const PAIRS: Shape = { kind: 'list', members: new Map([['scheme', TEXT], ['value', TEXT]]) };

function add(members: Members, path: string, shape: Shape): void {
  const [first = '', ...more] = path.split('.');
  if (more.length === 0) {
    members.set(first, shape);
    return;
  }
  const there = members.get(first);
  const inner = there?.kind === 'object' ? there.members : new Map<string, Shape>();
  members.set(first, { kind: 'object', members: inner });
  add(inner, more.join('.'), shape);
}

function addOwn(members: Members, { fields = [], pairs }: SegmentSpec): void {
  for (const { to, as } of fields) {
    if (to === undefined) continue;
    add(members, to, { kind: 'text', as: as ?? 'text' });
    if (as === 'dtm') for (const [name, kind] of [['date', 'date'], ['time', 'time'], ['until', 'date']] as const) add(members, to.replace(/[^.]*$/, name), { kind: 'text', as: kind });
  }
  if (pairs !== undefined) add(members, pairs.to, PAIRS);
}

/** Members of an object that stands for these segments. */
export function membersOf(specs: readonly SegmentSpec[]): Members {
  const cached = known.get(specs);
  if (cached !== undefined) return cached;
  const members: Members = new Map();
  for (const spec of specs) {
    if (spec.list === undefined) addOwn(members, spec);
    else {
      const item: Members = new Map(spec.loop === undefined ? [] : membersOf(spec.loop));
      addOwn(item, spec);
      add(members, spec.list, { kind: 'list', members: item });
    }
  }
  known.set(specs, members);
  return members;
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null && !Array.isArray(value);

/** A member that the map does not know would not be written: nobody may find that out from the partner. @throws EdiError */
export function refuseUnknownMembers(specs: readonly SegmentSpec[], document: object, where: string): void {
  look(membersOf(specs), document, where, ['type', 'rest']);
}

function look(members: Members, object: object, where: string, besides: readonly string[]): void {
  for (const [name, value] of Object.entries(object)) {
    if (besides.includes(name)) continue;
    const shape = members.get(name);
    if (shape === undefined) throw new EdiError('not-written', `${where}: the map has no member ${shown(name)}, so that it would be lost; it knows ${[...members.keys()].join(', ')}.`);
    // What is no text is refused where it is written, with the segment.
    if (shape.kind === 'object') look(shape.members, objectOf(value, `${where}, ${name}`), `${where}, ${name}`, []);
    else if (shape.kind === 'list') {
      if (!Array.isArray(value)) throw new EdiError('not-written', `${where}, ${name}: it must be a list.`);
      value.forEach((each: unknown, index) => { look(shape.members, objectOf(each, `${where}, ${name} ${index + 1}`), `${where}, ${name} ${index + 1}`, ['rest']); });
    }
  }
}

function objectOf(value: unknown, where: string): object {
  if (!isObject(value)) throw new EdiError('not-written', `${where}: it must be an object.`);
  return value;
}

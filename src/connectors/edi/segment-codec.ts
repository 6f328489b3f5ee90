import { gs1Problem } from './gs1-keys.ts';
import { elementOffset, finding, shown } from './place.ts';
import type { CodeLists, FieldSpec, JsonElement, JsonSegment, Kept, Rest, SegmentSpec } from './map-types.ts';
import { fromDtm, toDtm, toText, toValue } from './values.ts';
import type { EdiFinding, EdiPlace, Element, Segment, Separators } from './types.ts';
import { EdiError } from './types.ts';

export type Draft = Record<string, unknown>;
type Plain = Pick<Segment, 'tag' | 'elements'>;

export interface Context {
  readonly codes: CodeLists;
  readonly decimalMark: string;
  /** The whole document, for members that come from it. */
  readonly root: Draft;
}

export const elementToJson = (element: Element): JsonElement => (element.length === 1 && element[0]?.length === 1 ? element[0][0] ?? '' : element);
export const elementFromJson = (json: JsonElement): Element => (typeof json === 'string' ? [[json]] : json);
export const segmentToJson = ({ tag, elements }: Plain): JsonSegment => [tag, ...elements.map(elementToJson)];
export const segmentFromJson = ([tag, ...elements]: JsonSegment): Plain => ({ tag: typeof tag === 'string' ? tag : '', elements: elements.map(elementFromJson) });
const same = (one: JsonElement | null | undefined, other: JsonElement | null | undefined): boolean => JSON.stringify(one) === JSON.stringify(other);

/** Element and component of `2.1`. */
export function positionOf(at: string): readonly [number, number] {
  const [element = '0', component = '1'] = at.split('.');
  return [Number(element), Number(component)];
}

/** Names for codes. A code that no list has stays as it is; one that looks like a name of the list is marked. */
export function codeToName(code: string, list: string | undefined, codes: CodeLists): string {
  const known = list === undefined ? undefined : codes[list];
  if (known === undefined) return code;
  if (Object.hasOwn(known, code)) return known[code] ?? code;
  return Object.values(known).includes(code) || code.startsWith('code:') ? `code:${code}` : code;
}

export function nameToCode(name: string, list: string | undefined, codes: CodeLists): string {
  const known = list === undefined ? undefined : codes[list];
  if (known === undefined) return name;
  if (name.startsWith('code:')) return name.slice(5);
  return Object.entries(known).find(([, each]) => each === name)?.[0] ?? name;
}

/** Member of an object by its path. */
export function memberOf(object: Draft, path: string): unknown {
  return path.split('.').reduce<unknown>((value, key) => (typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? (value as Draft)[key] : undefined), object);
}

export function setMember(object: Draft, path: string, value: unknown): void {
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  let into = object;
  for (const key of keys) {
    if (!Object.hasOwn(into, key)) into[key] = {};
    into = into[key] as Draft;
  }
  into[last] = value;
}

/** `date` beside `delivery.when` is `delivery.date`. */
const beside = (to: string): string => (to.includes('.') ? `${to.slice(0, to.lastIndexOf('.'))}.` : '');

/** Puts a segment's fields into an object; what the map would not write the same goes into the rest. */
export function readSegment(spec: SegmentSpec, segment: Segment, into: Draft, context: Context, place: EdiPlace, separators: Separators): EdiFinding[] {
  const found: EdiFinding[] = [];
  for (const field of spec.fields ?? []) readField(field, segment, into, context, (code, problem, at, value) => {
    const [element, component] = positionOf(at);
    const composite = (segment.elements[element - 1]?.[0]?.length ?? 0) > 1 || at.includes('.');
    found.push(finding(code, problem, { ...place, element, ...(composite ? { component } : {}), offset: elementOffset(segment, separators, element, component) }, { value }));
  });
  if (spec.pairs !== undefined) readPairs(spec, segment, into, context);
  for (const [at, problem] of keyProblems(spec, into)) {
    const [element, component] = positionOf(at);
    found.push(finding('check-digit', problem, { ...place, element, ...(at.includes('.') ? { component } : {}), offset: elementOffset(segment, separators, element, component) }, { severity: 'warning' }));
  }
  keepRest(spec, segment, into, context);
  return found;
}

/** GS1 keys that are none, by their place: a value beside a scheme or a kind, or a pair. Goods come all the same, so it is a warning. */
function keyProblems({ fields = [], pairs }: SegmentSpec, object: Draft): readonly (readonly [string, string])[] {
  const named = fields.flatMap(({ at, to, codes }) => {
    const scheme = /^(.*\.)?(scheme|kind)$/.exec(to ?? '');
    if (scheme === null || codes === undefined || to === undefined) return [];
    const value = fields.find((each) => each.to === `${scheme[1] ?? ''}value`);
    const problem = value?.to === undefined ? undefined : gs1Problem(String(memberOf(object, to) ?? ''), String(memberOf(object, value.to) ?? ''));
    return problem === undefined ? [] : [[value?.at ?? at ?? '', problem] as const];
  });
  const listed = pairs === undefined ? undefined : memberOf(object, pairs.to);
  const paired = pairs === undefined || !Array.isArray(listed) ? [] : (listed as readonly { readonly scheme: string; readonly value: string }[]).flatMap(({ scheme, value }, index) => {
    const problem = gs1Problem(scheme, value);
    return problem === undefined ? [] : [[pairs.in === 'components' ? `${pairs.pairsAt + index}.1` : String(pairs.pairsAt + index * 2 + 1), problem] as const];
  });
  return [...named, ...paired];
}

type Report = (code: EdiFinding['code'], problem: string, at: string, value: string) => void;

function readField(field: FieldSpec, segment: Segment, into: Draft, context: Context, report: Report): void {
  const { to } = field;
  // What is always the same is no news; what differs from it is in the rest.
  if (to === undefined) return;
  if (field.from !== undefined) {
    const inherited = memberOf(context.root, field.from);
    if (inherited !== undefined) setMember(into, to, inherited);
    return;
  }
  const at = field.at ?? '';
  const [element, component] = positionOf(at);
  const stood = segment.elements[element - 1]?.[0]?.[component - 1] ?? '';
  const text = field.pad === 'blanks' ? stood.trimEnd() : stood;
  if (text === '') {
    if (field.required === true) report('element-missing', `${segment.tag} needs this element, and it is empty.`, at, text);
    return;
  }
  const [least, most] = field.length ?? [0, Infinity];
  if (field.pad === undefined && (text.length < least || text.length > most)) report(text.length < least ? 'element-too-short' : 'element-too-long', `${shown(text)} has ${text.length} characters, and ${least} to ${most} are allowed.`, at, text);
  if (field.as === 'dtm') {
    const members = fromDtm(text, segment.elements[element - 1]?.[0]?.[component] ?? '');
    if (members === undefined) report('date', `${shown(text)} is no date in its format ${shown(segment.elements[element - 1]?.[0]?.[component] ?? '')}; the document has it in its rest alone.`, at, text);
    else for (const [key, value] of Object.entries(members)) setMember(into, `${beside(to)}${key}`, value);
    return;
  }
  const converted = toValue(text, field.as ?? 'text');
  if ('fault' in converted) report(converted.fault, `${shown(text)} ${converted.problem}.`, at, text);
  else {
    setMember(into, to, codeToName(converted.value, field.codes, context.codes));
    if (field.refers !== undefined && !earlierIds(context.root, field.refers).includes(converted.value)) report('parent', `no id of ${field.refers} before it is ${shown(converted.value)}.`, at, text);
    const counted = String(listLength(context.root, field.counts ?? ''));
    if (field.counts !== undefined && counted !== converted.value.replace(/^0+(?=\d)/, '')) report('count', `${segment.tag} says ${shown(converted.value)}, and there are ${counted} ${field.counts ?? ''}.`, at, text);
  }
}

/** Ids of the objects of a list before the one that is being read. */
const earlierIds = (root: Draft, list: string): readonly unknown[] => (Array.isArray(root[list]) ? (root[list] as readonly Draft[]).slice(0, -1).map((each) => each['id']) : []);
const listLength = (root: Draft, list: string): number => (Array.isArray(root[list]) ? (root[list] as readonly unknown[]).length : 0);

function readPairs(spec: SegmentSpec, segment: Segment, into: Draft, context: Context): void {
  if (spec.pairs === undefined) return;
  const { pairsAt, in: within, to, codes, max = Infinity } = spec.pairs;
  const pairs: Draft[] = [];
  if (within === 'components') {
    for (const [value = '', scheme = ''] of segment.elements.slice(pairsAt - 1, pairsAt - 1 + max).map((element) => element[0] ?? [])) pairs.push({ scheme: codeToName(scheme, codes, context.codes), value });
  } else {
    for (let at = pairsAt - 1; at < Math.min(segment.elements.length, pairsAt - 1 + 2 * max); at += 2) {
      const scheme = segment.elements[at]?.[0]?.[0] ?? '';
      pairs.push({ scheme: codeToName(scheme, codes, context.codes), value: segment.elements[at + 1]?.[0]?.[0] ?? '' });
    }
  }
  while (pairs.length > 0 && pairs.at(-1)?.['value'] === '' && pairs.at(-1)?.['scheme'] === '') pairs.pop();
  if (pairs.length > 0) setMember(into, to, pairs);
}

/** Name of a segment in the rest of its object. */
export const restKey = (spec: SegmentSpec): string => (spec.when === undefined ? spec.tag : `${spec.tag} ${spec.when.in.join(' ')}`);

function keepRest(spec: SegmentSpec, segment: Segment, into: Draft, context: Context): void {
  const would = buildSegment(spec, into, context).elements;
  const kept = differences(segment.elements, would, (is, written, at) => {
    const [one, other] = [single(is), single(written)];
    // A composite that the map knows in part is compared part by part, so that a changed part leaves the others alone.
    return one !== undefined && other !== undefined && one.length + other.length > 2
      ? differences(one.map(plainElement), other.map(plainElement)).map(([part, each]) => [`${at}.${part}`, each])
      : [[at, { is: is === undefined ? null : elementToJson(is), for: written === undefined ? null : elementToJson(written) }]];
  });
  if (kept.length === 0 && isPresent(spec, into)) return;
  const rest = (into['rest'] ?? {}) as { elements?: Record<string, object> };
  into['rest'] = { ...rest, elements: { ...rest.elements, [restKey(spec)]: Object.fromEntries(kept) } };
}

const plainElement = (text: string): Element => [[text]];
const single = (element: Element | undefined): readonly string[] | undefined => (element?.length === 1 ? element[0] : undefined);

type Differ = (is: Element | undefined, written: Element | undefined, at: string) => [string, Kept][];
const asWhole: Differ = (is, written, at) => [[at, { is: is === undefined ? null : elementToJson(is), for: written === undefined ? null : elementToJson(written) }]];

/** What stands otherwise than it would be written, by its number from 1. */
function differences(was: readonly Element[], would: readonly Element[], differ: Differ = asWhole): [string, Kept][] {
  const kept: [string, Kept][] = [];
  for (let at = 0; at < Math.max(was.length, would.length); at += 1) {
    const [is, written] = [was[at], would[at]];
    if (!same(is === undefined ? undefined : elementToJson(is), written === undefined ? undefined : elementToJson(written))) kept.push(...differ(is, written, String(at + 1)));
  }
  // An empty one before another that is kept comes back by itself.
  return kept.filter(([at, each], index) => at.includes('.') || !(each.is === '' && each.for === null && index < kept.length - 1));
}

/** Whether an object has anything for a segment that comes at most once. */
export function isPresent(spec: SegmentSpec, object: Draft): boolean {
  if (spec.list !== undefined) return true;
  if ((object['rest'] as Rest | undefined)?.elements?.[restKey(spec)] !== undefined) return true;
  const given = (spec.fields ?? []).some((field) => field.to !== undefined && field.from === undefined && memberOf(object, field.as === 'dtm' ? `${beside(field.to)}date` : field.to) !== undefined);
  return given || (spec.pairs !== undefined && memberOf(object, spec.pairs.to) !== undefined);
}

/** A segment for an object, with what the rest knows of it. @throws EdiError for values that are none */
export function writeSegment(spec: SegmentSpec, object: Draft, context: Context, where: string): Plain {
  const { elements } = buildSegment(spec, object, context, where);
  const kept = Object.entries((object['rest'] as Rest | undefined)?.elements?.[restKey(spec)] ?? {}).map(([at, each]) => [...positionOf(at), at.includes('.'), each] as const)
    .sort(([one, part], [other, otherPart]) => one - other || part - otherPart);
  const written: (Element | null)[] = [...elements];
  for (const [element, component, inside, each] of kept) {
    const at = element - 1;
    const now = elements[at];
    if (!inside) overlay(written, at, now === undefined ? '' : elementToJson(now), each, elementFromJson);
    else {
      while (written.length <= at) written.push(plainElement(''));
      const parts: (string | null)[] = [...written[at]?.[0] ?? ['']];
      overlay(parts, component - 1, now?.[0]?.[component - 1] ?? '', each, (is) => (typeof is === 'string' ? is : ''));
      while (parts.length > 1 && parts.at(-1) === null) parts.pop();
      written[at] = [parts.map((part) => part ?? '')];
    }
  }
  while (written.length > 0 && written.at(-1) === null) written.pop();
  return { tag: spec.tag, elements: written.map((each) => each ?? plainElement('')) };
}

/** Puts back what was kept; what the map writes otherwise by now, because the document was changed, stands. */
function overlay<Cell extends Element | string>(cells: (Cell | null)[], at: number, now: JsonElement, { is, for: would }: Kept, cellOf: (is: JsonElement) => Cell): void {
  if (!same(now, would ?? '')) return;
  while (cells.length < at) cells.push(cellOf(''));
  cells[at] = is === null ? null : cellOf(is);
}

/** What the map itself makes of an object. */
function buildSegment(spec: SegmentSpec, object: Draft, context: Context, where?: string): Plain {
  const cells: string[][] = [];
  const put = (element: number, component: number, text: string): void => {
    while (cells.length < element) cells.push(['']);
    const parts = cells[element - 1] ?? [];
    while (parts.length < component) parts.push('');
    parts[component - 1] = text;
  };
  for (const field of spec.fields ?? []) {
    const text = fieldText(field, object, context, where === undefined ? undefined : `${where}, ${spec.tag}`);
    if (text === undefined) continue;
    const [element, component] = positionOf(field.at ?? '');
    text.forEach((part, index) => { put(element, component + index, part); });
  }
  putPairs(spec, object, context, where === undefined ? undefined : `${where}, ${spec.tag}`, put);
  return { tag: spec.tag, elements: cells.map((parts) => [parts]) };
}

function fieldText(field: FieldSpec, object: Draft, context: Context, where: string | undefined): readonly string[] | undefined {
  const { to } = field;
  if (to === undefined) return field.is === undefined ? undefined : [field.is];
  const given = memberOf(object, to);
  const refuse = (fault: EdiFinding['code'], problem: string): undefined => {
    // While a message is read, what does not fit is in the rest.
    if (where === undefined) return undefined;
    throw new EdiError(fault, `${where}, ${to}: ${problem}.`);
  };
  if (field.from !== undefined) {
    const common = memberOf(context.root, field.from);
    return given === undefined || given === common ? undefined : refuse('not-written', `${shown(String(given))} differs from ${field.from} of the whole document (${shown(String(common ?? ''))}), and the message has only one`);
  }
  if (field.as === 'dtm') {
    const prefix = beside(to);
    const dtm = toDtm({ date: memberOf(object, `${prefix}date`), time: memberOf(object, `${prefix}time`), until: memberOf(object, `${prefix}until`) });
    return dtm === undefined ? undefined : 'fault' in dtm ? refuse(dtm.fault, dtm.problem) : [dtm.value, dtm.format];
  }
  if (given === undefined || given === null || given === '') return field.default === undefined ? undefined : [padded(field.default, field)];
  if (typeof given !== 'string') return refuse('not-written', `${shown(JSON.stringify(given))} must be a text, as numbers and dates are, too`);
  if (field.counts !== undefined) return [String(listLength(context.root, field.counts))];
  const text = toText(nameToCode(given, field.codes, context.codes), field.as ?? 'text', context.decimalMark);
  return 'fault' in text ? refuse(text.fault, `${shown(given)} ${text.problem}`) : [padded(text.value, field)];
}

function padded(text: string, { pad, length }: FieldSpec): string {
  const to = length?.[1] ?? 0;
  return pad === undefined ? text : pad === 'zeros' ? text.padStart(to, '0') : text.padEnd(to);
}

function textOf(value: unknown, where: string | undefined): string {
  if (typeof value === 'string' || value === undefined) return value ?? '';
  throw new EdiError('not-written', `${where ?? ''}: ${shown(JSON.stringify(value))} must be a text.`);
}

function putPairs(spec: SegmentSpec, object: Draft, context: Context, where: string | undefined, put: (element: number, component: number, text: string) => void): void {
  if (spec.pairs === undefined) return;
  const { pairsAt, in: within, to, codes } = spec.pairs;
  const pairs = memberOf(object, to);
  if (!Array.isArray(pairs)) return;
  (pairs as readonly Draft[]).forEach((pair, index) => {
    const scheme = nameToCode(textOf(pair['scheme'], where), codes, context.codes);
    const value = textOf(pair['value'], where);
    if (within === 'components') {
      put(pairsAt + index, 1, value);
      if (scheme !== '') put(pairsAt + index, 2, scheme);
    } else {
      put(pairsAt + index * 2, 1, scheme);
      put(pairsAt + index * 2 + 1, 1, value);
    }
  });
}

import { envelopeErrors, errorsOf, stamp } from './acknowledge.ts';
import type { Acknowledging } from './acknowledge.ts';
import type { JsonInterchange } from './file.ts';
import { mapFor } from './maps.ts';
import { controlNumberOf, messageTypeOf } from './reader.ts';
import type { EdiFault, EdiFinding, Interchange, Message } from './types.ts';
import { valueOf } from './types.ts';

/** Data element 0085 by fault; what is not here is 18, unspecified. */
const ERROR: Partial<Record<EdiFault, string>> = {
  'element-missing': 'missing', 'segment-missing': 'missing', 'element-too-short': 'too-short', 'element-too-long': 'too-long', character: 'invalid-character', number: 'character-type', date: 'invalid-value', time: 'invalid-value', parent: 'invalid-value',
  count: 'count-differs', 'control-number': 'references-differ', 'missing-trailer': 'missing', 'same-control-number': 'duplicate', 'segment-tag': 'not-in-this-place', 'stray-segment': 'outside-of-message', charset: 'syntax-not-supported', separators: 'service-character',
};
const errorOf = (found: EdiFinding | undefined): string => (found === undefined ? 'unspecified' : ERROR[found.code] ?? 'unspecified');
const placeOf = ({ place }: EdiFinding): Record<string, string> => ({ ...(place.element === undefined ? {} : { element: String(place.element) }), ...(place.component === undefined ? {} : { component: String(place.component) }) });

/** CONTRL: the levels that are not named are acknowledged with the interchange (action 7). */
export function acknowledgeEdifact(interchange: Interchange, findings: readonly EdiFinding[], how: Acknowledging): JsonInterchange {
  const { header } = interchange;
  const broken = envelopeErrors(interchange, findings, ['UNB', 'UNZ', 'UNA']);
  const of = (element: number): { readonly id: string; readonly qualifier?: string } => ({ id: valueOf(header, element, 1), ...(valueOf(header, element, 2) === '' ? {} : { qualifier: valueOf(header, element, 2) }) });
  const own = { controlNumber: controlNumberOf('edifact', header), sender: of(2), receiver: of(3) };
  const first = broken[0];
  const grouped = interchange.groups.some((group) => group.header !== undefined);
  const document = {
    type: 'syntax-report', interchange: own, action: first === undefined ? 'acknowledged' : 'rejected',
    ...(first === undefined ? {} : { error: errorOf(first), ...(first.place.tag === undefined ? {} : { tag: first.place.tag }), ...placeOf(first) }),
    ...(first !== undefined ? {} : grouped ? { groups: groupsOf(interchange, findings) } : listed(interchange.groups.flatMap((group) => group.messages), findings)),
  };
  return {
    standard: 'edifact', separators: interchange.separators, serviceString: interchange.serviceString, ...(header.before === '' ? {} : { afterServiceString: header.before }), newline: interchange.newline, tail: interchange.tail,
    syntax: valueOf(header, 1, 1), version: valueOf(header, 1, 2), sender: of(3), receiver: of(2), ...stamp(how), controlNumber: how.controlNumber, ...(valueOf(header, 11) === '1' ? { usage: 'test' } : {}),
    groups: [{ header: false, messages: [{ message: 'CONTRL', controlNumber: '1', version: 'D', release: '3', document }] }],
  };
}

function groupsOf(interchange: Interchange, findings: readonly EdiFinding[]): readonly Record<string, unknown>[] {
  return interchange.groups.filter((group) => group.header !== undefined).flatMap((group) => {
    const broken = envelopeErrors(interchange, findings, ['UNG', 'UNE']).filter(({ place }) => place.group === controlNumberOf('edifact', group.header));
    const inside = listed(group.messages, findings);
    if (broken.length === 0 && inside.messages === undefined) return [];
    return [{ controlNumber: controlNumberOf('edifact', group.header), sender: valueOf(group.header, 2), receiver: valueOf(group.header, 3), action: broken.length === 0 ? 'acknowledged' : 'rejected', ...(broken.length === 0 ? inside : { error: errorOf(broken[0]) }) }];
  });
}

/** The messages that are refused. */
function listed(messages: readonly Message[], findings: readonly EdiFinding[]): { readonly messages?: readonly Record<string, unknown>[] } {
  const refused = messages.map((message) => ({ message, errors: errorsOf(message, findings), unsupported: mapFor('edifact', messageTypeOf(message.header)) === undefined })).filter(({ errors, unsupported }) => errors.length > 0 || unsupported);
  return refused.length === 0 ? {} : { messages: refused.map(({ message, errors, unsupported }) => refusedMessage(message, errors, unsupported)) };
}

function refusedMessage({ header }: Message, errors: readonly EdiFinding[], unsupported: boolean): Record<string, unknown> {
  const named = { message: valueOf(header, 2, 1), version: valueOf(header, 2, 2), release: valueOf(header, 2, 3), agency: valueOf(header, 2, 4), association: valueOf(header, 2, 5) };
  const [own] = errors.filter(({ place }) => place.tag === 'UNH' || place.tag === 'UNT');
  const inside = errors.filter(({ place }) => place.tag !== 'UNH' && place.tag !== 'UNT');
  const bySegment = Map.groupBy(inside, ({ place }) => place.segment ?? 1);
  return {
    controlNumber: controlNumberOf('edifact', header), ...Object.fromEntries(Object.entries(named).filter(([, value]) => value !== '')), action: 'rejected',
    ...(unsupported ? { error: 'value-not-supported', tag: 'UNH', element: '2', component: '1' } : own === undefined ? {} : { error: errorOf(own), ...(own.place.tag === undefined ? {} : { tag: own.place.tag }), ...placeOf(own) }),
    ...(inside.length === 0 ? {} : { segments: [...bySegment].map(([segment, found]) => refusedSegment(segment, found)) }),
  };
}

function refusedSegment(segment: number, found: readonly EdiFinding[]): Record<string, unknown> {
  const elements = found.filter(({ place }) => place.element !== undefined);
  return {
    segment: String(segment), ...(elements.length === found.length ? {} : { error: errorOf(found.find(({ place }) => place.element === undefined)) }),
    ...(elements.length === 0 ? {} : { elements: elements.map((each) => ({ error: errorOf(each), ...placeOf(each) })) }),
  };
}

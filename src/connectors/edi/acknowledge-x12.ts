import { envelopeErrors, errorsOf, stamp } from './acknowledge.ts';
import type { Acknowledging } from './acknowledge.ts';
import type { JsonInterchange, JsonMessage } from './file.ts';
import type { JsonSegment } from './map-types.ts';
import { mapFor } from './maps.ts';
import { controlNumberOf, messageTypeOf } from './reader.ts';
import type { EdiFault, EdiFinding, Group, Interchange, Message } from './types.ts';
import { valueOf } from './types.ts';

/** AK403 (data element 723) by fault. */
const ELEMENT: Partial<Record<EdiFault, string>> = {
  'element-missing': 'element-missing', 'element-too-short': 'too-short', 'element-too-long': 'too-long', character: 'invalid-character', number: 'invalid-character', count: 'invalid-code', date: 'invalid-date', time: 'invalid-time', parent: 'invalid-code',
};
/** AK304 (720). */
const SEGMENT: Partial<Record<EdiFault, string>> = { 'segment-tag': 'unknown-segment', 'empty-segment': 'unknown-segment', 'segment-missing': 'segment-missing', 'stray-segment': 'unexpected-segment' };
/** AK502 (718), for what is wrong with ST and SE. */
const MESSAGE: Partial<Record<EdiFault, string>> = { 'missing-trailer': 'trailer-missing', 'control-number': 'control-number-mismatch', count: 'count-mismatch', 'same-control-number': 'control-number-not-unique', 'group-type': 'message-id', 'not-written': 'segments-in-error' };
/** AK905 (716), for what is wrong with GS and GE. */
const GROUP: Partial<Record<EdiFault, string>> = { 'missing-trailer': 'trailer-missing', 'control-number': 'control-number-mismatch', count: 'count-mismatch', 'same-control-number': 'control-number' };
/** TA105 (I18). */
const INTERCHANGE: Partial<Record<EdiFault, string>> = { 'control-number': '001', count: '021', 'missing-trailer': '023', 'header-damaged': '022', separators: '026' };

const plain = (text: string | undefined): text is string => text !== undefined && text !== '' && text.length <= 99 && /^[\w .,/-]*$/.test(text);
const numbered = (codes: readonly string[]): Record<string, string> => Object.fromEntries([...new Set(codes)].slice(0, 5).map((code, index) => [`error${index + 1}`, code]));
const ofEnvelope = ({ place }: EdiFinding): boolean => place.tag === 'ST' || place.tag === 'SE';

export function acknowledgeX12(interchange: Interchange, findings: readonly EdiFinding[], how: Acknowledging): JsonInterchange {
  const { header, separators } = interchange;
  const broken = envelopeErrors(interchange, findings, ['ISA', 'IEA']);
  const answered = interchange.groups.filter((group) => group.header !== undefined);
  const by = how.by ?? '997';
  const release = by === '999' ? '005010X231A1' : valueOf(answered[0]?.header, 8) || '004010';
  return {
    standard: 'x12', separators, newline: interchange.newline, tail: interchange.tail, charset: interchange.charset,
    sender: { qualifier: valueOf(header, 7), id: valueOf(header, 8).trimEnd() }, receiver: { qualifier: valueOf(header, 5), id: valueOf(header, 6).trimEnd() },
    ...stamp(how), version: how.by === '999' ? '00501' : valueOf(header, 12), controlNumber: how.controlNumber, usage: valueOf(header, 15) === 'T' ? 'test' : 'production',
    ...(broken.length === 0 ? {} : { loose: [interchangeAcknowledgement(interchange, broken)] }),
    groups: answered.length === 0 ? [] : [{
      header: true, code: 'FA', sender: valueOf(answered[0]?.header, 3), receiver: valueOf(answered[0]?.header, 2), ...stamp(how), controlNumber: String(Number(how.controlNumber) || 1), release,
      messages: answered.map((group, index) => ({
        message: by, controlNumber: String(index + 1).padStart(4, '0'), ...(by === '999' ? { implementation: release } : {}),
        document: { ...groupAcknowledgement(interchange, group, findings), type: by === '999' ? 'implementation-acknowledgment' : 'functional-acknowledgment' },
      } satisfies JsonMessage)),
    }],
  };
}

/** TA1: the answer to ISA and IEA. */
function interchangeAcknowledgement({ header }: Interchange, [first]: readonly EdiFinding[]): JsonSegment {
  return ['TA1', controlNumberOf('x12', header), valueOf(header, 9), valueOf(header, 10), 'R', (first === undefined ? undefined : INTERCHANGE[first.code]) ?? '024'];
}

function groupAcknowledgement(interchange: Interchange, group: Group, findings: readonly EdiFinding[]): { readonly type: string } & Record<string, unknown> {
  const from = group.header?.offset ?? 0;
  const to = group.trailer === undefined ? Infinity : group.trailer.offset;
  const broken = envelopeErrors(interchange, findings, ['GS', 'GE']).filter(({ place }) => place.offset >= from && place.offset <= to + (group.trailer?.raw.length ?? 0));
  const messages = group.messages.map((message) => messageAcknowledgement(message, errorsOf(message, findings)));
  const accepted = broken.length > 0 ? 0 : messages.filter(({ status }) => status === 'accepted').length;
  const received = group.messages.length;
  const said = valueOf(group.trailer, 1);
  return {
    type: 'functional-acknowledgment',
    group: { code: valueOf(group.header, 1), controlNumber: valueOf(group.header, 6), ...(valueOf(group.header, 8) >= '005010' ? { release: valueOf(group.header, 8) } : {}) },
    messages,
    status: accepted === received && broken.length === 0 ? 'accepted' : accepted === 0 ? 'rejected' : 'partially-accepted',
    included: /^\d{1,6}$/.test(said) ? said : String(received), received: String(received), accepted: String(accepted),
    ...numbered(broken.map(({ code }) => GROUP[code] ?? 'control-number')),
  };
}

function messageAcknowledgement(message: Message, errors: readonly EdiFinding[]): { readonly status: string } & Record<string, unknown> {
  const type = messageTypeOf(message.header);
  const inside = errors.filter((error) => !ofEnvelope(error));
  const unsupported = mapFor('x12', type) === undefined;
  const codes = [...(unsupported ? ['message-not-supported'] : []), ...errors.filter(ofEnvelope).map(({ code }) => MESSAGE[code] ?? 'control-number'), ...(inside.length === 0 ? [] : ['segments-in-error'])];
  const bySegment = Map.groupBy(inside, ({ place }) => `${place.segment ?? message.segments.length + 2} ${place.tag ?? ''}`);
  return {
    message: type, controlNumber: controlNumberOf('x12', message.header), ...(valueOf(message.header, 3) === '' ? {} : { implementation: valueOf(message.header, 3) }),
    ...(inside.length === 0 ? {} : { segments: [...bySegment.values()].map((found) => segmentError(found, message)) }),
    status: codes.length === 0 ? 'accepted' : 'rejected', ...numbered(codes),
  };
}

function segmentError(found: readonly EdiFinding[], message: Message): Record<string, unknown> {
  const [first] = found;
  const elements = found.filter(({ place }) => place.element !== undefined);
  const own = found.map(({ code }) => SEGMENT[code]).find((code) => code !== undefined);
  const tag = first?.place.tag ?? '';
  return {
    tag: /^[A-Z][A-Z0-9]{1,2}$/.test(tag) ? tag : 'ZZZ', segment: String(first?.place.segment ?? message.segments.length + 2), error: own ?? 'element-errors',
    ...(elements.length === 0 ? {} : {
      elements: elements.map(({ code, place, value }) => ({
        element: String(place.element), ...(place.component === undefined ? {} : { component: String(place.component) }), error: ELEMENT[code] ?? 'invalid-code', ...(plain(value) ? { value } : {}),
      })),
    }),
  };
}

import type { EventFault, EventFaultCode } from './types.ts';

/** What a person is told of a message that is no event: the one table of it. */
const EVENT_FAULTS: Readonly<Record<EventFaultCode, string>> = {
  'event-too-large': 'The message is larger than this intake accepts.',
  'event-empty': 'The message is empty.',
  'event-not-utf8': 'The message is not readable text.',
  'event-not-json': 'The message is not valid JSON.',
  'event-too-deep': 'The message is nested more deeply than this intake accepts.',
  'event-format': 'The message is no CloudEvent in a format that is understood here; send JSON, or attributes beside the data.',
  'event-version': 'The event is not of CloudEvents 1.0.',
  'event-attribute-missing': 'The event lacks an attribute that every CloudEvent has.',
  'event-attribute': 'An attribute of the event is not as CloudEvents 1.0 has it.',
  'event-data': 'The data of the event is not what its content type says.',
  'event-batch': 'The batch of events cannot be taken.',
};

export function fault(code: EventFaultCode, detail?: string): { readonly ok: false } & EventFault {
  return { ok: false, code, message: EVENT_FAULTS[code], ...(detail === undefined ? {} : { detail }) };
}

/** The whole sentence, with what exactly was wrong. */
export function faultText({ message, detail }: EventFault): string {
  return detail === undefined ? message : `${message} (${detail})`;
}

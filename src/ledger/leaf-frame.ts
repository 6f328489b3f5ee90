import type { NewEvent } from './port.ts';

/** Version of the leaf's own form. */
export const leafVersion = 1;

/** The envelope's members as text, in code-unit order, around those that each event of a commit has of its own. */
interface LeafFrame {
  /** Before `commit`. */
  readonly start: string;
  /** Before the value of `data`. */
  readonly beforeData: string;
  /** Before the value of `eventId`. */
  readonly beforeId: string;
  /** Between `instance` and the value of `recordedAt`. */
  readonly beforeTime: string;
  /** Between the value of `recordedAt` and `stepId`. */
  readonly afterTime: string;
  /** Between `stepId` and `template`. */
  readonly stream: string;
  /** Between `template` and the value of `type`. */
  readonly beforeType: string;
}

/** Members of an object whose keys are written in code-unit order, undefined ones left out, each followed by a comma. */
function members(object: object): string {
  const text = JSON.stringify(object);
  return text === '{}' ? '' : `${text.slice(1, -1)},`;
}

function frameOf(event: NewEvent, ledgerId: string): LeafFrame {
  const { id, kind, onBehalfOf, role } = event.actor;
  return {
    start: `{"actor":${JSON.stringify({ id, kind, onBehalfOf, role })},${members({
      attempt: event.attempt, caseId: event.caseId, causationId: event.causationId, clockSource: event.clockSource, command: event.command,
    })}`,
    beforeData: `${members({ correlationId: event.correlationId })}"data":`,
    beforeId: `,${members({ epoch: event.epoch })}"eventId":`,
    beforeTime: `${members({
      ledgerId, legalEntity: event.legalEntity, occurredAt: event.occurredAt, paramsHash: event.paramsHash, parentCaseId: event.parentCaseId, policyVersion: event.policyVersion, reasonCode: event.reasonCode,
    })}"recordedAt":"`,
    afterTime: `",${members({ rootCaseId: event.rootCaseId, site: event.site })}`,
    stream: members({ streamId: event.streamId }),
    beforeType: `${members({ tokenId: event.tokenId })}"type":"`,
  };
}

/** Whether two events have the same frame: everything that {@link frameOf} reads. */
function sameFrame(a: NewEvent, b: NewEvent): boolean {
  return a.actor === b.actor && a.streamId === b.streamId && a.caseId === b.caseId && a.rootCaseId === b.rootCaseId && a.parentCaseId === b.parentCaseId
    && a.occurredAt === b.occurredAt && a.clockSource === b.clockSource && a.command === b.command && a.causationId === b.causationId && a.correlationId === b.correlationId
    && a.tokenId === b.tokenId && a.attempt === b.attempt && a.paramsHash === b.paramsHash && a.policyVersion === b.policyVersion && a.reasonCode === b.reasonCode
    && a.epoch === b.epoch && a.site === b.site && a.legalEntity === b.legalEntity;
}

let lastEvent: NewEvent | undefined;
let lastLedgerId = '';
let lastFrame: LeafFrame | undefined;

/** The frame of an event. Events of one commit come one after the other and share it. */
export function leafFrame(event: NewEvent, ledgerId: string): LeafFrame {
  if (lastFrame === undefined || lastEvent === undefined || lastLedgerId !== ledgerId || !sameFrame(lastEvent, event)) {
    lastFrame = frameOf(event, ledgerId);
    lastLedgerId = ledgerId;
  }
  lastEvent = event;
  return lastFrame;
}

/** JSON texts of what stands in many events: sites' names, addresses, templates. */
const known = new Map<string, string>();
const mostKnown = 1_000;

/** A member followed by a comma, nothing when it is undefined. For values that come again and again. */
export function knownMember(name: string, value: string | undefined): string {
  if (value === undefined) return '';
  let text = known.get(value);
  if (text === undefined) {
    if (known.size >= mostKnown) known.clear();
    known.set(value, text = JSON.stringify(value));
  }
  return `"${name}":${text},`;
}

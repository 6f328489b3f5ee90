import { accepted, nothing, refused } from '../decision.ts';
import type { Decision } from '../decision.ts';
import type { AnyEvent } from '../envelope.ts';
import type { Attachment, CaseState } from '../case/state.ts';
import type { AttachPhoto, ErasePhoto } from '../case/commands.ts';
import type { AttachmentSubject } from '../events.ts';
import { own } from '../own.ts';
import { placeOf } from '../exception/decide-exception-work.ts';

/** Photos of one exception, task or case. */
export const maxPhotos = 20;

/** Photos of a subject that are still there. */
export function photosOf(state: CaseState, subject: AttachmentSubject): readonly Attachment[] {
  return Object.values(state.attachments).filter((a) => a.erased === undefined && a.subject.kind === subject.kind && a.subject.id === subject.id);
}

/** Where the subject stands; undefined when the case has none such, or takes nothing more for it. */
function subjectPlace(state: CaseState, subject: AttachmentSubject): Pick<AnyEvent, 'address'> | undefined {
  if (subject.kind === 'case') return subject.id === state.caseId ? {} : undefined;
  if (subject.kind === 'exception') {
    const exception = own(state.exceptions, subject.id);
    return exception === undefined ? undefined : placeOf(state, exception);
  }
  const task = own(state.tasks, subject.id);
  return task?.status === 'open' && state.status === 'open' ? { address: task.address } : undefined;
}

/** A photo is evidence: also exceptions that are resolved and cases that are closed take it, but no task that is decided. */
export function decideAttachPhoto(state: CaseState, command: AttachPhoto): Decision {
  if (state.status === 'absent') return refused(command.type, 'case-absent');
  const place = subjectPlace(state, command.subject);
  if (place === undefined) return refused(command.type, 'photo-subject-unknown');
  if (own(state.attachments, command.attachmentId) !== undefined) return nothing('attached');
  const attached = photosOf(state, command.subject);
  if (attached.some((a) => a.sha256 === command.sha256)) return nothing('attached');
  if (attached.length >= maxPhotos) return refused(command.type, 'photos-too-many');
  return accepted({
    type: 'PhotoAttached', ...place,
    data: { attachmentId: command.attachmentId, subject: command.subject, sha256: command.sha256, bytes: command.bytes, mime: command.mime, by: command.by },
    ...(command.caption === undefined ? {} : { content: { caption: command.caption } }),
  });
}

export function decideErasePhoto(state: CaseState, command: ErasePhoto): Decision {
  const photo = own(state.attachments, command.attachmentId);
  if (photo === undefined || photo.erased === true) return refused(command.type, 'photo-unknown');
  return accepted({ type: 'PhotoErased', data: { attachmentId: photo.attachmentId, sha256: photo.sha256 }, content: { reason: command.reason } });
}

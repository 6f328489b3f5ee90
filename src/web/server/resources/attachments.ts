import type { AttachmentSubject } from '../../../domain/events.ts';
import type { Caller } from '../auth/authenticate.ts';
import { attachment } from '../attachment.ts';
import { accepted, operation, type ApiRequest, type Operation } from '../operation.ts';
import { inScope } from '../permissions.ts';
import { problem } from '../problems.ts';
import { id, object, text, type schemas } from '../schemas.ts';
import { visible } from '../scope.ts';
import { UploadLimit } from '../upload-limit.ts';
import { taskFor } from './task-work.ts';

/** Largest photo, bytes. */
const MAX_PHOTO_BYTES = 4 * 1024 * 1024;
const PHOTO_TYPES = ['image/jpeg', 'image/png', 'image/webp'] as const;

const digest: (typeof schemas.photo) | { readonly type: string; readonly pattern: string } = { type: 'string', pattern: '^[0-9a-f]{64}$' };
const limit = new UploadLimit();

const uploadAttachment = operation<object, object, { readonly type: string; readonly bytes: Uint8Array }>({
  id: 'uploadAttachment', method: 'post', path: '/attachments', tag: 'Attachments', access: 'cases.read',
  summary: 'Bring a photo, to attach it within a day',
  description: 'The body is the photo itself, at most 4 MiB. It is read part by part and stored without places, cameras, comments and previews; `sha256` is that of what was stored. What is attached to nothing within a day is removed. At most 120 photos an hour and 300 MB a day for one person.',
  rawBody: { types: PHOTO_TYPES, maxBytes: MAX_PHOTO_BYTES },
  success: {
    status: 201, description: 'The photo is on disk.',
    schema: object({ sha256: { type: 'string' }, bytes: { type: 'integer' }, mime: { type: 'string' }, width: { type: 'integer' }, height: { type: 'integer' } }),
  },
  problems: ['too-many-uploads', 'engine-not-ready'],
  handle: async ({ body, services }, caller) => {
    const wait = limit.take(caller.identity.userId, body.bytes.length, Date.now());
    if (wait !== undefined) throw problem('too-many-uploads', undefined, { headers: { 'Retry-After': String(Math.ceil(wait / 1_000)) } });
    const { sha256, bytes, mime, width, height } = accepted(await services.waybill.storePhoto({ bytes: body.bytes, mime: body.type, by: caller.identity }));
    return { status: 201, json: { sha256, bytes, mime, width, height } };
  },
});

const extensions: Readonly<Record<string, string>> = { 'image/jpeg': 'jpg', 'image/png': 'png', 'image/webp': 'webp' };

const getAttachment = operation<{ sha256: string }>({
  id: 'getAttachment', method: 'get', path: '/attachments/{sha256}', tag: 'Attachments', access: 'cases.read',
  summary: 'A photo that is attached to a case of the caller\'s sites',
  params: { sha256: digest },
  success: { status: 200, description: 'The photo.', contentType: 'image/*' },
  problems: ['attachment-erased', 'attachment-lost'],
  handle: async ({ params, ledger, services }, caller) => {
    const rows = (await ledger().attachmentsWith(params.sha256)).filter((row) => inScope(caller.identity.sites, row.site));
    if (rows.length === 0) throw problem('not-found');
    const row = rows.find(({ erased }) => erased === 0);
    if (row === undefined) throw problem('attachment-erased');
    const bytes = await services.waybill.readPhoto(params.sha256);
    if (bytes === undefined) throw problem('attachment-lost');
    return {
      status: 200, body: bytes, contentType: row.mime,
      headers: {
        'Content-Disposition': attachment(`photo-${params.sha256.slice(0, 12)}.${extensions[row.mime] ?? 'bin'}`),
        'Content-Security-Policy': 'sandbox; default-src \'none\'', 'Cache-Control': 'private, max-age=86400, immutable', 'ETag': `"${params.sha256}"`,
      },
    };
  },
});

const eraseAttachment = operation<{ sha256: string }, object, { readonly reason: string }>({
  id: 'eraseAttachment', method: 'post', path: '/attachments/{sha256}/erasure', tag: 'Attachments', access: 'attachments.erase', command: true,
  summary: 'Give a photo up for good',
  description: 'In every case of the caller\'s sites that holds it. Its hash and the reason stay in the ledger; the file is deleted when no case holds it any more.',
  params: { sha256: digest }, body: object({ reason: text(500) }),
  success: { status: 204, description: 'It is gone.' },
  handle: async ({ params, body, services }, caller) => {
    accepted(await services.waybill.erasePhoto({ sha256: params.sha256, reason: body.reason, by: caller.identity }));
    return { status: 204 };
  },
});

interface PhotoBody { readonly sha256: string; readonly caption?: string }

/** Attaches a photo to one kind of thing. */
function photosOperation(
  about: { readonly kind: AttachmentSubject['kind']; readonly path: string; readonly access: Operation['access'] & Exclude<Operation['access'], 'public'> },
  siteOf: (request: ApiRequest<{ id: string }, object, PhotoBody>, caller: Caller) => Promise<void>,
): Operation {
  return operation<{ id: string }, object, PhotoBody>({
    id: `attachPhotoTo${about.kind[0]!.toUpperCase()}${about.kind.slice(1)}`, method: 'post', path: `/${about.path}/{id}/photos`, tag: 'Attachments', access: about.access, command: true,
    summary: `Attach a photo to ${about.kind === 'exception' ? 'an exception' : `a ${about.kind}`}`,
    description: 'The caller has brought it with `POST /attachments` within the last day.',
    params: { id }, body: object({ sha256: digest, caption: text(300) }, ['caption']),
    success: { status: 204, description: 'It is in the ledger.' },
    handle: async (request, caller) => {
      await siteOf(request, caller);
      const { params, body, services, commandKey } = request;
      accepted(await services.waybill.attachPhoto({
        subject: { kind: about.kind, id: params.id }, sha256: body.sha256, by: caller.identity,
        ...(body.caption === undefined ? {} : { caption: body.caption }), ...(commandKey === undefined ? {} : { commandKey }),
      }));
      return { status: 204 };
    },
  });
}

export const attachmentsResource = [
  uploadAttachment, getAttachment, eraseAttachment,
  photosOperation({ kind: 'exception', path: 'exceptions', access: 'exceptions.resolve' }, async ({ params, ledger }, caller) => { visible(caller, await ledger().getException(params.id)); }),
  photosOperation({ kind: 'task', path: 'tasks', access: 'tasks.decide' }, async ({ params, ledger, services }, caller) => {
    await taskFor({ params: { taskId: params.id }, ledger, services }, caller);
  }),
  photosOperation({ kind: 'case', path: 'cases', access: 'exceptions.resolve' }, async ({ params, ledger }, caller) => { visible(caller, await ledger().getCase(params.id)); }),
];

import type { Request, RequestHandler } from 'express';

/** What an endpoint answers: JSON, with 200 unless something else is said. */
export interface Reply { readonly status?: number; readonly body: object }

/** Bad input: one sentence that says what to do. */
export function refused(message: string, status = 400): Reply {
  return { status, body: { code: status === 404 ? 'not-found' : 'invalid', message } };
}

/** A handler that answers with JSON that no browser keeps, or with 503 and a sentence when it cannot. */
export function replying(ask: (request: Request) => Promise<Reply> | Reply): RequestHandler {
  return (request, response) => {
    // In a promise, so that what is thrown at once is answered as well.
    Promise.resolve(request).then(ask).then(
      ({ status = 200, body }) => response.status(status).set('Cache-Control', 'no-store').json(body),
      (error: unknown) => response.status(503).json({ code: 'not-available', message: error instanceof Error ? error.message : String(error) }),
    );
  };
}

/** A text of a query or a body; '' for what is none or too long. */
export function text(value: unknown, most = 200): string {
  return typeof value === 'string' && value.length <= most ? value.trim() : '';
}

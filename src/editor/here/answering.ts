import type { Request, RequestHandler } from 'express';

/** A handler that answers with what `ask` finds out, as JSON that no browser keeps, or with 503 and `code` when it cannot. */
export function answering(code: string, ask: (request: Request) => Promise<unknown>): RequestHandler {
  return (request, response) => {
    ask(request).then(
      (answer) => response.set('Cache-Control', 'no-store').json(answer),
      (error: unknown) => response.status(503).json({ code, message: error instanceof Error ? error.message : String(error) }),
    );
  };
}

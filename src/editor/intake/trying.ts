import type { RequestHandler } from 'express';
import { record } from '../here/record.ts';

/** A handler that answers what something pasted would become with the form as it stands, or says why that cannot be tried. */
export function trying(attempt: (body: Readonly<Record<string, unknown>>) => object): RequestHandler {
  return (request, response) => {
    try {
      response.set('Cache-Control', 'no-store').json(attempt(record(request.body)));
    } catch (error) {
      // these two are about the configuration or what was pasted, and say what to mend
      const known = error instanceof RangeError || (error instanceof Error && error.name === 'ConfigError');
      response.status(known ? 422 : 500).json({ message: error instanceof Error ? error.message : String(error) });
    }
  };
}

/** A text that the form sent; '' for what is none or too long. */
export function textOf(value: unknown, longest = 1_024): string {
  return typeof value === 'string' && value.length <= longest ? value : '';
}

/** Those of the pasted messages that are texts. */
export function messagesOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((message): message is string => typeof message === 'string') : [];
}

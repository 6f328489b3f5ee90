import type { JsonObject } from '../api/types.ts';

/** Reads a JSON object that a person typed; `problem` says why it is none. */
export function parseObject(text: string): { readonly object?: JsonObject; readonly problem?: string } {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { object: value as JsonObject } : { problem: '{ … }' };
  } catch (error) {
    return { problem: (error as Error).message };
  }
}

import { post } from '../../../src/editor/browser/intake/server.ts';

/** What the server says to the form of a scan in node; src/editor/intake makes it. */
export type TriedScan =
  | { readonly ok: true; readonly title: string; readonly facts: Readonly<Record<string, unknown>>; readonly elements: readonly { readonly ai: string; readonly title: string; readonly value: string }[]; readonly device: string; readonly operator?: string; readonly occurredAt?: string; readonly epcis?: object | null; readonly told: 'by-transport-id' | 'by-sscc' | 'not' }
  | { readonly ok: false; readonly message: string };

export interface Tried {
  readonly topic?: string;
  readonly scans: readonly TriedScan[];
}

export interface Suggestion {
  readonly preset: string;
  readonly pointers?: Readonly<Record<string, string>>;
  readonly fnc1?: string;
  readonly readable: number;
}

export async function askTried(config: object, topic: string, messages: readonly string[]): Promise<readonly Tried[]> {
  return (await post<{ readonly tried: readonly Tried[] }>('intake/try', { config, topic, messages })).tried;
}

export async function askSuggestion(messages: readonly string[]): Promise<Suggestion | undefined> {
  return (await post<{ readonly suggestion?: Suggestion }>('intake/try', { suggest: true, messages })).suggestion;
}

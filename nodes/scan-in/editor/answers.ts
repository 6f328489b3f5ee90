/** What the server says to the form of a scan in node; src/editor/intake makes it. */
export interface Live {
  readonly running: boolean;
  /** Epoch milliseconds by the server's clock. */
  readonly now: number;
  readonly state: { readonly kind: string; readonly reason?: string };
  readonly counters: { readonly received: number; readonly redelivered: number; readonly durable: number; readonly lastAt?: number };
  readonly lastProblem?: { readonly at: number; readonly reason: string };
  readonly samples: readonly Sample[];
}

export interface Sample {
  readonly at: number;
  readonly topic: string;
  readonly text: string;
  readonly became: readonly { readonly kind: 'opened' | 'duplicate' | 'repeat' | 'quarantined'; readonly title: string; readonly message?: string }[];
}

export type TriedScan =
  | { readonly ok: true; readonly title: string; readonly facts: Readonly<Record<string, unknown>>; readonly elements: readonly { readonly ai: string; readonly title: string; readonly value: string }[]; readonly device: string; readonly operator?: string; readonly occurredAt?: string; readonly told: 'by-transport-id' | 'by-sscc' | 'not' }
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

export function askLive(node: string): Promise<Live> {
  return ask<Live>('intake', { data: { node } });
}

export async function askTried(config: object, topic: string, messages: readonly string[]): Promise<readonly Tried[]> {
  return (await post<{ readonly tried: readonly Tried[] }>({ config, topic, messages })).tried;
}

export async function askSuggestion(messages: readonly string[]): Promise<Suggestion | undefined> {
  return (await post<{ readonly suggestion?: Suggestion }>({ suggest: true, messages })).suggestion;
}

function post<T>(body: object): Promise<T> {
  return ask<T>('intake/try', { method: 'POST', contentType: 'application/json', data: JSON.stringify(body) });
}

function ask<T>(path: string, settings: JQuery.AjaxSettings): Promise<T> {
  return new Promise((resolve, reject) => {
    $.ajax({
      url: `waybill-editor/${path}`, dataType: 'json', timeout: 10_000, ...settings,
      success: (answer: T) => { resolve(answer); },
      error: (xhr) => {
        const said = (xhr.responseJSON as { message?: unknown } | undefined)?.message;
        reject(new Error(typeof said === 'string' ? said : ''));
      },
    });
  });
}

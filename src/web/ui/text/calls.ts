import type { CaseEvent, Json, JsonObject } from '../api/types.ts';

export interface CallTry { readonly callId: string; readonly at: string; readonly outcome: string; readonly httpStatus: number | null; readonly errorClass: string | null; readonly durationMs: number | null; readonly error: string | null; readonly response: JsonObject | null; readonly exchanges?: Json[] }
/** One call to another system with everything that was tried. */
export interface Call {
  readonly effectId: string; readonly system: string; readonly operation: string; readonly address: string | undefined; readonly idempotencyKey: string; readonly at: string;
  readonly changes: boolean; readonly request: JsonObject | null; readonly edited: boolean; readonly tries: readonly CallTry[]; readonly settled: string | undefined; readonly dead: boolean;
}

function text(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}
function object(value: Json | undefined): JsonObject | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null;
}

/** The calls of a case, from its events. */
export function callsOf(events: readonly CaseEvent[]): Call[] {
  const calls = new Map<string, Call>();
  const change = (id: string, update: (call: Call) => Partial<Call>): void => {
    const call = calls.get(id);
    if (call !== undefined) calls.set(id, { ...call, ...update(call) });
  };
  for (const { type, data, content, recordedAt, address } of events) {
    const id = text(data['effectId']);
    if (type === 'EffectIntended') {
      calls.set(id, {
        effectId: id, system: text(data['system']), operation: text(data['operation']), address, idempotencyKey: text(data['idempotencyKey']), at: recordedAt,
        changes: data['recovery'] !== 'safe', request: object(content?.['request']), edited: false, tries: [], settled: undefined, dead: false,
      });
    } else if (type === 'CallEnded') {
      change(id, ({ tries }) => ({
        tries: [...tries, {
          callId: text(data['callId']), at: recordedAt, outcome: text(data['outcome']), httpStatus: typeof data['httpStatus'] === 'number' ? data['httpStatus'] : null,
          errorClass: text(data['errorClass']) || null, durationMs: typeof data['durationMs'] === 'number' ? data['durationMs'] : null,
          error: text(content?.['error']) || null, response: object(content?.['response']), exchanges: Array.isArray(content?.['exchanges']) ? content['exchanges'] as Json[] : [],
        }],
      }));
    } else if (type === 'DeadLettered') change(id, () => ({ dead: true }));
    else if (type === 'Replayed') change(id, ({ request }) => ({ dead: false, edited: data['edited'] === true, request: object(content?.['request']) ?? request }));
    else if (type === 'OutcomeResolved') change(id, () => ({ settled: text(data['outcome']) }));
  }
  return [...calls.values()];
}

import type { AnyEvent, ExceptionClass, Priority, Severity } from '../domain/index.ts';

/** What a site says of a class that the engine raises. */
export interface ClassOverride { readonly queue?: string; readonly severity?: Severity; readonly priority?: Priority }
export type ClassOverrides = Readonly<Partial<Record<ExceptionClass, ClassOverride>>>;

/** Classes that the engine raises by itself, with their queue and severity where nothing else is said. */
export const engineClasses: Readonly<Record<Exclude<ExceptionClass, 'business'>, { readonly queue: string; readonly severity: Severity }>> = {
  'not-wired': { queue: 'engineer', severity: 'high' }, 'node-error': { queue: 'engineer', severity: 'high' }, 'stalled-token': { queue: 'engineer', severity: 'high' },
  'forked-token': { queue: 'engineer', severity: 'high' }, 'guard-breached': { queue: 'engineer', severity: 'high' }, 'hop-limit': { queue: 'engineer', severity: 'high' },
  'orphan': { queue: 'engineer', severity: 'high' }, 'poison': { queue: 'engineer', severity: 'critical' }, 'closed-case': { queue: 'engineer', severity: 'medium' },
  'outcome-unknown': { queue: 'integration', severity: 'high' }, 'call-rejected': { queue: 'integration', severity: 'high' }, 'dead-letter': { queue: 'integration', severity: 'high' },
  'validation': { queue: 'engineer', severity: 'medium' },
};

const severities: readonly string[] = ['low', 'medium', 'high', 'critical'];

/** Reads `{"orphan": {"queue": "it-desk", "severity": "medium", "priority": 2}}`. @throws Error with one sentence that says what to mend */
export function readClassOverrides(text: string | undefined): ClassOverrides {
  if (text === undefined || text.trim() === '') return {};
  const wrong = (what: string): Error => new Error(`WAYBILL_EXCEPTION_CLASSES ${what}`);
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw new Error(`WAYBILL_EXCEPTION_CLASSES is no JSON: ${(error as Error).message}`, { cause: error });
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) throw wrong('must be an object of classes, such as {"orphan": {"queue": "it-desk"}}.');
  for (const [name, value] of Object.entries(parsed)) {
    if (!Object.hasOwn(engineClasses, name)) throw wrong(`names the class "${name}"; those of the engine are ${Object.keys(engineClasses).join(', ')}.`);
    if (typeof value !== 'object' || value === null) throw wrong(`says nothing of ${name}; give it a queue, a severity or a priority.`);
    const { queue, severity, priority, ...rest } = value as Record<string, unknown>;
    if (Object.keys(rest).length > 0) throw wrong(`says "${Object.keys(rest)[0] ?? ''}" of ${name}; queue, severity and priority are known.`);
    if (queue !== undefined && (typeof queue !== 'string' || !/^[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}$/.test(queue))) throw wrong(`gives ${name} a queue that is no role.`);
    if (severity !== undefined && !severities.includes(String(severity))) throw wrong(`gives ${name} the severity "${String(severity)}"; choose low, medium, high or critical.`);
    if (priority !== undefined && ![1, 2, 3, 4, 5].includes(priority as number)) throw wrong(`gives ${name} the priority ${JSON.stringify(priority)}; give one from 1 to 5.`);
  }
  return parsed as ClassOverrides;
}

/** The event as the site wants its class to be raised; what a node declares itself stays. */
export function classified(event: AnyEvent, overrides: ClassOverrides): AnyEvent {
  if (event.type !== 'ExceptionRaised' || event.data.class === 'business' || !Object.hasOwn(overrides, event.data.class)) return event;
  return { ...event, data: { ...event.data, ...overrides[event.data.class] } };
}

import type { RecordedEvent } from '../../domain/envelope.ts';
import { addressKey } from '../../domain/index.ts';
import { isObject } from '../../domain/json.ts';
import type { Json, JsonObject } from '../../domain/json.ts';
import { pointerParts } from '../../domain/json-pointer.ts';
import { readServiceReference } from '../../domain/service/index.ts';
import type { ServiceDefinition } from '../../domain/service/index.ts';
import type { Outcome, Problem } from '../../connectors/driver.ts';
import type { ServiceSource } from './source.ts';

/** What stands in the place of what a service masks. */
export const VEIL = '•••';

type Rule = { readonly whole: true } | { readonly whole: false; readonly names: ReadonlySet<string>; readonly pointers: readonly string[] };

/** The names of the members that a service masks, wherever they stand: rather too much than too little. */
export function maskedNames({ masked = [] }: Pick<ServiceDefinition, 'masked'>): ReadonlySet<string> {
  return new Set(masked.map((pointer) => (pointerParts(pointer).at(-1) ?? '').toLowerCase()));
}

/** A copy with what stands under these names covered. */
export function veiled(value: Json, names: ReadonlySet<string>, found?: (covered: Json) => void): Json {
  if (names.size === 0) return value;
  if (Array.isArray(value)) return (value as readonly Json[]).map((each) => veiled(each, names, found));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value as JsonObject).map(([name, member]) => {
    if (!names.has(name.toLowerCase())) return [name, veiled(member, names, found)];
    found?.(member);
    return [name, VEIL];
  }));
}

/** What is masked of the calls of one service; undefined when nothing is. A governed service that nobody knows any more is masked as a whole. */
function ruleOf(reference: string, services: Pick<ServiceSource, 'service'>): Rule | undefined {
  const definition = services.service(reference)?.definition;
  if (definition === undefined) return readServiceReference(reference) === undefined ? undefined : { whole: true };
  if (definition.classification === 'restricted') return { whole: true };
  const names = maskedNames(definition);
  return names.size === 0 ? undefined : { whole: false, names, pointers: definition.masked ?? [] };
}

/** Whether any service that is known masks something: without one, nobody has to look at the calls of a case. */
export function masksAnything(source: Pick<ServiceSource, 'services'>): boolean {
  return source.services().some(({ definition }) => definition.classification === 'restricted' || (definition.masked ?? []).length > 0);
}

/**
 * Covers, in the events of one case, what services mask of their requests and answers: in what was sent and what came back, in
 * the messages that carried it on, in the facts that its step recorded, in exceptions about it. The ledger keeps it as it is: a
 * retry sends exactly that.
 */
export class ExchangeVeil {
  readonly #byEffect = new Map<string, Rule>();
  readonly #byRun = new Map<string, Rule>();
  readonly #byAddress = new Map<string, Rule>();
  /** Values that stand under a masked name somewhere; they are covered wherever they stand. */
  readonly values = new Set<string>();
  /** What is masked, by pointer; `/` is the whole. */
  readonly pointers: readonly string[];

  private constructor(events: readonly RecordedEvent[], services: Pick<ServiceSource, 'service'>) {
    const pointers = new Set<string>();
    for (const event of events) {
      if (event.type !== 'EffectIntended') continue;
      const rule = ruleOf(event.data.service, services);
      if (rule === undefined) continue;
      this.#byEffect.set(event.data.effectId, rule);
      this.#byRun.set(event.data.runId, rule);
      if (event.address !== undefined) this.#byAddress.set(addressKey(event.address), rule);
      for (const pointer of rule.whole ? ['/'] : rule.pointers) pointers.add(pointer);
    }
    this.pointers = [...pointers];
    if (this.#byEffect.size > 0) for (const event of events) this.event(event);
  }

  /** Undefined when no call of the case has anything to mask. */
  static of(events: readonly RecordedEvent[], services: Pick<ServiceSource, 'service'>): ExchangeVeil | undefined {
    const veil = new ExchangeVeil(events, services);
    return veil.#byEffect.size === 0 ? undefined : veil;
  }

  /** The event without what is masked; the same object when there is nothing. */
  event<T extends RecordedEvent>(event: T): T {
    const content = this.#content(event);
    return content === undefined || content === (event as { content?: object }).content ? event : { ...event, content };
  }

  #content(event: RecordedEvent): object | undefined {
    switch (event.type) {
      case 'EffectIntended': case 'Replayed': case 'CallEnded': case 'OutcomeResolved': {
        const rule = this.#byEffect.get(event.data.effectId);
        return rule === undefined || event.content === undefined ? event.content : this.#exchange(event.content as JsonObject, rule);
      }
      case 'StepCompleted': {
        const rule = this.#byRun.get(event.data.runId);
        if (rule === undefined || event.content === undefined) return event.content;
        return { ...event.content, messages: Object.fromEntries(Object.entries(event.content.messages).map(([port, message]) => [port, this.#message(message, rule)])) };
      }
      case 'ExceptionRaised': {
        const rule = event.address === undefined ? undefined : this.#byAddress.get(addressKey(event.address));
        const { content } = event;
        if (rule === undefined || content?.detail === undefined) return content;
        return { ...content, detail: this.#detail(content.detail, rule) };
      }
      case 'FactsRecorded': {
        const rule = event.address === undefined ? undefined : this.#byAddress.get(addressKey(event.address));
        return rule === undefined || rule.whole || event.content === undefined ? event.content : this.#under(event.content as unknown as JsonObject, rule) as JsonObject;
      }
      default: return (event as { content?: object }).content;
    }
  }

  #exchange(content: JsonObject, rule: Rule): JsonObject {
    if (!rule.whole) return this.#under(content, rule) as JsonObject;
    const { request, response, error, exchanges } = content;
    return {
      ...(request === undefined ? {} : { request: { ...(request as JsonObject), body: VEIL } }),
      ...(response === undefined ? {} : { response: this.#answer(response as JsonObject) }),
      ...(error === undefined ? {} : { error: VEIL }), ...(exchanges === undefined ? {} : { exchanges }),
    };
  }

  /** Of restricted data only what says how it ended. */
  #answer(response: JsonObject): JsonObject {
    return Object.fromEntries(Object.entries(response).map(([name, value]) => [name, name === 'status' || name === 'recovered' || name === 'conflict' ? value : VEIL]));
  }

  #detail(detail: JsonObject, rule: Rule): JsonObject {
    if (!rule.whole) return this.#under(detail, rule) as JsonObject;
    // Places of faults name members; whatever else is there may quote what was said.
    return Object.fromEntries(Object.entries(detail).map(([name, value]) => [name, name === 'faults' ? value : name === 'response' && isObject(value) ? this.#answer(value) : VEIL]));
  }

  #message(encoded: string, rule: Rule): string {
    if (rule.whole) return JSON.stringify({ v: 1, p: { payload: VEIL }, left: [] });
    try {
      return JSON.stringify(this.#under(JSON.parse(encoded) as Json, rule));
    } catch (error) {
      if (error instanceof SyntaxError) return encoded;
      throw error;
    }
  }

  #under(value: Json, { names }: Extract<Rule, { whole: false }>): Json {
    return veiled(value, names, (covered) => this.#leaves(covered));
  }

  #leaves(value: Json): void {
    if (Array.isArray(value)) for (const each of value as readonly Json[]) this.#leaves(each);
    else if (typeof value === 'object' && value !== null) for (const each of Object.values(value)) this.#leaves(each);
    else if ((typeof value === 'string' || typeof value === 'number') && String(value) !== VEIL) this.values.add(String(value));
  }
}

/** Values that are shorter stand in too many words. */
const LEAST_WITHIN = 4;

/** Whether what stands at a place (JSON Pointer) is told to nobody. */
export function masks({ classification, masked = [] }: Pick<ServiceDefinition, 'classification' | 'masked'>): (at: string) => boolean {
  const names = maskedNames({ masked });
  return (at) => classification === 'restricted' || pointerParts(at).some((part) => names.has(part.toLowerCase()));
}

/** Without these values, the longest first, as one may hold another. */
export function without(said: string, values: ReadonlySet<string>): string {
  return [...values].filter((value) => value.length >= LEAST_WITHIN).sort((a, b) => b.length - a.length).reduce((text, value) => text.replaceAll(value, VEIL), said);
}

/** Problems of an answer that could not be read: nobody knows what their quotations are of. */
const unread = new Set(['malformed-answer', 'answer-too-long']);

/**
 * What came of a call, in words that hold nothing that its service masks of the answer: unlike the answer, they go into
 * sentences, and what a refusal says beside them is kept nowhere by which a reader's view could be covered later.
 * @param covered what stood under masked names in the answers
 */
export function quiet(outcome: Outcome, { classification, masked = [] }: Pick<ServiceDefinition, 'classification' | 'masked'>, covered: ReadonlySet<string>): Outcome {
  if (masked.length === 0 && classification !== 'restricted') return outcome;
  const hushed = (problem: Problem): Problem => Object.fromEntries(Object.entries(problem as unknown as Record<string, string | number>).map(([name, value]) => {
    if (typeof value !== 'string' || name === 'errorClass') return [name, value];
    return [name, without(unread.has(problem.errorClass) ? value.replace(/(?:\.\.\.)?"[^"]*"(?:\.\.\.)?|'[^']*'/g, VEIL) : value, covered)];
  })) as unknown as Problem;
  if (outcome.kind !== 'done') return { ...outcome, problem: hushed(outcome.problem) };
  return outcome.unreadable === undefined ? outcome : { ...outcome, unreadable: hushed(outcome.unreadable) };
}

/**
 * What a system said, for where everybody reads it (exceptions, mails, logs): without the values that its service masks of the
 * request; of restricted data without its words.
 * @param answered a status came: the words may be the system's own
 */
export function discreet(said: string, { classification, masked = [] }: Pick<ServiceDefinition, 'classification' | 'masked'>, request: Json, answered: boolean): string {
  if (classification === 'restricted') return answered ? 'what it said is restricted' : said;
  const values = new Set<string>();
  const leaves = (value: Json): void => {
    if (typeof value === 'object' && value !== null) for (const each of Object.values(value as JsonObject)) leaves(each);
    else if (value !== null) values.add(String(value));
  };
  veiled(request, maskedNames({ masked }), leaves);
  return without(said, values);
}

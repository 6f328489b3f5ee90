import type { Json, JsonObject } from '../json.ts';
import { contractChanges } from './contract-change.ts';
import { pointerOf } from '../json-pointer.ts';
import type { ServiceDefinition, ServiceOperation } from './service.ts';

/** What a change means for those who call: `breaking` may stop them, `adding` gives them more or another behaviour, `repair` does not touch them. */
export const WEIGHTS = ['repair', 'adding', 'breaking'] as const;
export type Weight = typeof WEIGHTS[number];

/** One difference between two versions of a service. */
export interface ServiceChangeFound {
  /** JSON Pointer into the definition. */
  readonly at: string;
  readonly weight: Weight;
  /** One sentence without its end. */
  readonly message: string;
}

const same = (a: unknown, b: unknown): boolean => canonical(a) === canonical(b);

function canonical(value: unknown): string {
  return JSON.stringify(value, (_name, each: unknown) => (typeof each === 'object' && each !== null && !Array.isArray(each) ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1))) : each)) ?? '';
}

const shown = (value: unknown): string => (value === undefined ? 'nothing' : canonical(value).slice(0, 80));

function* changed(at: string, before: unknown, after: unknown, weight: Weight, what = 'it'): Generator<ServiceChangeFound> {
  if (!same(before, after)) yield { at, weight, message: `${what} was ${shown(before)} and is ${shown(after)}` };
}

/** A request that allows less stops those who call; an answer that allows more brings them what they do not know. */
function* contract(before: ServiceOperation, after: ServiceOperation, member: 'request' | 'answer', at: string): Generator<ServiceChangeFound> {
  const [was, is] = [before[member], after[member]] as readonly (Json | undefined)[];
  const stops = member === 'request' ? 'narrower' : 'wider';
  for (const { at: within, how, message } of contractChanges(was, is)) {
    yield { at: `${at}/${member}${within}`, weight: how === stops || how === 'unclear' ? 'breaking' : 'adding', message: how === 'unclear' ? `${message}; whether callers can go on cannot be told from it` : message };
  }
}

function* idempotency({ idempotency: was }: ServiceOperation, { idempotency: is }: ServiceOperation, at: string): Generator<ServiceChangeFound> {
  if (same(was, is)) return;
  const moved = was !== undefined && (is === undefined || was.in !== is.in || was.name !== is.name || (is.maxLength ?? Number.POSITIVE_INFINITY) !== (was.maxLength ?? Number.POSITIVE_INFINITY));
  yield { at: `${at}/idempotency`, weight: moved ? 'breaking' : 'adding', message: moved ? 'the key of a call lives elsewhere, or is shortened otherwise: what is repeated by the new version would be done twice' : 'the operation takes an idempotency key now' };
}

/** What a flow gives and gets in the canonical form; how that is mapped is the service's own affair. */
function* business({ business: was }: ServiceOperation, { business: is }: ServiceOperation, at: string): Generator<ServiceChangeFound> {
  if (was !== undefined && was.as !== is?.as) yield { at: `${at}/business`, weight: 'breaking', message: `the operation is no longer ${was.as}` };
  else if (was === undefined && is !== undefined) yield { at: `${at}/business`, weight: 'adding', message: `the operation is ${is.as} now` };
  if (was === undefined || is === undefined) return;
  for (const side of ['takes', 'gives'] as const) {
    yield* changed(`${at}/business/${side}/contract`, was[side]?.contract, is[side]?.contract, 'breaking', 'the canonical contract');
    yield* changed(`${at}/business/${side}/mapping`, was[side]?.mapping, is[side]?.mapping, 'repair', 'the ready mapping');
  }
}

function* operation(before: ServiceOperation, after: ServiceOperation, at: string): Generator<ServiceChangeFound> {
  if (before.effect !== after.effect) yield { at: `${at}/effect`, weight: 'breaking', message: `it ${before.effect === 'reads' ? 'only read' : 'wrote'}, and ${after.effect} now` };
  yield* contract(before, after, 'request', at);
  yield* contract(before, after, 'answer', at);
  yield* idempotency(before, after, at);
  yield* changed(`${at}/recovery`, before.recovery, after.recovery, 'adding', 'what is done after an unknown outcome');
  yield* changed(`${at}/binding`, before.binding, after.binding, 'repair', 'how it is spoken');
  yield* business(before, after, at);
  yield* changed(`${at}/title`, before.title, after.title, 'repair', 'the title');
}

function* operations(before: ServiceDefinition, after: ServiceDefinition): Generator<ServiceChangeFound> {
  for (const name of new Set([...Object.keys(before.operations), ...Object.keys(after.operations)])) {
    const at = pointerOf('operations', name);
    const [was, is] = [before, after].map((each) => (Object.hasOwn(each.operations, name) ? each.operations[name] : undefined));
    if (is === undefined) yield { at, weight: 'breaking', message: 'the operation is gone' };
    else if (was === undefined) yield { at, weight: 'adding', message: 'the operation is new' };
    else yield* operation(was, is, at);
  }
}

function* authentication({ authentication: was }: ServiceDefinition, { authentication: is }: ServiceDefinition): Generator<ServiceChangeFound> {
  if (same(was, is)) return;
  if (was.kind !== is.kind) yield { at: '/authentication/kind', weight: 'breaking', message: `every site needs other credentials: it was ${was.kind} and is ${is.kind}` };
  else yield { at: '/authentication', weight: 'adding', message: 'how a system is signed in to was changed; each site looks whether its credentials still fit' };
}

function* limits({ limits: was }: ServiceDefinition, { limits: is }: ServiceDefinition): Generator<ServiceChangeFound> {
  for (const name of ['concurrency', 'perSecond', 'burst'] as const) {
    const [most, now] = [was[name] || Number.POSITIVE_INFINITY, is[name] || Number.POSITIVE_INFINITY];
    if (most !== now) yield { at: `/limits/${name}`, weight: now < most ? 'adding' : 'repair', message: `it was ${was[name]} and is ${is[name]}${now < most ? ': sites are slowed' : ''}` };
  }
  yield* changed('/limits/quota', was.quota, is.quota, 'adding', 'the quota');
}

/** Callers that sign in by what is no longer admitted are shut out, and so are all when Waybill no longer offers it. */
function* offer({ offered: was }: ServiceDefinition, { offered: is }: ServiceDefinition): Generator<ServiceChangeFound> {
  if (same(was, is)) return;
  const gone = was === undefined ? [] : is === undefined ? was.admits : was.admits.filter((each) => !is.admits.includes(each));
  if (was !== undefined && gone.length > 0) yield { at: '/offered/admits', weight: 'breaking', message: is === undefined ? 'Waybill offers it no longer' : `callers prove no longer who they are by ${gone.join(', ')}` };
  else if (was !== undefined && is !== undefined && is.maxBytes < was.maxBytes) yield { at: '/offered/maxBytes', weight: 'breaking', message: `a request may have ${is.maxBytes} bytes and no longer ${was.maxBytes}` };
  else yield { at: '/offered', weight: 'adding', message: was === undefined ? 'Waybill offers it now' : 'how callers are admitted and answered was changed' };
}

const stewards = (objects: ServiceDefinition['objects']): JsonObject => Object.fromEntries(objects.map(({ object, authoritative }) => [object, authoritative]));

/** All differences between two versions of a service, the weightiest first. Words for people and the changelog weigh nothing. */
export function serviceDifference(before: ServiceDefinition, after: ServiceDefinition): readonly ServiceChangeFound[] {
  const found = [
    ...changed('/system', before.system, after.system, 'breaking', 'the kind of system'), ...changed('/protocol', before.protocol, after.protocol, 'breaking', 'the protocol'),
    ...operations(before, after), ...authentication(before, after), ...limits(before, after), ...offer(before, after),
    ...changed('/objects', stewards(before.objects), stewards(after.objects), 'adding', 'which business objects it has, and which of them count'),
    ...changed('/classification', before.classification, after.classification, 'adding', 'the data classification'), ...changed('/whenStopped', before.whenStopped ?? 'wait', after.whenStopped ?? 'wait', 'adding', 'what a call does while the service is stopped'), ...changed('/masked', before.masked, after.masked, 'adding', 'what is masked'),
    ...(['preset', 'binding', 'timeouts', 'retry', 'circuit', 'owner', 'title', 'description', 'cost'] as const).flatMap((member) => [...changed(`/${member}`, before[member], after[member], 'repair')]),
  ];
  return found.sort((a, b) => WEIGHTS.indexOf(b.weight) - WEIGHTS.indexOf(a.weight));
}

/** The weightiest of all; undefined when nothing changed. */
export function weightOf(changes: readonly ServiceChangeFound[]): Weight | undefined {
  return [...WEIGHTS].reverse().find((weight) => changes.some((each) => each.weight === weight));
}

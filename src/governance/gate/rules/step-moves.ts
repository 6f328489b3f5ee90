import type { TemplateFacts } from './rule.ts';
import { compareVersions } from './versions.ts';
import { inRange } from './ranges.ts';

/** What a version of a template says of its steps. */
export type Version = Pick<TemplateFacts, 'id' | 'version' | 'flow' | 'migrations'>;

/** Where what rests at a step of another version goes on. */
export interface StepMove {
  readonly to: string;
  /** Node type of the step in both versions; undefined while the catalogue does not have the other version. */
  readonly type: string | undefined;
}

/** Words of a map that name no step. */
export const ENDS: ReadonlySet<string> = new Set(['drain', 'refuse']);

/** Node types of a version's steps by step id. */
export function stepTypes({ flow = [] }: Version): ReadonlyMap<string, string> {
  return new Map(flow.flatMap(({ stepId, type }) => (typeof stepId === 'string' && stepId !== '' && type.startsWith('waybill-') ? [[stepId, type] as const] : [])));
}

/** What a version's map says of a step of another version, the first line that does: a step, `drain` or `refuse`; undefined when it says nothing. */
export function saidOf(to: Version, from: string, stepId: string): string | undefined {
  return to.migrations?.find((migration) => Object.hasOwn(migration.steps, stepId) && inRange(from, migration.from))?.steps[stepId];
}

/** Follows maps from one version to another: its own word first, then a step that stayed, then the way over the versions between. */
class Way {
  readonly #types = new Map<Version, ReadonlyMap<string, string>>();
  readonly #known = new Map<string, string | undefined>();
  /** Oldest first. */
  readonly #versions: readonly Version[];

  constructor(versions: readonly Version[]) {
    this.#versions = [...versions].sort((a, b) => compareVersions(a.version, b.version));
  }

  types(of: Version): ReadonlyMap<string, string> {
    const types = this.#types.get(of) ?? stepTypes(of);
    this.#types.set(of, types);
    return types;
  }

  /** The step of `to` that takes over from a step of `from`: never one of another type. */
  follow(stepId: string, from: Version, to: Version): string | undefined {
    const key = `${from.version} ${to.version} ${stepId}`;
    if (this.#known.has(key)) return this.#known.get(key);
    const target = this.#follow(stepId, from, to);
    this.#known.set(key, target);
    return target;
  }

  #follow(stepId: string, from: Version, to: Version): string | undefined {
    const type = this.types(from).get(stepId);
    const fits = (target: string): string | undefined => (type !== undefined && this.types(to).get(target) === type ? target : undefined);
    const said = saidOf(to, from.version, stepId);
    if (said !== undefined) return ENDS.has(said) ? undefined : fits(said);
    if (fits(stepId) !== undefined) return stepId;
    for (const between of this.#versions) {
      if (compareVersions(between.version, from.version) <= 0 || compareVersions(between.version, to.version) >= 0) continue;
      const there = this.follow(stepId, from, between);
      const target = there === undefined ? undefined : this.follow(there, between, to);
      if (target !== undefined) return target;
    }
    return undefined;
  }
}

/** Without a single step in any map nothing goes on under another id, and nothing has to be followed. */
const leadsOn = ({ migrations = [] }: Version): boolean => migrations.some(({ steps }) => Object.values(steps).some((target) => !ENDS.has(target)));

/**
 * Where steps that `to` does not have go on in it, by the maps of its own and of the versions before it, by step id. What two
 * versions want at two places, what has another type there, and what is drained goes nowhere.
 * @param versions of the same template, as far as the catalogue has them
 */
export function stepMoves(to: Version, versions: readonly Version[]): ReadonlyMap<string, StepMove> {
  const others = versions.filter(({ id, version }) => id === to.id && version !== to.version);
  if (![to, ...others].some(leadsOn)) return new Map();
  const way = new Way(others);
  const here = way.types(to);
  const found = new Map<string, StepMove | undefined>();
  for (const from of others) {
    for (const [stepId, type] of way.types(from)) {
      if (here.has(stepId)) continue;
      const target = way.follow(stepId, from, to);
      const said = found.get(stepId);
      if (target === undefined) continue;
      found.set(stepId, found.has(stepId) && (said?.to !== target || said.type !== type) ? undefined : { to: target, type });
    }
  }
  for (const [stepId, target] of orphanedEntries(to, others)) if (!here.has(stepId) && here.has(target) && !found.has(stepId)) found.set(stepId, { to: target, type: undefined });
  return new Map([...found].flatMap(([stepId, move]) => (move === undefined ? [] : [[stepId, move] as const])));
}

/** New step id by the old one. */
export const movedIn = (moves: ReadonlyMap<string, StepMove>): ReadonlyMap<string, string> => new Map([...moves].map(([stepId, { to }]) => [stepId, to]));

/** Steps in the map that no version of the catalogue has (any more): the version that had them was withdrawn. */
function orphanedEntries(to: Version, others: readonly Version[]): ReadonlyMap<string, string> {
  const known = new Set(others.flatMap((each) => [...stepTypes(each).keys()]));
  const wanted = new Map<string, Set<string>>();
  for (const { steps } of to.migrations ?? []) {
    for (const [stepId, target] of Object.entries(steps)) if (!ENDS.has(target) && !known.has(stepId)) wanted.set(stepId, (wanted.get(stepId) ?? new Set()).add(target));
  }
  return new Map([...wanted].flatMap(([stepId, targets]) => (targets.size === 1 ? [[stepId, [...targets][0]!] as const] : [])));
}

/** What becomes of cases at a step that another version does not keep. */
export interface StepFate {
  readonly stepId: string;
  readonly becomes: 'move' | 'drain' | 'refuse';
  readonly to?: string;
  /** What is wrong with what the map says, one sentence. */
  readonly problem?: string;
}

/** From one version to another by its own map: the steps that are not simply kept, and what the map says of steps that were never there. */
export function stepFates(from: Version, to: Version): readonly StepFate[] {
  const [before, after] = [stepTypes(from), stepTypes(to)];
  const named = new Set((to.migrations ?? []).filter((migration) => inRange(from.version, migration.from)).flatMap(({ steps }) => Object.keys(steps)));
  const fates = [...before].flatMap(([stepId, type]): StepFate[] => {
    const said = saidOf(to, from.version, stepId);
    if (said === 'drain' || said === 'refuse') return [{ stepId, becomes: said }];
    if (after.get(stepId) === type) return said === undefined || said === stepId ? [] : [{ stepId, becomes: 'drain', problem: `The step "${stepId}" is still there, so its cases stay at it and never go on at "${said}".` }];
    if (said === undefined) return [{ stepId, becomes: 'drain' }];
    if (after.get(said) === type) return [{ stepId, becomes: 'move', to: said }];
    return [{ stepId, becomes: 'drain', problem: `"${stepId}" is a ${type} in ${from.version}, and "${said}" is ${after.has(said) ? `a ${after.get(said)!}` : 'no step'} in ${to.version}: its cases cannot go on there.` }];
  });
  const unknown = [...named].filter((stepId) => !before.has(stepId)).map((stepId): StepFate => ({ stepId, becomes: 'drain', problem: `${from.version} has no step "${stepId}".` }));
  return [...fates, ...unknown];
}

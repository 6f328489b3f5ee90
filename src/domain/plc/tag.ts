import { NODE_ID } from './write.ts';

/** A value of a controller that a node watches. */
export interface PlcTag {
  /** What triggers and facts call it. */
  readonly name: string;
  /** `ns=2;s=Line.Speed`. */
  readonly nodeId: string;
  /** How often the server looks at it, ms; 0: as often as it can. */
  readonly samplingMs: number;
  /** Changes up to this are not reported, of analog values: in their unit, or percent of their range. */
  readonly deadband?: { readonly kind: 'absolute' | 'percent'; readonly value: number };
}

/** Tags of one node. */
export const MOST_TAGS = 1_000;
/** The rarest that a server may look at a tag. */
export const LONGEST_SAMPLING_MS = 3_600_000;

/** What is wrong with a tag, by its place. */
export interface TagProblem {
  readonly code: 'no-name' | 'name-twice' | 'bad-name' | 'bad-node-id' | 'bad-sampling' | 'bad-tag-deadband' | 'too-many-tags' | 'unreadable-tag';
  readonly row: number;
}

function ownProblem({ nodeId, samplingMs, deadband }: PlcTag): TagProblem['code'] | undefined {
  if (typeof nodeId !== 'string' || !NODE_ID.test(nodeId.trim())) return 'bad-node-id';
  if (!(Number.isFinite(samplingMs) && samplingMs >= 0 && samplingMs <= LONGEST_SAMPLING_MS)) return 'bad-sampling';
  if (deadband === undefined) return undefined;
  const { kind, value } = deadband;
  const usable = (kind === 'absolute' || kind === 'percent') && Number.isFinite(value) && value > 0 && (kind === 'absolute' || value <= 100);
  return usable ? undefined : 'bad-tag-deadband';
}

/** All that is wrong with the tags of a node. */
export function tagProblems(tags: readonly PlcTag[]): readonly TagProblem[] {
  if (tags.length > MOST_TAGS) return [{ code: 'too-many-tags', row: MOST_TAGS }];
  const seen = new Set<string>();
  return tags.flatMap((tag, row): TagProblem[] => {
    if (typeof tag !== 'object' || tag === null) return [{ code: 'unreadable-tag', row }];
    const name = typeof tag.name === 'string' ? tag.name.trim() : '';
    // braces are those of titles
    const naming = name === '' ? 'no-name' : /[{}]/.test(name) || name.length > 64 ? 'bad-name' : seen.has(name) ? 'name-twice' : undefined;
    seen.add(name);
    const own = ownProblem(tag);
    return [...(naming === undefined ? [] : [{ code: naming, row } as const]), ...(own === undefined ? [] : [{ code: own, row }])];
  });
}

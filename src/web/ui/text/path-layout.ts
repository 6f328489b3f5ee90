import type { PathEdge } from '../api/console-types.ts';

/**
 * A layered drawing of a small directed graph (Sugiyama, Tagawa, Toda 1981): cycles broken by a depth-first
 * walk, layers by longest way, long edges through placeholder places, crossings lowered by barycentres, then
 * each place drawn towards its neighbours. Lengths are pixels; `main` runs with the flow, `cross` across it.
 */

export interface LayoutSizes {
  /** Extent of a step along the flow and across it. */
  readonly main: number; readonly cross: number;
  /** Distance between layers, and between neighbours of a layer. */
  readonly mainGap: number; readonly crossGap: number;
  /** How many steps may stand beside each other; what leads nowhere further moves on to the next layer. */
  readonly beside?: number;
  /** All of the drawing is to stay within this extent across the flow, where its layers allow it. */
  readonly room?: number;
}
export interface PlacedNode { readonly address: string; readonly main: number; readonly cross: number; readonly layer: number; readonly row: number }
export interface PlacedEdge { readonly edge: PathEdge; readonly points: readonly (readonly [main: number, cross: number])[]; readonly back: boolean }
export interface Layout {
  readonly nodes: readonly PlacedNode[]; readonly edges: readonly PlacedEdge[];
  readonly main: number; readonly cross: number;
  /** Of each layer: steps, and ways that only pass. */
  readonly rows: readonly { readonly steps: number; readonly passing: number }[];
}

interface Place { readonly id: string; readonly real: boolean; readonly layer: number; cross: number; readonly before: string[]; readonly after: string[] }

const SWEEPS = 6;

type Known = PathEdge & { readonly from: string };

/** Edges that lead back to a step on the way to themselves: loops of rework and retries. */
function backEdges(addresses: readonly string[], edges: readonly Known[]): Set<Known> {
  const state = new Map<string, 'open' | 'closed'>();
  const back = new Set<Known>();
  const outOf = new Map<string, Known[]>();
  for (const edge of edges) outOf.set(edge.from, [...outOf.get(edge.from) ?? [], edge]);
  const walk = (address: string): void => {
    state.set(address, 'open');
    for (const edge of outOf.get(address) ?? []) {
      const seen = state.get(edge.to);
      if (seen === 'open') back.add(edge);
      else if (seen === undefined) walk(edge.to);
    }
    state.set(address, 'closed');
  };
  const targets = new Set(edges.map((edge) => edge.to));
  for (const address of [...addresses.filter((each) => !targets.has(each)), ...addresses]) if (!state.has(address)) walk(address);
  return back;
}

function layersOf(addresses: readonly string[], forward: readonly Known[]): Map<string, number> {
  const layers = new Map<string, number>();
  const into = new Map<string, string[]>();
  for (const { from, to } of forward) into.set(to, [...into.get(to) ?? [], from]);
  const layer = (address: string): number => {
    const known = layers.get(address);
    if (known !== undefined) return known;
    const depth = Math.max(-1, ...(into.get(address) ?? []).map(layer)) + 1;
    layers.set(address, depth);
    return depth;
  };
  for (const address of addresses) layer(address);
  return layers;
}

/** Moves ends of ways down until no layer holds more than `beside` steps, as far as that is possible. */
function narrow(depth: Map<string, number>, forward: readonly Known[], beside: number): void {
  const goesOn = new Set(forward.map((edge) => edge.from));
  for (let layer = 0; layer <= Math.max(...depth.values()); layer++) {
    const here = [...depth.keys()].filter((address) => depth.get(address) === layer);
    const ends = here.filter((address) => !goesOn.has(address));
    for (const address of ends.slice(Math.max(0, beside - (here.length - ends.length)))) depth.set(address, layer + 1);
  }
}

function mean(values: readonly number[], otherwise: number): number {
  return values.length === 0 ? otherwise : values.reduce((sum, each) => sum + each, 0) / values.length;
}

/** Orders each layer by where its neighbours stand; stable, so equal graphs give equal drawings. */
function order(layers: Place[][], byId: ReadonlyMap<string, Place>): void {
  const rank = new Map<string, number>();
  const number = (row: readonly Place[]): void => row.forEach((place, index) => rank.set(place.id, index));
  layers.forEach(number);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const down = sweep % 2 === 0;
    for (const row of down ? layers : [...layers].reverse()) {
      const weight = new Map(row.map((place) => [place.id, mean((down ? place.before : place.after).filter((id) => byId.has(id)).map((id) => rank.get(id)!), rank.get(place.id)!)]));
      row.sort((a, b) => weight.get(a.id)! - weight.get(b.id)!);
      number(row);
    }
  }
}

/** Moves places towards their neighbours while neighbours of a layer keep their distance. */
function spread(layers: readonly Place[][], byId: ReadonlyMap<string, Place>, sizes: LayoutSizes): void {
  const half = (place: Place): number => (place.real ? sizes.cross / 2 : 4);
  const apart = (a: Place, b: Place): number => half(a) + half(b) + sizes.crossGap;
  for (const row of layers) row.forEach((place, index) => { place.cross = index === 0 ? 0 : row[index - 1]!.cross + apart(row[index - 1]!, place); });
  for (let sweep = 0; sweep < 2 * SWEEPS; sweep++) {
    for (const row of sweep % 2 === 0 ? layers : [...layers].reverse()) {
      const wanted = row.map((place) => mean([...place.before, ...place.after].map((id) => byId.get(id)!.cross), place.cross));
      // Pushed apart from both sides; the middle of the two is fair to both.
      const up = [...wanted];
      for (let i = 1; i < row.length; i++) up[i] = Math.max(wanted[i]!, up[i - 1]! + apart(row[i - 1]!, row[i]!));
      const low = [...wanted];
      for (let i = row.length - 2; i >= 0; i--) low[i] = Math.min(wanted[i]!, low[i + 1]! - apart(row[i]!, row[i + 1]!));
      row.forEach((place, index) => { place.cross = (up[index]! + low[index]!) / 2; });
    }
  }
}

/** Keeps every layer within `room`: places at its edges push the others back. */
function confine(layers: readonly Place[][], sizes: LayoutSizes, room: number): void {
  const half = (place: Place): number => (place.real ? sizes.cross / 2 : 4);
  const all = layers.flat();
  const low = Math.min(...all.map((place) => place.cross - half(place)));
  const high = Math.max(...all.map((place) => place.cross + half(place)));
  const shift = room / 2 - (low + high) / 2;
  for (const row of layers) {
    let least = 0;
    for (const place of row) {
      place.cross = Math.max(place.cross + shift, least + half(place));
      least = place.cross + half(place) + sizes.crossGap;
    }
    let most = room;
    for (const place of [...row].reverse()) {
      place.cross = Math.min(place.cross, most - half(place));
      most = place.cross - half(place) - sizes.crossGap;
    }
  }
}

/** Places of steps (their middles) and ways of edges. Edges from the intake have no drawing of their own. */
export function layoutPath(addresses: readonly string[], all: readonly PathEdge[], sizes: LayoutSizes): Layout {
  const known = new Set(addresses);
  const edges = all.filter((edge): edge is Known => edge.from !== null && known.has(edge.from) && known.has(edge.to) && edge.from !== edge.to);
  const back = backEdges(addresses, edges);
  const forward = edges.filter((edge) => !back.has(edge));
  const depth = layersOf(addresses, forward);
  if (sizes.beside !== undefined) narrow(depth, forward, sizes.beside);
  const byId = new Map<string, Place>();
  const layers: Place[][] = [];
  const add = (id: string, layer: number, real: boolean): Place => {
    const place: Place = { id, real, layer, cross: 0, before: [], after: [] };
    byId.set(id, place);
    (layers[layer] ??= []).push(place);
    return place;
  };
  for (const address of addresses) add(address, depth.get(address)!, true);
  const ways = new Map<Known, string[]>();
  edges.forEach((edge, index) => {
    const backward = back.has(edge);
    const [from, to] = backward ? [edge.to, edge.from] : [edge.from, edge.to];
    const chain = [from];
    for (let layer = depth.get(from)! + 1; layer < depth.get(to)!; layer++) chain.push(add(`~${index}.${layer}`, layer, false).id);
    chain.push(to);
    for (let i = 1; i < chain.length; i++) {
      byId.get(chain[i - 1]!)!.after.push(chain[i]!);
      byId.get(chain[i]!)!.before.push(chain[i - 1]!);
    }
    ways.set(edge, backward ? chain.reverse() : chain);
  });
  order(layers, byId);
  spread(layers, byId, sizes);
  if (sizes.room !== undefined) confine(layers, sizes, sizes.room);
  const least = Math.min(0, ...[...byId.values()].map((place) => place.cross - (place.real ? sizes.cross / 2 : 4)));
  for (const place of byId.values()) place.cross -= least;
  const mainOf = (place: Place): number => place.layer * (sizes.main + sizes.mainGap) + sizes.main / 2;
  return {
    nodes: addresses.map((address) => {
      const place = byId.get(address)!;
      return { address, main: mainOf(place), cross: place.cross, layer: place.layer, row: layers[place.layer]!.indexOf(place) };
    }),
    edges: edges.map((edge) => {
      const backward = back.has(edge);
      const chain = ways.get(edge)!.map((id) => byId.get(id)!);
      const ahead = backward ? -1 : 1;
      // A way back leaves and enters beside the way there, so that both can be told apart.
      const aside = backward ? Math.min(16, sizes.cross / 4) : 0;
      const points = chain.flatMap((place, index): [number, number][] => {
        const middle = mainOf(place);
        if (!place.real) return [[middle, place.cross]];
        return [[middle + (index === 0 ? ahead : -ahead) * (sizes.main / 2), place.cross + aside]];
      });
      return { edge, points, back: backward };
    }),
    main: layers.length * (sizes.main + sizes.mainGap) - sizes.mainGap,
    cross: Math.max(sizes.cross, ...[...byId.values()].map((place) => place.cross + (place.real ? sizes.cross / 2 : 4))),
    rows: layers.map((row) => { const steps = row.filter((place) => place.real).length; return { steps, passing: row.length - steps }; }),
  };
}

/** A smooth line through points; `down` swaps the axes. */
export function curve(points: readonly (readonly [number, number])[], down: boolean): string {
  const at = ([main, cross]: readonly [number, number]): string => (down ? `${round(cross)} ${round(main)}` : `${round(main)} ${round(cross)}`);
  return points.map((point, index) => {
    if (index === 0) return `M${at(point)}`;
    const from = points[index - 1]!;
    const middle = (from[0] + point[0]) / 2;
    return `C${at([middle, from[1]])} ${at([middle, point[1]])} ${at(point)}`;
  }).join('');
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

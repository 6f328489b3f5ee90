import { TemplateError } from './template-error.ts';

/** A graph whose vertices are known by what they hold, never by a name: vertex i has `contents[i]`. */
export interface ContentGraph {
  readonly contents: readonly string[];
  /** An edge's label says what it is (`wire 0`, `links`); the same edge twice counts twice. */
  readonly edges: readonly { readonly from: number; readonly label: string; readonly to: number }[];
}

interface Arc { readonly label: string; readonly to: number }

/** Vertices and edges that may be looked at, over all refinements: real flows need some thousand, a graph that was made to be hard ends here. */
const BUDGET = 1_000_000;

/**
 * Order of the vertices that is the same for every numbering of the same graph. Colours are refined until
 * neighbours tell nothing new (Weisfeiler-Leman); what is alike after that is taken apart by components, and
 * in a component by trying each vertex of a class and keeping the smallest result (individualisation).
 * @throws TemplateError `too-alike`
 */
export function canonicalOrder(graph: ContentGraph): readonly number[] {
  return new Ordering(graph).order;
}

class Ordering {
  readonly #arcs: Arc[][];
  #budget: number;
  readonly order: readonly number[];

  constructor({ contents, edges }: ContentGraph) {
    this.#budget = Math.max(BUDGET, 40 * (contents.length + 2 * edges.length));
    this.#arcs = contents.map(() => []);
    for (const { from, label, to } of edges) {
      this.#arcs[from]!.push({ label: `>${label}`, to });
      this.#arcs[to]!.push({ label: `<${label}`, to: from });
    }
    const all = contents.map((_content, i) => i);
    this.order = this.#arranged(all, this.#refined(all, ranks(contents)));
  }

  /** Colours of these vertices, apart as far as their neighbours tell; all others keep theirs. */
  #refined(vertices: readonly number[], start: readonly number[]): readonly number[] {
    // Above all colours there are: a new one is never taken for that of a vertex that is not looked at here.
    const base = start.reduce((max, colour) => Math.max(max, colour), 0) + 1;
    let colours = start;
    let classes = new Set(vertices.map((v) => colours[v])).size;
    for (;;) {
      for (const v of vertices) this.#budget -= 1 + this.#arcs[v]!.length;
      if (this.#budget < 0) throw new TemplateError('too-alike', 'Too many nodes of the flow are alike in what they hold and how they are wired; give them names that differ.');
      const now = colours;
      const described = vertices.map((v) => `${String(now[v]).padStart(6, '0')} ${this.#arcs[v]!.map(({ label, to }) => `${label}:${now[to]}`).sort().join(' ')}`);
      const ranked = ranks(described);
      const next = [...now];
      for (const [i, v] of vertices.entries()) next[v] = base + ranked[i]!;
      const count = new Set(ranked).size;
      colours = next;
      if (count === classes || count === vertices.length) return colours;
      classes = count;
    }
  }

  /** The vertices in order: single ones by colour, then what is left, component by component. */
  #arranged(vertices: readonly number[], colours: readonly number[]): readonly number[] {
    const sizes = new Map<number, number>();
    for (const v of vertices) sizes.set(colours[v]!, (sizes.get(colours[v]!) ?? 0) + 1);
    const single = vertices.filter((v) => sizes.get(colours[v]!) === 1).sort((a, b) => colours[a]! - colours[b]!);
    if (single.length === vertices.length) return single;
    const rest = vertices.filter((v) => sizes.get(colours[v]!) !== 1);
    const components = this.#components(rest);
    if (components.length === 1 && single.length === 0) return this.#tried(rest, colours, sizes);
    const arranged = components.map((component) => {
      const order = this.#arranged(component, component.length === 1 ? colours : this.#refined(component, colours));
      return { order, text: this.#text(order, colours) };
    });
    return [...single, ...arranged.sort((a, b) => compare(a.text, b.text)).flatMap(({ order }) => order)];
  }

  /** Of a connected component in which nothing stands alone: the smallest of what its first class leads to. */
  #tried(vertices: readonly number[], colours: readonly number[], sizes: ReadonlyMap<number, number>): readonly number[] {
    const [chosen] = [...sizes].sort(([a, sizeA], [b, sizeB]) => sizeA - sizeB || a - b)[0]!;
    let best: { readonly order: readonly number[]; readonly text: string } | undefined;
    for (const candidate of vertices) {
      if (colours[candidate] !== chosen) continue;
      const apart = [...colours];
      apart[candidate] = -1;
      const order = this.#arranged(vertices, this.#refined(vertices, apart));
      const text = this.#text(order, colours);
      if (best === undefined || compare(text, best.text) < 0) best = { order, text };
    }
    return best!.order;
  }

  /** Parts that hang together by edges among these vertices. */
  #components(vertices: readonly number[]): readonly (readonly number[])[] {
    const left = new Set(vertices);
    const components: number[][] = [];
    for (const start of vertices) {
      if (!left.delete(start)) continue;
      const component = [start];
      for (const v of component) for (const { to } of this.#arcs[v]!) if (left.delete(to)) component.push(to);
      components.push(component);
    }
    return components;
  }

  /** Everything that tells an arranged part from another one. */
  #text(order: readonly number[], colours: readonly number[]): string {
    const at = new Map(order.map((v, i) => [v, i]));
    return order.map((v) => `${colours[v]}(${this.#arcs[v]!.map(({ label, to }) => `${label}${at.has(to) ? `#${at.get(to)}` : `:${colours[to]}`}`).sort().join(' ')})`).join('\n');
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** By text: its place among the different texts in order. */
function ranks(texts: readonly string[]): readonly number[] {
  const place = new Map([...new Set(texts)].sort().map((text, i) => [text, i]));
  return texts.map((text) => place.get(text)!);
}

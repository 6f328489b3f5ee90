import type { CasePath, PathEdge, PathNode } from '../api/console-types.ts';

/** Steps that say where a case stands, most telling first. */
export const RESTING = ['trouble', 'waiting', 'here'] as const;

/** What happened and, for a case that is under way, what may come next; the rest of the flow is left out. */
export function relevantPath({ nodes, edges }: CasePath): CasePath {
  const resting = nodes.filter((node) => (RESTING as readonly string[]).includes(node.state)).map((node) => node.address);
  const onTheWay = edges.filter((edge) => edge.waiting > 0).map((edge) => edge.to);
  const ahead = new Set(edges.filter((edge) => edge.from !== null && resting.includes(edge.from)).map((edge) => edge.to));
  const kept = new Set(nodes.filter((node) => node.state !== 'ahead' || ahead.has(node.address) || onTheWay.includes(node.address)).map((node) => node.address));
  const visited = new Set(nodes.filter((node) => node.state !== 'ahead').map((node) => node.address));
  return {
    nodes: nodes.filter((node) => kept.has(node.address)),
    // Between two steps that were both left, a wire nothing passed along only crowds the drawing.
    edges: edges.filter(({ from, to, passed, waiting }) => kept.has(to) && (from === null || kept.has(from))
      && (passed + waiting > 0 || from === null || !visited.has(to) || (resting.includes(from) || !visited.has(from)))),
  };
}

/** Several wires between the same two steps are drawn as one. */
export function mergedEdges(edges: readonly PathEdge[]): PathEdge[] {
  const byEnds = new Map<string, PathEdge>();
  for (const edge of edges) {
    const ends = `${edge.from ?? ''} ${edge.to}`;
    const before = byEnds.get(ends);
    const label = [before?.label, edge.label].filter((each): each is string => each !== undefined && each !== '').join(', ');
    byEnds.set(ends, { from: edge.from, to: edge.to, passed: edge.passed + (before?.passed ?? 0), waiting: edge.waiting + (before?.waiting ?? 0), ...(label === '' ? {} : { label }) });
  }
  return [...byEnds.values()];
}

/** Steps in reading order: as they were entered, then what lies ahead. */
export function inOrder(nodes: readonly PathNode[]): PathNode[] {
  return [...nodes].sort((a, b) => (a.firstEnteredAt ?? '￿').localeCompare(b.firstEnteredAt ?? '￿'));
}

/** What a step is called: by whoever drew it, else by its step id, which tells two of a kind apart. */
export function nameOf({ name, stepId, nodeType }: PathNode): string {
  return name !== '' ? name : stepId === '' ? kindOf(nodeType) : stepId.replaceAll('-', ' ');
}

/** The node's kind for people: `waybill-case-open` → `case open`. */
export function kindOf(nodeType: string): string {
  return nodeType.replace(/^waybill-/, '').replaceAll('-', ' ');
}

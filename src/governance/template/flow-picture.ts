/** A node of a Node-RED export, as far as a picture shows it. */
export interface PicturedNode {
  readonly id: string; readonly type: string; readonly z?: string;
  readonly name?: string; readonly stepId?: string; readonly x?: number; readonly y?: number;
  readonly wires?: readonly (readonly string[])[];
  /** Size and colour of a group. */
  readonly w?: number; readonly h?: number; readonly style?: { readonly stroke?: string };
  readonly label?: string; readonly d?: boolean;
  /** Where a subflow is entered and left. */
  readonly in?: readonly PicturedEnd[]; readonly out?: readonly PicturedEnd[]; readonly outputLabels?: readonly string[];
}

interface PicturedEnd { readonly x?: number; readonly y?: number; readonly wires?: readonly { readonly id: string; readonly port?: number }[] }

/** Name of a template's picture in its folder. */
export const PICTURE_FILE = 'flow.svg';
/** What a picture that was drawn here says of itself; one that somebody has made is theirs. */
const DRAWN = '<!-- Drawn from flow.json by: waybill template picture -->';

/** Whether a picture was drawn by {@link flowPicture}, and may be drawn anew. */
export function isDrawn(svg: string): boolean {
  return svg.includes(DRAWN);
}

const height = 30;
const margin = 24;

/** Fill by what a node does; the same colours as in the palette. */
const colours: readonly (readonly [RegExp, string])[] = [
  [/^waybill-(case-|.*close)/, '#7DB87A'], [/^waybill-(scan-in|sparkplug-in|plc-in|event-in|broker)/, '#6BA6CF'], [/^waybill-(call|event-out|retry|notify)/, '#B79CDA'],
  [/^waybill-(parallel|gather)/, '#87A980'], [/^waybill-compensate/, '#C98B8B'], [/^waybill-exception/, '#E08A7B'], [/^waybill-/, '#DDA35A'], [/./, '#DDDDDD'],
];

// eslint-disable-next-line no-control-regex -- XML has no place for these
const escaped = (text: string): string => text.replace(/[\u0000-\u0008\u000b-\u001f]/g, ' ').replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]!);

const isLink = ({ type }: PicturedNode): boolean => type === 'link in' || type === 'link out';
/** A subflow's input or output, drawn like a node of its own. */
const END = 'subflow end';

/** What fits into a box; the longest label is told in full by its title. */
function label(node: PicturedNode): string {
  if (isLink(node)) return node.type === 'link in' ? '→' : '↻';
  if (node.type === 'junction') return '';
  const text = node.name || (node.stepId ?? '').replaceAll('-', ' ') || node.type;
  return text.length > 34 ? `${text.slice(0, 33)}…` : text;
}

/** As in the editor: a link is a small box, any other as wide as its label. */
function widthOf(node: PicturedNode): number {
  if (node.type === 'junction') return 10;
  return isLink(node) || node.type === END ? Math.max(30, label(node).length * 8 + 14) : Math.max(100, 36 + Math.round(label(node).length * 6.2));
}

function frame({ x = 0, y = 0, w = 0, h = 0, name = '', style }: PicturedNode): string {
  const colour = escaped(style?.stroke ?? '#999999');
  return `<rect x="${x}" y="${y}" width="${w}" height="${h}" rx="5" fill="${colour}" fill-opacity=".06" stroke="${colour}"/><text x="${x + 8}" y="${y + 18}" fill="#555">${escaped(name)}</text>`;
}

function box(node: PicturedNode): string {
  const width = widthOf(node);
  const tall = node.type === 'junction' ? 10 : height;
  const [x, y] = [node.x! - width / 2, node.y! - tall / 2];
  const fill = colours.find(([type]) => type.test(node.type))![1];
  return `<g><title>${escaped(`${node.type}: ${node.name || node.stepId || ''}`)}</title>`
    + `<rect x="${x}" y="${y}" width="${width}" height="${tall}" rx="5" fill="${fill}" stroke="#666"${node.d === true ? ' stroke-dasharray="8 4"' : ''}/>`
    + `<text x="${node.x!}" y="${node.y! + 4}" text-anchor="middle">${escaped(label(node))}</text></g>`;
}

/** A wire in Node-RED's manner: out at the right, in at the left; back, when it must, around the bend. */
function wire(from: PicturedNode, to: PicturedNode, port: number, ports: number): string {
  const [x1, y1] = [from.x! + widthOf(from) / 2, from.y! + (ports > 1 ? (port - (ports - 1) / 2) * Math.min(8, height / ports) : 0)];
  const [x2, y2] = [to.x! - widthOf(to) / 2, to.y!];
  const bend = x2 > x1 ? Math.max(20, (x2 - x1) / 2) : 70;
  return `<path d="M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}"/>`;
}

interface Sheet { readonly title: string; readonly nodes: readonly PicturedNode[]; readonly groups: readonly PicturedNode[] }
interface Drawn { readonly left: number; readonly top: number; readonly right: number; readonly bottom: number; readonly lines: readonly string[] }

/** A subflow's ends as nodes, and the wires that lead to its outputs as those of the nodes that they begin at. */
function withEnds(container: PicturedNode | undefined, inside: readonly PicturedNode[]): readonly PicturedNode[] {
  if (container?.type !== 'subflow') return inside;
  const end = (name: string, port: number, { x, y, wires = [] }: PicturedEnd): PicturedNode => ({ id: `${container.id} ${name} ${port}`, type: END, name, ...(x === undefined ? {} : { x }), ...(y === undefined ? {} : { y }), wires: [wires.map(({ id }) => id)] });
  const outs = (container.out ?? []).map((each, i) => ({ from: each.wires ?? [], node: { ...end(container.outputLabels?.[i] || `out ${i + 1}`, i, each), wires: [] } }));
  const ins = (container.in ?? []).map((each, i) => end('in', i, each));
  const led = (node: PicturedNode): PicturedNode => ({
    ...node, wires: (node.wires ?? []).map((targets, port) => [...targets, ...outs.flatMap(({ from, node: { id } }) => from.filter((wire) => wire.id === node.id && (wire.port ?? 0) === port).map(() => id))]),
  });
  // What goes in may go out at once.
  const through = ins.map((node) => ({ ...node, wires: node.wires!.map((targets) => [...targets, ...outs.flatMap(({ from, node: { id } }) => (from.some((wire) => wire.id === container.id) ? [id] : []))]) }));
  return [...through, ...inside.map(led), ...outs.map(({ node }) => node)];
}

const isShown = ({ type, x, y }: PicturedNode): boolean => type !== 'comment' && type !== 'group' && x !== undefined && y !== undefined;

/** Each tab and subflow on a sheet of its own, as the editor shows them. */
function sheetsOf(nodes: readonly PicturedNode[]): readonly Sheet[] {
  const names = new Map(nodes.filter(({ type }) => type === 'subflow').map(({ id, name }) => [`subflow:${id}`, name ?? '']));
  const placed = nodes.filter(({ type, z }) => z !== undefined && type !== 'tab' && type !== 'subflow').map((node) => (names.has(node.type) && !node.name ? { ...node, name: names.get(node.type)! } : node));
  return [...new Set(placed.map(({ z }) => z!))].flatMap((id): Sheet[] => {
    const container = nodes.find((node) => node.id === id);
    const inside = placed.filter(({ z }) => z === id);
    const shown = withEnds(container, inside).filter(isShown);
    const groups = inside.filter(({ type, x, y }) => type === 'group' && x !== undefined && y !== undefined);
    return shown.length === 0 && groups.length === 0 ? [] : [{ title: container?.label ?? container?.name ?? '', nodes: shown, groups }];
  });
}

function drawn({ nodes: shown, groups }: Sheet): Drawn {
  const byId = new Map(shown.map((node) => [node.id, node]));
  const wires = shown.flatMap((from) => (from.wires ?? []).flatMap((targets, port) => targets.flatMap((id) => {
    const to = byId.get(id);
    return to === undefined ? [] : [wire(from, to, port, from.wires!.length)];
  })));
  return {
    left: Math.min(...shown.map((node) => node.x! - widthOf(node) / 2), ...groups.map(({ x }) => x!)) - margin,
    top: Math.min(...shown.map(({ y }) => y! - height / 2), ...groups.map(({ y }) => y!)) - margin,
    right: Math.max(...shown.map((node) => node.x! + widthOf(node) / 2), ...groups.map(({ x, w = 0 }) => x! + w)) + margin,
    bottom: Math.max(...shown.map(({ y }) => y! + height / 2), ...groups.map(({ y, h = 0 }) => y! + h)) + margin,
    lines: [...groups.map(frame), `<g fill="none" stroke="#999" stroke-width="2">`, ...wires, '</g>', ...shown.map(box)],
  };
}

/** Sheets below each other, each with its name. */
function stacked(sheets: readonly Sheet[]): Drawn {
  const all = sheets.map((sheet) => ({ sheet, at: drawn(sheet) }));
  let below = 0;
  const lines = all.flatMap(({ sheet, at }) => {
    const top = below + 30;
    below = top + at.bottom - at.top;
    return [`<text x="${margin}" y="${top - 8}" font-weight="bold">${escaped(sheet.title)}</text>`, `<g transform="translate(${-at.left} ${top - at.top})">`, ...at.lines, '</g>'];
  });
  return { left: 0, top: 0, right: Math.max(...all.map(({ at }) => at.right - at.left)), bottom: below, lines };
}

/** The groups, nodes and wires of a flow as SVG, as they stand in the editor. Comments and config nodes are left out. */
export function flowPicture(nodes: readonly PicturedNode[], title: string): string {
  const sheets = sheetsOf(nodes);
  const { left, top, right, bottom, lines } = sheets.length === 0 ? { left: 0, top: 0, right: 2 * margin, bottom: 2 * margin, lines: [] } : sheets.length === 1 ? drawn(sheets[0]!) : stacked(sheets);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${left} ${top} ${right - left} ${bottom - top}" width="${right - left}" height="${bottom - top}" role="img" font-family="sans-serif" font-size="12">`,
    DRAWN, `<title>${escaped(title)}</title>`,
    `<rect x="${left}" y="${top}" width="${right - left}" height="${bottom - top}" fill="#fff"/>`,
    ...lines, '</svg>', '',
  ].join('\n');
}

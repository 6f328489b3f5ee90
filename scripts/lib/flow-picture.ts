/** A node of a Node-RED export, as far as a picture shows it. */
export interface PicturedNode {
  readonly id: string; readonly type: string; readonly z?: string;
  readonly name?: string; readonly stepId?: string; readonly x?: number; readonly y?: number;
  readonly wires?: readonly (readonly string[])[];
  /** Size and colour of a group. */
  readonly w?: number; readonly h?: number; readonly style?: { readonly stroke?: string };
}

const height = 30;
const margin = 24;

/** Fill by what a node does; the same colours as in the palette. */
const colours: readonly (readonly [RegExp, string])[] = [
  [/^waybill-(case-|.*close)/, '#7DB87A'], [/^waybill-(scan-in|broker)/, '#6BA6CF'], [/^waybill-(call|retry|notify)/, '#B79CDA'],
  [/^waybill-(parallel|gather)/, '#87A980'], [/^waybill-compensate/, '#C98B8B'], [/^waybill-exception/, '#E08A7B'], [/^waybill-/, '#DDA35A'], [/./, '#DDDDDD'],
];

const escaped = (text: string): string => text.replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]!);

const isLink = ({ type }: PicturedNode): boolean => type.startsWith('link ');

/** What fits into a box; the longest label is told in full by its title. */
function label(node: PicturedNode): string {
  if (isLink(node)) return node.type === 'link in' ? '→' : '↻';
  const text = node.name || (node.stepId ?? '').replaceAll('-', ' ') || node.type;
  return text.length > 34 ? `${text.slice(0, 33)}…` : text;
}

/** As in the editor: a link is a small box, any other as wide as its label. */
function widthOf(node: PicturedNode): number {
  return isLink(node) ? 30 : Math.max(100, 36 + Math.round(label(node).length * 6.2));
}

function frame({ x = 0, y = 0, w = 0, h = 0, name = '', style }: PicturedNode): string {
  const colour = escaped(style?.stroke ?? '#999999');
  return `<rect x="${x}" y="${y}" width="${w}" height="${h}" rx="5" fill="${colour}" fill-opacity=".06" stroke="${colour}"/><text x="${x + 8}" y="${y + 18}" fill="#555">${escaped(name)}</text>`;
}

function box(node: PicturedNode): string {
  const width = widthOf(node);
  const [x, y] = [node.x! - width / 2, node.y! - height / 2];
  const fill = colours.find(([type]) => type.test(node.type))![1];
  return `<g><title>${escaped(`${node.type}: ${node.name || node.stepId || ''}`)}</title>`
    + `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="5" fill="${fill}" stroke="#666"/>`
    + `<text x="${node.x!}" y="${node.y! + 4}" text-anchor="middle">${escaped(label(node))}</text></g>`;
}

/** A wire in Node-RED's manner: out at the right, in at the left; back, when it must, around the bend. */
function wire(from: PicturedNode, to: PicturedNode, port: number, ports: number): string {
  const [x1, y1] = [from.x! + widthOf(from) / 2, from.y! + (ports > 1 ? (port - (ports - 1) / 2) * Math.min(8, height / ports) : 0)];
  const [x2, y2] = [to.x! - widthOf(to) / 2, to.y!];
  const bend = x2 > x1 ? Math.max(20, (x2 - x1) / 2) : 70;
  return `<path d="M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}"/>`;
}

/** The groups, nodes and wires of a flow as SVG, as they stand in the editor. Comments and config nodes are left out. */
export function flowPicture(nodes: readonly PicturedNode[], title: string): string {
  const shown = nodes.filter((node) => node.type !== 'comment' && node.type !== 'group' && node.z !== undefined && node.x !== undefined && node.y !== undefined);
  const groups = nodes.filter(({ type, x, y }) => type === 'group' && x !== undefined && y !== undefined);
  const byId = new Map(shown.map((node) => [node.id, node]));
  const left = Math.min(...shown.map((node) => node.x! - widthOf(node) / 2), ...groups.map(({ x }) => x!)) - margin;
  const top = Math.min(...shown.map(({ y }) => y! - height / 2), ...groups.map(({ y }) => y!)) - margin;
  const right = Math.max(...shown.map((node) => node.x! + widthOf(node) / 2), ...groups.map(({ x, w = 0 }) => x! + w)) + margin;
  const bottom = Math.max(...shown.map(({ y }) => y! + height / 2), ...groups.map(({ y, h = 0 }) => y! + h)) + margin;
  const wires = shown.flatMap((from) => (from.wires ?? []).flatMap((targets, port) => targets.flatMap((id) => {
    const to = byId.get(id);
    return to === undefined ? [] : [wire(from, to, port, from.wires!.length)];
  })));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${left} ${top} ${right - left} ${bottom - top}" width="${right - left}" height="${bottom - top}" role="img" font-family="sans-serif" font-size="12">`,
    `<title>${escaped(title)}</title>`,
    `<rect x="${left}" y="${top}" width="${right - left}" height="${bottom - top}" fill="#fff"/>`,
    ...groups.map(frame),
    `<g fill="none" stroke="#999" stroke-width="2">`, ...wires, '</g>', ...shown.map(box), '</svg>', '',
  ].join('\n');
}

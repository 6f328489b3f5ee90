import type { PlacedNode } from '../node-definition.ts';
import type { Finding } from './answers.ts';

type Mark = 'error' | 'warn' | 'change';

interface Annotations {
  register(id: string, options: object): void;
}

interface Marked {
  readonly mark: Mark;
  readonly said: readonly string[];
}

const SVG = 'http://www.w3.org/2000/svg';
const SIGNS: Readonly<Record<Mark, string>> = { error: '!', warn: '!', change: '±' };

/** Sentences in one tooltip. */
const MOST_SAID = 3;

let findings = new Map<string, Marked>();
let changes = new Map<string, Marked>();
const elements = new WeakMap<object, SVGElement>();

/** Marks at nodes of the canvas: findings, and what an upgrade would change while its difference is shown. */
export function registerBadges(): void {
  (RED.view as unknown as { readonly annotations: Annotations }).annotations.register('waybill-finding', {
    type: 'badge',
    class: 'waybill-finding-badge',
    element: (node: PlacedNode) => {
      const made = badge();
      elements.set(node, made);
      return made;
    },
    show: (node: PlacedNode) => {
      const marked = marksOf(node);
      const element = elements.get(node);
      if (marked !== undefined && element !== undefined) {
        element.setAttribute('class', `waybill-finding-${marked.mark}`);
        const sign = element.querySelector('text');
        if (sign !== null) {
          sign.textContent = SIGNS[marked.mark];
        }
      }
      return marked !== undefined;
    },
    tooltip: (node: PlacedNode) => tooltipOf(marksOf(node)?.said ?? []),
  });
}

/** Shows these findings at their nodes; one in a subflow is shown at its instances as well. */
export function showFindings(shown: readonly Finding[]): void {
  findings = new Map();
  for (const { node, level, message, admitted } of shown) {
    if (node !== undefined && admitted === undefined) {
      add(findings, node.id, level, message);
    }
  }
  redraw();
}

/** Shows what an upgrade would change; nothing when the list is empty. */
export function showChanges(shown: readonly { readonly id: string; readonly said: string }[]): void {
  changes = new Map();
  for (const { id, said } of shown) {
    add(changes, id, 'change', said);
  }
  redraw();
}

function add(into: Map<string, Marked>, id: string, mark: Mark, said: string): void {
  const known = into.get(id);
  into.set(id, { mark: known?.mark === 'error' ? 'error' : mark, said: [...(known?.said ?? []), said] });
}

/** What is said of a node; at an instance also what is said of its definition, and of what is in it. */
function marksOf(node: PlacedNode): Marked | undefined {
  const change = changes.get(node.id);
  if (change !== undefined || !node.type.startsWith('subflow:')) {
    return change ?? findings.get(node.id);
  }
  const definition = node.type.slice('subflow:'.length);
  const inside = [...changes].find(([id]) => id === definition || standsIn(id, definition))?.[1];
  return inside ?? worst([...findings].filter(([id]) => id === node.id || id === definition || standsIn(id, definition)).map(([, marked]) => marked));
}

/** The editor draws a tooltip line by line and breaks none: the first sentences in lines that fit on a canvas, as SVG text. */
function tooltipOf(said: readonly string[]): string {
  const lines = said.slice(0, MOST_SAID).flatMap((sentence) => sentence.match(/.{1,70}(?:\s|$)|\S{70}/g) ?? []).map((line) => line.trim());
  return [...lines, ...(said.length > MOST_SAID ? [`+ ${said.length - MOST_SAID}`] : [])].join('\n');
}

function standsIn(id: string, definition: string): boolean {
  return RED.nodes.node(id)?.z === definition;
}

function worst(all: readonly Marked[]): Marked | undefined {
  const [first] = all;
  return first === undefined ? undefined : { mark: all.some(({ mark }) => mark === 'error') ? 'error' : first.mark, said: all.flatMap(({ said }) => said) };
}

function redraw(): void {
  RED.nodes.eachNode((node) => {
    node['dirty'] = true;
    return undefined;
  });
  RED.view.redraw();
}

function badge(): SVGElement {
  const group = document.createElementNS(SVG, 'g');
  const circle = document.createElementNS(SVG, 'circle');
  const sign = document.createElementNS(SVG, 'text');
  for (const [name, value] of [['cx', '7'], ['cy', '7'], ['r', '7']] as const) {
    circle.setAttribute(name, value);
  }
  sign.setAttribute('x', '7');
  sign.setAttribute('y', '10.5');
  group.append(circle, sign);
  return group;
}

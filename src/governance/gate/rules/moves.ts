import { stepMoves } from './step-moves.ts';
import type { StepMove } from './step-moves.ts';
import type { Flows } from './flows.ts';
import { installedTemplates, nodesOfTemplate } from './installed.ts';
import type { InstalledTemplate } from './installed.ts';
import { placedSteps } from './placed-steps.ts';
import type { PlacedStep } from './placed-steps.ts';
import { templateOf } from './provenance.ts';
import type { RuleContext, TemplateFacts } from './rule.ts';

/** What rests at an address that no node has goes on at the step of another one, by the map of the installed template. */
export interface Move {
  /** `instance/stepId`; both are of one instance. */
  readonly from: string;
  readonly to: string;
  /** Node type of both; undefined while the catalogue does not have the version that had the step. */
  readonly type: string | undefined;
}

/** Where cases of older versions go on, and for which instances nobody can say it yet. */
export interface Moves {
  readonly moves: readonly Move[];
  /** Installed template (`id version`) that the catalogue does not have, by instance. */
  readonly unknown: ReadonlyMap<string, string>;
}

/** Tabs and subflows that belong to a template: a block of another one that is used in it goes by its own map. */
function containersOf(flows: Flows, { containers }: InstalledTemplate): ReadonlySet<string> {
  const inner = nodesOfTemplate(flows, containers).filter((node) => node.type === 'subflow' && templateOf(node) === undefined);
  return new Set([...containers, ...inner].map(({ id }) => id));
}

/** Versions of a template stay as they were published, so what was worked out once holds while the catalogue has the same ones. */
const worked = new WeakMap<TemplateFacts, { readonly versions: string; readonly steps: ReadonlyMap<string, StepMove> }>();

function stepsOf(to: TemplateFacts, all: Iterable<TemplateFacts>): ReadonlyMap<string, StepMove> {
  const same = [...all].filter(({ id }) => id === to.id);
  const versions = same.map(({ version, contentHash }) => `${version} ${contentHash}`).join('\n');
  const known = worked.get(to);
  if (known?.versions === versions) return known.steps;
  const steps = stepMoves(to, same);
  worked.set(to, { versions, steps });
  return steps;
}

/** The moves of every template that stands in these flows. */
export function movesOf(flows: Flows, templates: RuleContext['templates'], placed: ReadonlyMap<string, PlacedStep> = placedSteps(flows)): Moves {
  const moves: Move[] = [];
  const unknown = new Map<string, string>();
  if (templates === undefined) return { moves, unknown };
  for (const installed of installedTemplates(flows)) {
    const within = containersOf(flows, installed);
    const instances = new Set([...placed.values()].filter(({ node }) => within.has(node.z ?? '')).map(({ instance }) => instance));
    const facts = templates.get(`${installed.id}@${installed.version}`);
    if (facts === undefined) {
      for (const instance of instances) unknown.set(instance, `${installed.id} ${installed.version}`);
      continue;
    }
    const steps = stepsOf(facts, templates.values());
    for (const instance of instances) for (const [stepId, { to, type }] of steps) moves.push({ from: `${instance}/${stepId}`, to: `${instance}/${to}`, type });
  }
  return { moves, unknown };
}

/** The step that takes over what rests at an address: the one that stands there, or that of a move, of the same type and in the same flows. */
export function goesOnAt<Step extends { readonly node: { readonly type: string } }>(address: string, placed: ReadonlyMap<string, Step>, moves: ReadonlyMap<string, Move>): Step | undefined {
  const here = placed.get(address);
  if (here !== undefined) return here;
  const move = moves.get(address);
  const there = move === undefined ? undefined : placed.get(move.to);
  return there === undefined || (move?.type !== undefined && there.node.type !== move.type) ? undefined : there;
}

/** By the address that they lead away from. */
export const byOrigin = (moves: readonly Move[]): ReadonlyMap<string, Move> => new Map(moves.map((move) => [move.from, move]));

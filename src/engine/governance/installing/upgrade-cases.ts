import type { PublishedTemplate } from '../../../governance/catalogue/site-catalogue.ts';
import type { FlowNode } from '../../../governance/gate/rules/flows.ts';
import { factsOf } from '../../../governance/template/facts.ts';
import { movedIn, saidOf, stepMoves, stepTypes } from '../../../governance/gate/rules/step-moves.ts';
import type { StepMove, Version } from '../../../governance/gate/rules/step-moves.ts';

/** What becomes of the cases that are open at one step. */
export interface CasesAtStep {
  /** Where they rest: `instance/stepId`. */
  readonly address: string;
  readonly step: string;
  readonly count: number;
  /**
   * `go-on`: in the other version, at the same step. `move`: at the step that its map names ({@link CasesAtStep.to}). `drain`: the version
   * that stands there stays beside the other one and finishes them. `refuse`: they have to be finished first.
   */
  readonly becomes: 'go-on' | 'move' | 'drain' | 'refuse';
  /** Name of the step that takes them over, when they move. */
  readonly to?: string;
}

/** Two versions of a template, as they decide about open cases. */
export class CaseFates {
  readonly #installed: string;
  readonly #to: Version;
  readonly #before: ReadonlyMap<string, FlowNode>;
  readonly #after: ReadonlyMap<string, FlowNode>;
  readonly #types: ReadonlyMap<string, string>;
  readonly #moves: ReadonlyMap<string, StepMove>;
  /** What an older version left goes on in the one that stands there. */
  readonly #moved: ReadonlyMap<string, StepMove>;

  /** @param versions of the template, as the catalogue has them */
  constructor(options: { readonly installed: string; readonly to: PublishedTemplate; readonly before: readonly FlowNode[]; readonly after: readonly FlowNode[]; readonly versions: readonly PublishedTemplate[] }) {
    const { installed, to, before, after } = options;
    const versions = options.versions.map(factsOf);
    const now = versions.find(({ version }) => version === installed);
    this.#installed = installed;
    this.#to = factsOf(to);
    this.#before = byStepId(before);
    this.#after = byStepId(after);
    this.#types = stepTypes({ id: to.manifest.id, version: installed, flow: before });
    this.#moves = stepMoves(this.#to, versions);
    this.#moved = now === undefined ? new Map() : stepMoves(now, versions);
  }

  /** New step id by the old one, for all steps that go on under another id. */
  get moved(): ReadonlyMap<string, string> {
    return movedIn(this.#moves);
  }

  /**
   * Step by step, at one instance. A case stays at its address, so it goes on where the other version has the same step, or names one in
   * its map; everything else is finished by the version that stands there, unless the template refuses that.
   * @param instance part of the steps' addresses
   * @param counts open cases by address
   */
  at(instance: string, counts: ReadonlyMap<string, number>): readonly CasesAtStep[] {
    const prefix = `${instance}/`;
    return [...counts].flatMap(([address, count]): CasesAtStep[] => {
      if (count === 0 || !address.startsWith(prefix)) return [];
      const stepId = address.slice(prefix.length);
      const holder = this.#before.get(stepId) ?? this.#before.get(this.#moved.get(stepId)?.to ?? '');
      const fate = this.#fateOf(stepId, holder);
      // What rests where no node stands now is told only when it goes on.
      if (holder === undefined && fate.becomes !== 'go-on' && fate.becomes !== 'move') return [];
      return [{ address, step: nameOf(holder, stepId), count, ...fate }];
    });
  }

  #fateOf(stepId: string, holder: FlowNode | undefined): Pick<CasesAtStep, 'becomes' | 'to'> {
    const said = this.#types.has(stepId) ? saidOf(this.#to, this.#installed, stepId) : undefined;
    if (said === 'refuse' || said === 'drain') return { becomes: said };
    const same = this.#after.get(stepId);
    if (same !== undefined) return { becomes: holder === undefined || holder.type === same.type ? 'go-on' : 'drain' };
    const move = this.#moves.get(stepId);
    const target = this.#after.get(move?.to ?? '');
    const fits = target !== undefined && (holder === undefined ? move?.type === target.type : holder.type === target.type);
    return fits ? { becomes: 'move', to: nameOf(target, move?.to ?? '') } : { becomes: 'drain' };
  }
}

/** Where one case has to be drained, the version that stands there stays with all that it has. */
export function toldTogether(cases: readonly CasesAtStep[]): readonly CasesAtStep[] {
  const drains = cases.some(({ becomes }) => becomes === 'drain');
  return drains ? cases.map(({ to: _to, ...each }) => (each.becomes === 'refuse' ? each : { ...each, becomes: 'drain' as const })) : cases;
}

function byStepId(nodes: readonly FlowNode[]): ReadonlyMap<string, FlowNode> {
  return new Map(nodes.flatMap((node) => (typeof node['stepId'] === 'string' && node['stepId'] !== '' ? [[node['stepId'], node] as const] : [])));
}

const nameOf = (node: FlowNode | undefined, stepId: string): string => (node?.name === undefined || node.name === '' ? stepId : node.name);

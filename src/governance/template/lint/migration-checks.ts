import type { FlowNode } from '../../gate/rules/flows.ts';
import { inRange, isRange } from '../../gate/rules/ranges.ts';
import { ENDS } from '../../gate/rules/step-moves.ts';
import { compareVersions } from '../../gate/rules/versions.ts';
import type { TemplateFolder } from '../folder.ts';
import type { TemplateMigration } from '../manifest.ts';
import type { LintFinding } from './finding.ts';

const base = { level: 'error' as const, file: 'template.json' };

/** What a template's map says of the cases of older versions, against its own flow; with the flow of an older version, `waybill template diff` says more. */
export function* migrationChecks({ manifest: { migrations: all = [], version, changelog } }: TemplateFolder, nodes: readonly FlowNode[]): Generator<LintFinding> {
  const steps = new Map(nodes.flatMap((node) => (typeof node['stepId'] === 'string' ? [[node['stepId'], node] as const] : [])));
  for (const [i, { from, steps: map }] of all.entries()) {
    if (!isRange(from) || inRange(version, from)) {
      yield { ...base, code: 'migration-range', where: `migrations.${i}.from`, message: isRange(from) ? `The range "${from}" holds this version, ${version}, itself.` : `"${from}" is no range of versions.`, mend: 'Write one such as "^1.0.0" or "<2.0.0".' };
    }
    yield* entries(i, map, steps);
  }
  yield* contradictions(all);
  const older = changelog.map((entry) => entry.version).filter((each) => compareVersions(each, version) < 0);
  const silent = older.find((each) => !all.some(({ from }) => inRange(each, from)));
  if (silent !== undefined) yield { ...base, level: 'warn', code: 'migration-missing', where: 'migrations', message: `Nothing says what becomes of cases that are open on ${silent}; the old version finishes those at steps that this one does not have.`, mend: 'Add a migration from it, with the steps that take cases over.' };
}

function* entries(i: number, map: TemplateMigration['steps'], steps: ReadonlyMap<string, FlowNode>): Generator<LintFinding> {
  const takes = new Map<string, string>();
  for (const [old, target] of Object.entries(map)) {
    const where = `migrations.${i}.steps.${old}`;
    if (ENDS.has(target)) continue;
    if (!steps.has(target)) {
      yield { ...base, code: 'migration-unknown-step', where, message: `The flow has no step "${target}" to take over cases of "${old}".`, mend: 'Name a step id of the flow, or drain or refuse.' };
      continue;
    }
    if (old !== target && steps.has(old)) {
      yield { ...base, code: 'migration-step-still-there', where, message: `The flow still has a step "${old}", which keeps its cases, so they never go on at "${target}".`, mend: `Take the line out, or give the step "${old}" of this version another id.` };
    }
    const other = takes.get(target);
    if (other !== undefined) yield { ...base, code: 'migration-two-sources', where, message: `"${other}" and "${old}" both go to the step "${target}", so a case that rests at both would be there twice.`, mend: 'Let one of them go to another step, or drain it.' };
    takes.set(target, old);
  }
}

/** An address does not say which version a case came from: two words on one step cannot both hold. */
function* contradictions(all: readonly TemplateMigration[]): Generator<LintFinding> {
  const said = new Map<string, string>();
  for (const [i, { steps }] of all.entries()) {
    for (const [old, target] of Object.entries(steps)) {
      if (ENDS.has(target)) continue;
      const before = said.get(old);
      if (before !== undefined && before !== target) yield { ...base, code: 'migration-two-targets', where: `migrations.${i}.steps.${old}`, message: `"${old}" goes to "${before}" and to "${target}", and a case does not say which version it entered the step in, so it goes nowhere.`, mend: 'Name the same step for all versions, or drain it for one of them.' };
      said.set(old, before ?? target);
    }
  }
}

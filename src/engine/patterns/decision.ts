import { compileTable, evaluateTable, readTable, tableProblems } from '../../domain/decision-table/index.ts';
import type { DecisionResult, DecisionTable } from '../../domain/decision-table/index.ts';
import type { Json, JsonObject, RecordDecision } from '../../domain/index.ts';
import { problemText } from '../decision/problem-texts.ts';
import type { StepPattern } from '../api.ts';
import type { RaisedException, StepContext } from '../step-context.ts';
import { hashJson } from '../support/hashing.ts';
import { reached } from './milestone.ts';
import { ConfigError } from './typed.ts';

/** Config of a `decision` node. */
export interface DecisionConfig {
  /** `name@version` under which the ledger records it. */
  readonly tableName: string;
  readonly table: unknown;
  /** Fact path at which the answer is recorded; empty: not recorded. */
  readonly recordAs: string;
  /** What happens when no rule fits. */
  readonly onNoRule: 'exception' | 'output';
  readonly milestone: string;
  readonly queue: string;
}

const output = { decided: 0, noRule: 1 } as const;

function usable(config: DecisionConfig): DecisionTable {
  const table = readTable(config.table);
  const error = tableProblems(table).find(({ level }) => level === 'error');
  if (error !== undefined) throw new ConfigError(problemText(error, table));
  return table;
}

function plain(value: unknown): Json | undefined {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value)) as Json;
}

/** Decides by a table; which rules fitted, and what was asked, is in the ledger. */
export function decisionPattern(config: DecisionConfig): StepPattern {
  const table = usable(config);
  const compiled = compileTable(table);
  const tableHash = hashJson(table as unknown as Json);
  const name = config.tableName || 'decision';

  const raise = (step: StepContext, code: string, message: string, detail: JsonObject): Promise<void> =>
    step.raise({ class: 'business', severity: 'medium', queue: config.queue || 'clerk', code, message, detail } satisfies RaisedException);

  async function askedAbout(step: StepContext): Promise<(Json | undefined)[]> {
    const values: (Json | undefined)[] = [];
    for (const { source, sourceType } of table.inputs) values.push(plain(await step.evaluate(source, sourceType)));
    return values;
  }

  function recorded(step: StepContext, inputs: readonly (Json | undefined)[], rules: readonly string[], answer: Json): RecordDecision {
    const asked = Object.fromEntries(table.inputs.map(({ label, source }, i) => [label || source, inputs[i] ?? null]));
    return { type: 'RecordDecision', runId: step.runId, table: name, tableHash, hitPolicy: table.hitPolicy, rules, inputs: asked, answer };
  }

  async function decided(step: StepContext, inputs: readonly (Json | undefined)[], result: DecisionResult & { kind: 'decided' }): Promise<void> {
    const message = { ...step.message(), decision: result.output, rules: result.rules };
    await step.complete([{ port: output.decided, message }], (state) => [
      recorded(step, inputs, result.rules, result.output),
      ...(config.recordAs ? [step.factsCommand(state, config.recordAs, result.output)] : []),
      ...reached(step, state, config.milestone),
    ]);
  }

  async function undecided(step: StepContext, inputs: readonly (Json | undefined)[], result: Exclude<DecisionResult, { kind: 'decided' }>): Promise<void> {
    const asked = Object.fromEntries(table.inputs.map(({ label, source }, i) => [label || source, inputs[i] ?? null]));
    switch (result.kind) {
      case 'no-rule':
        if (config.onNoRule === 'output') return step.complete([{ port: output.noRule }], [recorded(step, inputs, [], null)]);
        return raise(step, 'decision-no-rule', `No rule of "${name}" fits these facts. Add a rule, or correct the facts, and retry.`, { asked });
      case 'several-rules':
        return raise(step, 'decision-several-rules', `Rules ${result.rules.join(', ')} of "${name}" all fit, but only one may. Narrow them, deploy, and retry.`, { asked, rules: result.rules });
      case 'input-wrong': {
        const column = table.inputs[result.input];
        return raise(step, 'decision-input', `"${column?.label || column?.source || ''}" is ${JSON.stringify(result.value).slice(0, 80)}, which is no ${column?.type ?? 'value'}. Correct the fact and retry.`, { asked });
      }
      case 'cell-failed':
        return raise(step, 'decision-cell', `Rule ${result.rule} of "${name}" could not be evaluated at "${result.column}": ${result.problem}. Mend the cell, deploy, and retry.`, { asked });
    }
  }

  return {
    async run(step) {
      const inputs = await askedAbout(step);
      const result = evaluateTable(compiled, inputs);
      await (result.kind === 'decided' ? decided(step, inputs, result) : undecided(step, inputs, result));
    },
  };
}

import type { StepPattern } from '../api.ts';
import type { StepContext, StepOutput } from '../step-context.ts';
import { ConfigError } from './typed.ts';

/** One branch of a `parallel` node: output n. A blank condition always takes it. */
export interface ParallelBranch { readonly name: string; readonly condition: string; readonly conditionType: string }

/** Config of a `parallel` node. */
export interface ParallelConfig { readonly branches: readonly ParallelBranch[]; readonly onNone: 'raise' | 'output' }

/** Names become keys of the gathered message. */
const branchName = /^[\p{L}\p{N}][\p{L}\p{N} _.-]{0,39}$/u;

function checked(branches: readonly ParallelBranch[]): readonly ParallelBranch[] {
  if (branches.length < 2 || branches.length > 10) throw new ConfigError(`This parallel has ${branches.length} branches; give it 2 to 10, and deploy.`);
  for (const { name } of branches) {
    if (!branchName.test(name)) throw new ConfigError(`The branch "${name}" has no usable name; begin with a letter or digit, at most 40 characters, and deploy.`);
  }
  const twice = branches.find((branch, i) => branches.findIndex((other) => other.name === branch.name) !== i);
  if (twice !== undefined) throw new ConfigError(`Two branches are called "${twice.name}"; give each its own name, and deploy.`);
  return branches;
}

/** A condition that is neither true nor false must not leave out a branch in silence. */
async function isTaken(step: StepContext, { name, condition, conditionType }: ParallelBranch): Promise<boolean> {
  if (!condition) return true;
  const value = await step.evaluate(condition, conditionType || 'jsonata');
  if (value === true) return true;
  if (value === false || value === undefined || value === null) return false;
  throw new ConfigError(`The condition of branch "${name}" gives ${JSON.stringify(value).slice(0, 40)}, which is neither true nor false. Mend it, deploy, and retry.`);
}

/** A durable fork: one token for each wire of each branch that is taken, in one commit (PROTOCOL §2.2, §2.3). */
export function parallelPattern(config: ParallelConfig): StepPattern {
  const branches = checked(config.branches ?? []);
  return {
    async run(step) {
      const taken: { readonly port: number; readonly branch: string }[] = [];
      for (const [port, branch] of branches.entries()) if (await isTaken(step, branch)) taken.push({ port, branch: branch.name });
      if (taken.length > 0) return step.complete(taken.map(({ port, branch }): StepOutput => ({ port, fork: { branch, of: taken.length } })));
      if (config.onNone === 'output') return step.complete([{ port: branches.length }]);
      await step.raise({
        class: 'business', severity: 'medium', queue: 'engineer', code: 'no-branch',
        message: 'No condition of this parallel holds, so the case can go nowhere. Correct the facts and retry, or cancel the case.',
      });
    },
  };
}

import process from 'node:process';
import { UsageError } from '../accounts.ts';
import { findNodeRed } from '../scenario/find-node-red.ts';
import { readScenarios, scenarioFiles } from '../scenario/read.ts';
import { failureLines, resultLine, summary } from '../scenario/report.ts';
import { playAll } from '../scenario/runner.ts';
import { ScenarioError } from '../scenario/scenario-error.ts';
import type { TemplateArguments } from './arguments.ts';

function jobs(text: string | undefined): number {
  const count = Number(text ?? 1);
  if (!Number.isInteger(count) || count < 1 || count > 16) throw new UsageError('--jobs takes a whole number from 1 to 16.');
  return count;
}

/** `waybill template test …` */
export async function testCommand({ values, positionals }: TemplateArguments): Promise<number> {
  if (positionals.length === 0) throw new UsageError('Say which scenarios to play: a file or a folder.');
  const runtimes = jobs(values.jobs);
  try {
    const words = (values.only ?? '').toLowerCase();
    const scenarios = positionals.flatMap(scenarioFiles).flatMap(readScenarios).filter(({ scenario }) => scenario.title.toLowerCase().includes(words));
    if (scenarios.length === 0) throw new ScenarioError('wrong-scenario', `No scenario has "${values.only ?? ''}" in its title.`);
    const results = await playAll(findNodeRed(values['node-red']), scenarios, {
      runtimes, onResult: (result) => { if (values.json !== true) process.stdout.write(`${[resultLine(result), ...failureLines(result)].join('\n')}\n`); },
    });
    process.stdout.write(values.json === true ? `${JSON.stringify({ results }, undefined, 2)}\n` : `\n${summary(results)}\n`);
    return results.every(({ ok }) => ok) ? 0 : 1;
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    process.stderr.write(`waybill template test: ${[error.message, ...error.details.map((line) => `  ${line}`)].join('\n')}\n`);
    return 1;
  }
}

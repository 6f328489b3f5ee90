import { counted } from '../../governance/gate/rules/words.ts';
import type { ScenarioResult } from './runner.ts';

/** One line for the terminal. */
export function resultLine({ ok, title, ms }: ScenarioResult): string {
  return `${ok ? '✔' : '✘'} ${title} (${ms} ms)`;
}

/** Where it failed and in what; none when it passed. */
export function failureLines({ failure, file }: ScenarioResult): readonly string[] {
  if (failure === undefined) return [];
  const where = failure.step === undefined ? 'before its first step' : `step ${failure.step}${failure.action === undefined ? '' : ` (${failure.action})`}`;
  return [`    ${file}, ${where}: ${failure.message}`, ...failure.details.map((line) => `      ${line}`)];
}

export function summary(results: readonly ScenarioResult[]): string {
  const failed = results.filter(({ ok }) => !ok).length;
  return `${counted(results.length - failed, 'scenario')} passed, ${failed} failed`;
}

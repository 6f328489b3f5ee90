import type { Finding } from './finding.ts';
import { Findings } from './finding.ts';
import { reasonOf } from './http-probe.ts';
import type { Machine } from './machine.ts';

/** Looks at one thing. The signal fires when its time is over. */
export interface Check {
  readonly name: string;
  readonly title: string;
  readonly run: (machine: Machine, findings: Findings, signal: AbortSignal) => Promise<void>;
}

/** How long each check may take, ms. They run side by side. */
export const checkMs = 3_000;

/** Runs all checks at once; what takes too long or breaks becomes a finding, with what was found until then. */
export async function runChecks(checks: readonly Check[], machine: Machine, ms: number = checkMs): Promise<readonly Finding[]> {
  return (await Promise.all(checks.map((check) => runCheck(check, machine, ms)))).flat();
}

async function runCheck(check: Check, machine: Machine, ms: number): Promise<readonly Finding[]> {
  const findings = new Findings(check.name, check.title);
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      controller.abort(new DOMException('The time of this check is over.', 'TimeoutError'));
      // A check that heeds the signal says itself what it waited for.
      setTimeout(() => { reject(new DOMException('The time of this check is over.', 'TimeoutError')); }, 300);
    }, ms);
  });
  try {
    await Promise.race([check.run(machine, findings, controller.signal), late]);
  } catch (error) {
    findings.fail(`could not be looked at to the end: ${reasonOf(error)}`, 'Run the doctor again; when it stays like this, look at that part by hand.');
  } finally {
    clearTimeout(timer);
  }
  return [...findings.all];
}

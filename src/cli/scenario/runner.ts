import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { actionOf } from './format.ts';
import type { LoadedScenario, Step } from './format.ts';
import { Play } from './play.ts';
import type { Stage } from './play.ts';
import { RuntimeClient } from './runtime/client.ts';
import { ScenarioError } from './scenario-error.ts';

/** What became of a scenario. */
export interface ScenarioResult {
  readonly file: string;
  readonly title: string;
  readonly holds: readonly string[];
  readonly ok: boolean;
  readonly steps: number;
  /** Codes of the refusals that it met as expected. */
  readonly refusals: readonly string[];
  readonly ms: number;
  readonly failure?: { readonly step?: number; readonly action?: string; readonly message: string; readonly details: readonly string[] };
}

function refusalsOf(steps: readonly Step[]): readonly string[] {
  return steps.flatMap(({ refused, status, together }) => [
    ...(refused !== undefined ? [refused] : status !== undefined && status >= 400 ? [String(status)] : []), ...(together?.refused ?? []),
  ]);
}

/** Plays scenarios one after the other, each in a home of its own; one runtime serves all until one of them kills it. */
export class ScenarioRunner implements Stage {
  readonly #packageFile: string;
  readonly #built: boolean;
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'waybill-scenarios-'));
  #runtime: RuntimeClient | undefined;
  #runtimes = 0;
  #held: () => number = () => 0;

  /**
   * @param packageFile package.json of Node-RED
   * @param built see {@link RuntimeClient}
   */
  constructor(packageFile: string, built = false) {
    this.#packageFile = packageFile;
    this.#built = built;
  }

  runtime(): Promise<RuntimeClient> {
    return Promise.resolve(this.#runtime ??= new RuntimeClient(this.#packageFile, path.join(this.#folder, String(++this.#runtimes)), this.#built, () => this.#held()));
  }
  async kill(): Promise<RuntimeClient> {
    await this.#runtime?.kill();
    this.#runtime = undefined;
    return this.runtime();
  }
  holding(count: () => number): void {
    this.#held = count;
  }

  /** Rejects only when there can be no runtime at all. */
  async play(loaded: LoadedScenario): Promise<ScenarioResult> {
    const { file, scenario } = loaded;
    const started = performance.now();
    const play = new Play(loaded, this);
    let at: number | undefined;
    let failure: ScenarioResult['failure'];
    try {
      await play.begin();
      for (const [i, step] of scenario.steps.entries()) {
        at = i;
        await play.step(step);
      }
    } catch (error) {
      if (!(error instanceof ScenarioError) || (error.code === 'runtime' && at === undefined)) {
        await play.end(true);
        throw error;
      }
      const action = at === undefined ? undefined : actionOf(scenario.steps[at]!) ?? 'expect';
      failure = { ...(at === undefined ? {} : { step: at + 1 }), ...(action === undefined ? {} : { action }), message: error.message, details: [...error.details, ...play.log.map((line) => `log: ${line}`)] };
    }
    await play.end(failure !== undefined);
    return {
      file, title: scenario.title, holds: scenario.holds ?? [], ok: failure === undefined, steps: scenario.steps.length,
      refusals: refusalsOf(scenario.steps), ms: Math.round(performance.now() - started), ...(failure === undefined ? {} : { failure }),
    };
  }

  async close(): Promise<void> {
    await this.#runtime?.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Plays all of them with so many runtimes side by side; results come in the order of the scenarios. */
export async function playAll(packageFile: string, scenarios: readonly LoadedScenario[], options: { readonly runtimes: number; readonly built?: boolean; readonly onResult?: (result: ScenarioResult, index: number) => void }): Promise<readonly ScenarioResult[]> {
  const results: ScenarioResult[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    const runner = new ScenarioRunner(packageFile, options.built);
    try {
      for (let i = next++; i < scenarios.length; i = next++) {
        const result = await runner.play(scenarios[i]!);
        results[i] = result;
        options.onResult?.(result, i);
      }
    } finally {
      await runner.close();
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, Math.min(options.runtimes, scenarios.length)) }, work));
  return results;
}

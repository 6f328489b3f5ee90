import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Json, JsonObject } from '../../domain/json.ts';
import { durationMs } from './duration.ts';
import { unmet } from './expect.ts';
import { actionOf } from './format.ts';
import type { Actions, LoadedScenario, Step } from './format.ts';
import { changed, completed, readFlow } from './flows.ts';
import { requestOf } from './person-actions.ts';
import type { PersonRequest } from './person-actions.ts';
import type { FlowNode, PersonAccess } from './runtime/messages.ts';
import type { RuntimeClient } from './runtime/client.ts';
import { ScenarioError } from './scenario-error.ts';
import { placed, substitute } from './substitute.ts';
import { ScriptedHttpSystem } from './systems.ts';
import { select, worldOf } from './world.ts';
import type { Kind, World } from './world.ts';

/** How often the log is looked at again, every 25 ms. */
const logLooks = 80;

/** What a person's action was answered. */
interface Answered { readonly status: number; readonly body: Json }

/** Gives the runtime, and another one after the first was killed. */
export interface Stage {
  runtime(): Promise<RuntimeClient>;
  kill(): Promise<RuntimeClient>;
  /** Told whom to ask how many requests are left without an answer. */
  holding(count: () => number): void;
}

/** One scenario as it is played: its home, its systems, its people. */
export class Play {
  readonly #loaded: LoadedScenario;
  readonly #stage: Stage;
  readonly #home: string;
  readonly #systems = new Map<string, ScriptedHttpSystem>();
  readonly #places = new Map<string, string>();
  readonly #memory = new Map<string, Json>();
  readonly #before: Record<string, Json[]> = {};
  #people: Readonly<Record<string, PersonAccess>> = {};
  #flows: readonly FlowNode[] = [];
  #runtime!: RuntimeClient;
  #url = '';
  #logMark = 0;
  #answer: Json | undefined;

  constructor(loaded: LoadedScenario, stage: Stage) {
    this.#loaded = loaded;
    this.#stage = stage;
    this.#home = mkdtempSync(path.join(tmpdir(), 'waybill-scenario-'));
  }

  /** Opens the home of the scenario. */
  async begin(): Promise<void> {
    const { scenario, flows } = this.#loaded;
    for (const [name, script] of Object.entries(scenario.systems ?? {})) {
      const system = await ScriptedHttpSystem.open(name, script);
      this.#systems.set(name, system);
      this.#places.set(`system:${name}`, system.url);
    }
    this.#stage.holding(() => [...this.#systems.values()].reduce((sum, system) => sum + system.held, 0));
    for (const [name, content] of Object.entries(scenario.files ?? {})) {
      const file = path.join(this.#home, 'files', name);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
      this.#places.set(`file:${name}`, file);
    }
    this.#flows = placed(completed(changed(flows, scenario.change)) as unknown as Json, this.#places) as unknown as readonly FlowNode[];
    this.#runtime = await this.#stage.runtime();
    this.#logMark = this.#runtime.logged;
    await this.#open(new Date(scenario.clock.start).toISOString(), true);
  }

  async #open(at: string, first: boolean): Promise<void> {
    const { scenario, services = [] } = this.#loaded;
    const opened = await this.#runtime.ask('open', {
      home: path.join(this.#home, 'waybill'), at, site: scenario.site ?? 'dc-1', timeZone: scenario.clock.timeZone ?? 'UTC',
      people: first ? (scenario.people ?? []).map((person) => ({ ...person, sites: person.sites ?? ['*'] })) : [], flows: this.#flows, services,
      env: placed({ ...scenario.env } as JsonObject, this.#places) as Record<string, string>, tuning: scenario.tuning ?? {},
    });
    if (opened.state !== 'ready') throw new ScenarioError('failed', `Waybill did not become ready: ${opened.reason ?? opened.state}`);
    this.#url = opened.url;
    if (first) this.#people = opened.people;
  }

  /** Closes what is open; the home is taken away. */
  async end(failed: boolean): Promise<void> {
    this.#stage.holding(() => 0);
    try {
      for (const system of this.#systems.values()) await system.close();
      // What was left in the middle is not worth an orderly end.
      if (failed) await this.#stage.kill();
      else await this.#runtime.ask('close', {});
    } finally {
      rmSync(this.#home, { recursive: true, force: true });
    }
  }

  /** What Node-RED has logged meanwhile: nodes say there what is wrong with them. */
  get log(): readonly string[] {
    return (this.#runtime as RuntimeClient | undefined)?.loggedSince(this.#logMark) ?? [];
  }

  async world(): Promise<World> {
    const look = await this.#runtime.ask('look', {});
    const nodes = new Set([...Object.keys(this.#before), ...Object.keys(look.received)]);
    const received = Object.fromEntries([...nodes].map((node) => [node, [...this.#before[node] ?? [], ...look.received[node] ?? []]]));
    return worldOf({ ...look, received }, this.#people);
  }

  /** @throws ScenarioError `failed` with what is not as it should be */
  async step(step: Step): Promise<void> {
    if (actionOf(step) !== undefined) {
      await this.#act(step);
      await this.#runtime.ask('settle', {});
    }
    if (step.expect === undefined) return;
    const calls = Object.fromEntries([...this.#systems].map(([name, { calls: its }]) => [name, its]));
    const missing = Object.keys(step.expect.calls ?? {}).filter((name) => !this.#systems.has(name));
    if (missing.length > 0) throw new ScenarioError('failed', `The scenario has no system "${missing.join('", "')}"; declare it under systems.`);
    const { expect } = step;
    const look = async (): Promise<readonly string[]> => unmet(expect, await this.world(), calls, this.#answer, this.log);
    let found = await look();
    // The log comes on a way of its own, and may come later.
    for (let i = 0; i < logLooks && found.length > 0 && expect.log !== undefined; i += 1) {
      await new Promise((resolve) => { setTimeout(resolve, 25); });
      found = await look();
    }
    if (found.length > 0) throw new ScenarioError('failed', 'It is not as expected.', found);
  }

  async #act(step: Step): Promise<void> {
    const { inject, scan, look, system, advance, deploy, restart, together } = step;
    if (inject !== undefined) await this.#runtime.ask('inject', { node: inject.node, msg: this.#put(inject.msg ?? {}) as JsonObject });
    else if (scan !== undefined) await this.#runtime.ask('scan', { topic: scan.topic, payload: typeof scan.payload === 'string' ? scan.payload : JSON.stringify(this.#put(scan.payload)) });
    else if (look !== undefined) await this.#look(look, step.as);
    else if (system !== undefined) await this.#system(system.name).set(system);
    else if (advance !== undefined) await this.#advance(advance);
    else if (deploy !== undefined) await this.#deploy(deploy);
    else if (restart !== undefined) await this.#restart(restart);
    else if (together !== undefined) await this.#together(together);
    else this.#judge(step, await this.#person(step, await this.world()));
  }

  async #look(look: Actions['look'], as: string | undefined): Promise<void> {
    const [kind, selector] = Object.entries(look)[0] as [Kind, Actions['decide']['task']];
    const row = select(await this.world(), kind, selector);
    if (as !== undefined) this.#memory.set(as, row);
  }

  #system(name: string): ScriptedHttpSystem {
    const system = this.#systems.get(name);
    if (system === undefined) throw new ScenarioError('failed', `The scenario has no system "${name}"; declare it under systems.`);
    return system;
  }

  async #advance(advance: Actions['advance']): Promise<void> {
    const { by, until } = typeof advance === 'string' ? (advance.startsWith('P') ? { by: advance, until: undefined } : { by: undefined, until: advance }) : advance;
    const to = until === undefined ? this.#runtime.now + (durationMs(by ?? '') ?? Number.NaN) : Date.parse(String(this.#put(until)));
    if (Number.isNaN(to)) throw new ScenarioError('failed', `"${by ?? until ?? ''}" is no time; give a duration such as PT4H30M, or an instant such as 2026-03-02T17:00:00+01:00.`);
    if (to < this.#runtime.now) throw new ScenarioError('failed', `It is ${new Date(this.#runtime.now).toISOString()} already; time only goes on.`);
    await this.#runtime.ask('advance', { to });
  }

  async #deploy(deploy: Actions['deploy']): Promise<void> {
    const base = deploy.flow === undefined ? this.#flows : completed(readFlow(deploy.flow, this.#loaded.file));
    this.#flows = placed(completed(changed(base, deploy.change)) as unknown as Json, this.#places) as unknown as readonly FlowNode[];
    await this.#runtime.ask('deploy', { flows: this.#flows, type: deploy.type ?? 'full' });
  }

  async #restart(restart: Actions['restart']): Promise<void> {
    const { how, after = 'PT0S' } = typeof restart === 'string' ? { how: restart } : restart;
    const ms = durationMs(after);
    if (ms === undefined) throw new ScenarioError('failed', `"${after}" is no duration; give one such as PT4H30M.`);
    const at = new Date(this.#runtime.now + ms).toISOString();
    for (const [node, messages] of Object.entries((await this.#runtime.ask('look', {})).received)) (this.#before[node] ??= []).push(...messages);
    if (how === 'kill') {
      this.#runtime = await this.#stage.kill();
      this.#logMark = 0;
    }
    else await this.#runtime.ask('close', {});
    await this.#open(at, false);
  }

  async #together({ steps, ok, refused = [] }: Actions['together']): Promise<void> {
    const world = await this.world();
    const answers = await Promise.all(steps.map((step) => this.#person(step, world)));
    const good = answers.filter(({ status }) => status < 400);
    const codes = answers.filter(({ status }) => status >= 400).map(codeOf);
    if (good.length !== ok || (refused.length > 0 && [...codes].sort().join() !== [...refused].sort().join())) {
      throw new ScenarioError('failed', `Expected ${ok} done and refused ${refused.join(', ') || 'the others'}; ${good.length} were done and refused were: ${codes.join(', ') || 'none'}.`);
    }
  }

  #put(value: Json): Json {
    return substitute(value, (name) => this.#remembered(name));
  }

  /** `now`, `person:ann` (the id of her account), `system:erp`, or what a step remembered with `as`. */
  #remembered(name: string): Json | undefined {
    if (name.startsWith('person:')) return this.#people[name.slice('person:'.length)]?.userId;
    if (name === 'now') return new Date(this.#runtime.now).toISOString();
    const place = this.#places.get(name);
    if (place !== undefined) return place;
    const [head = '', ...parts] = name.split('.');
    return parts.reduce<Json | undefined>((value, part) => (typeof value === 'object' && value !== null ? (value as JsonObject)[part] : undefined), this.#memory.get(head));
  }

  async #person(step: Step, world: World): Promise<Answered> {
    const request = requestOf(step, { row: (kind, selector) => select(world, kind, this.#selector(selector), this.#rolesOf(step)), remembered: (name) => this.#remembered(name), substitute: (value) => this.#put(value) });
    if (request === undefined) throw new ScenarioError('failed', 'Only what people do can be done together.');
    return this.#ask(request, step.key);
  }

  #rolesOf({ decide, claim, release }: Step): readonly string[] {
    const by = (decide ?? claim ?? release)?.by;
    return this.#loaded.scenario.people?.find(({ name }) => name === by)?.roles ?? [];
  }

  #selector(selector: Actions['decide']['task']): Actions['decide']['task'] {
    return selector === undefined ? undefined : this.#put(selector) as Actions['decide']['task'];
  }

  async #ask({ by, method, path: where, body, headers }: PersonRequest, key: string | undefined): Promise<Answered> {
    const person = this.#people[by];
    if (person === undefined) throw new ScenarioError('failed', `"${by}" is none of the people of the scenario; they are ${Object.keys(this.#people).join(', ') || 'none'}.`);
    const content = contentOf(body);
    const response = await fetch(`${this.#url}/waybill/api/v1${where}`, {
      method, headers: { authorization: `Bearer ${person.token}`, ...(content === undefined ? {} : { 'content-type': content.type }), ...(key === undefined ? {} : { 'idempotency-key': key }), ...headers },
      ...(content === undefined ? {} : { body: content.bytes }),
    });
    const text = await response.text();
    const json = /json/.test(response.headers.get('content-type') ?? '');
    return { status: response.status, body: json ? JSON.parse(text) as Json : text === '' ? null : text };
  }

  #judge(step: Step, answered: Answered): void {
    const { status, body } = answered;
    this.#answer = body;
    if (step.as !== undefined) this.#memory.set(step.as, body);
    const was = `It was answered ${status}${status < 400 ? '' : ` ${codeOf(answered)}`}.`;
    const detail = typeof body === 'object' && body !== null && 'detail' in body ? [String(body['detail'])] : [];
    if (step.refused !== undefined && (status < 400 || codeOf(answered) !== step.refused)) throw new ScenarioError('failed', `Expected the refusal ${step.refused}. ${was}`, detail);
    if (step.status !== undefined && status !== step.status) throw new ScenarioError('failed', `Expected the status ${step.status}. ${was}`, detail);
    if (step.refused === undefined && step.status === undefined && status >= 400) throw new ScenarioError('failed', was, [...detail, ...errorsOf(body)]);
  }
}

/** What a request carries: JSON, or the photo of a text such as `data:image/png;base64,…`. */
function contentOf(body: Json | undefined): { readonly type: string; readonly bytes: string | Uint8Array<ArrayBuffer> } | undefined {
  if (body === undefined) return undefined;
  const photo = typeof body === 'string' ? /^data:(image\/[a-z]+);base64,([A-Za-z0-9+/=]+)$/.exec(body) : null;
  return photo === null ? { type: 'application/json', bytes: JSON.stringify(body) } : { type: photo[1]!, bytes: new Uint8Array(Buffer.from(photo[2]!, 'base64')) };
}

function codeOf({ body }: Answered): string {
  return typeof body === 'object' && body !== null && 'code' in body ? String(body['code']) : 'without a code';
}

function errorsOf(body: Json): readonly string[] {
  return typeof body === 'object' && body !== null && 'errors' in body ? [JSON.stringify(body['errors'])] : [];
}


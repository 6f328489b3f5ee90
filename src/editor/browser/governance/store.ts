import { ask, send } from './answers.ts';
import type { Asked, ChangesAnswer, Finding, FindingsAnswer, InstalledAnswer, ServicesAnswer, Silent, SiteAnswer, TemplatesAnswer } from './answers.ts';
import { forgetDetails } from './details.ts';
import { containersNow, nodesOf } from './workspace.ts';
import type { Container } from './workspace.ts';

export type Segment = 'templates' | 'findings' | 'changes' | 'site';

export const SEGMENTS: readonly Segment[] = ['templates', 'findings', 'changes', 'site'];

/** What the tab knows, and what is open in it. */
export interface State {
  segment: Segment;
  site?: SiteAnswer;
  templates?: TemplatesAnswer;
  services?: ServicesAnswer;
  findings?: FindingsAnswer;
  changes?: ChangesAnswer;
  containers: readonly Container[];
  installed: readonly InstalledAnswer[];
  silence?: Silent;
  filter: string;
  /** Rows whose details are open. */
  readonly open: Set<string>;
}

/** Keeps {@link State} up to date and says when it has changed. Nobody asks while nobody looks. */
export class Store {
  readonly state: State = { segment: 'templates', containers: [], installed: [], filter: '', open: new Set() };
  readonly #changed: (what: 'state' | 'findings') => void;
  #judgedFor = '';
  /** Findings by which this editor's last deploy was refused; undefined when none was since. */
  #refusedHere: string | undefined;

  constructor(changed: (what: 'state' | 'findings') => void) {
    this.#changed = changed;
  }

  async refresh(): Promise<void> {
    const site = await ask<SiteAnswer>('site');
    if ('silence' in site) {
      this.state.silence = site;
      if (site.silence === 'refused' || site.silence === 'noEngine') {
        // Who is signed out does not go on seeing what was there.
        delete this.state.site;
        delete this.state.templates;
        delete this.state.services;
      }
      this.#changed('state');
      return;
    }
    delete this.state.silence;
    this.state.site = site.answer;
    const before = JSON.stringify(this.state.templates?.templates);
    await Promise.all([
      // What stands here is compared with the versions that there are now.
      this.#take('templates', ask<TemplatesAnswer>('templates')).then(() => this.judgeInstalled()),
      this.#take('changes', ask<ChangesAnswer>('changes')),
      this.#take('services', ask<ServicesAnswer>('services')),
      this.loadFindings(),
    ]);
    if (JSON.stringify(this.state.templates?.templates) !== before) {
      forgetDetails();
    }
    this.#changed('state');
  }

  async loadFindings(): Promise<void> {
    const asked = await ask<FindingsAnswer>('findings');
    if ('answer' in asked) {
      this.showFindings(asked.answer);
    }
  }

  /** The gate has refused what this editor wanted to deploy. */
  refusedHere(findings: FindingsAnswer): void {
    this.#refusedHere = markOf(findings);
    this.showFindings(findings);
  }

  /** Something was deployed, or is being tried again. */
  forgetRefusal(): void {
    this.#refusedHere = undefined;
  }

  showFindings(findings: FindingsAnswer): void {
    // What the flows at rest were refused for stands on every canvas; what somebody else tried to deploy stands on theirs.
    const elsewhere = findings.refused === true && findings.checked !== true && findings.note === undefined && markOf(findings) !== this.#refusedHere;
    this.state.findings = elsewhere ? { ...findings, elsewhere } : findings;
    this.#changed('findings');
  }

  /** Judges the workspace as it is now, before anybody deploys it. */
  async check(flows: readonly object[]): Promise<Asked<FindingsAnswer>> {
    const asked = await send<FindingsAnswer>('check', { flows });
    if ('answer' in asked) {
      this.showFindings(asked.answer);
    }
    return asked;
  }

  /** Compares the templates of the workspace with what was published; asks only when something of them has changed. */
  async judgeInstalled(): Promise<void> {
    const containers = containersNow();
    const nodes = containers.length === 0 ? [] : nodesOf(containers);
    const question = JSON.stringify([containers, nodes, this.state.templates?.templates.map(({ id, versions }) => [id, versions.map(({ version, status }) => [version, status])])]);
    this.state.containers = containers;
    if (question === this.#judgedFor) {
      return;
    }
    const asked = containers.length === 0 ? { answer: { installed: [] } } : await send<{ readonly installed: readonly InstalledAnswer[] }>('installed', { containers: containers.map(({ id, kind, template, version, members }) => ({ id, kind, template, version, members })), nodes });
    if ('answer' in asked) {
      this.#judgedFor = question;
      this.state.installed = asked.answer.installed;
    }
    this.#changed('state');
  }

  async #take<K extends 'templates' | 'changes' | 'services'>(name: K, asking: Promise<Asked<NonNullable<State[K]>>>): Promise<void> {
    const asked = await asking;
    if ('answer' in asked) {
      this.state[name] = asked.answer as State[K];
    }
  }
}

/** Findings that keep a deploy out. */
export function refusing(findings: readonly Finding[]): Finding[] {
  return findings.filter(({ level, admitted }) => level === 'error' && admitted === undefined);
}

/** As many findings as the answer to a refused deploy has: by them it is known again. */
const MARKED = 50;

function markOf({ findings }: FindingsAnswer): string {
  return findings.slice(0, MARKED).map(({ fingerprint }) => fingerprint).join();
}

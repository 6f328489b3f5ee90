/** An approval as an auditor would keep it on a sheet of paper: who was asked, who said what, and what it came to. Time is in minutes. */

export type Says = 'approve' | 'reject' | 'rework';
export type End = 'approved' | 'rejected' | 'rework' | 'withdrawn' | 'expired' | 'voided';
export type Answer = 'accepted' | 'refused' | 'nothing';

export interface LevelPlan { readonly role: string; readonly quorum: number | 'all'; readonly due: number | undefined; readonly hold: number }
export interface Plan {
  readonly levels: readonly LevelPlan[];
  readonly order: 'sequence' | 'parallel';
  readonly amount: number | undefined;
  readonly requesters: readonly string[];
  readonly conflicts: boolean;
  readonly maxRounds: number | undefined;
}

interface Word { readonly person: string; readonly names: readonly string[]; readonly says: Says; readonly role: string; counts: boolean }
export interface Level {
  readonly id: string; readonly number: number; readonly quorum: number | 'all'; readonly hold: number; readonly facts: number;
  role: string; status: 'open' | End; due: number | undefined; words: Word[];
  claimedBy?: string | undefined; assignee?: string | undefined;
  question?: { readonly by: string; readonly to: string | undefined; readonly left: number | undefined } | undefined;
  held?: { readonly until: number; readonly outcome: 'approved' | 'rejected' | 'rework'; readonly by: string } | undefined;
}
/** Who acts, and in whose name. */
export interface Actor { readonly person: string; readonly behind: string | undefined }

export const manager = 'site-manager';
export const people = ['p-olga', 'p-susan', 'p-tom', 'p-uma', 'p-vera', 'p-mia', 'p-paul'];
/** Largest amounts that they may approve; the others have no limit. */
export const limits: { readonly [person: string]: number } = { 'p-susan': 1000, 'p-uma': 300, 'p-vera': 900, 'p-mia': 2000 };
const duties = ['supervisor', 'buyer'];

export class Reference {
  readonly plan: Plan;
  now = 1;
  facts = 1;
  round = 0;
  asking = 1;
  /** Of the asking that counts. */
  levels: Level[] = [];
  /** Levels of earlier rounds and askings. */
  readonly past: Level[] = [];
  readonly tookPart: Set<string>;
  unknown = false;
  over: End | undefined;
  readonly roles = new Map(Object.entries({
    'p-olga': ['supervisor'], 'p-susan': ['supervisor'], 'p-tom': ['supervisor', 'buyer'], 'p-uma': ['supervisor', manager], 'p-vera': ['buyer'], 'p-mia': [manager], 'p-paul': [],
  }).map(([person, held]) => [person, new Set<string>(held)]));
  /** `delegator>delegate`. */
  readonly standsIn = new Set(['p-susan>p-uma', 'p-tom>p-paul', 'p-mia>p-vera', 'p-olga>p-tom', 'p-uma>p-paul']);

  constructor(plan: Plan) {
    this.plan = plan;
    this.tookPart = new Set(['p-olga', ...plan.requesters]);
  }

  holds(person: string, role: string): boolean {
    return this.roles.get(person)?.has(role) === true;
  }
  rolesFor({ person, behind }: Actor): readonly string[] {
    if (behind === undefined) return [...this.roles.get(person) ?? []];
    return this.standsIn.has(`${behind}>${person}`) ? [...this.roles.get(behind) ?? []] : [];
  }
  asked({ role }: Level): string {
    return this.unknown ? manager : role;
  }
  members(level: Level): readonly string[] {
    return people.filter((person) => this.holds(person, this.asked(level)));
  }
  open(id: string): Level | undefined {
    return this.levels.find((level) => level.id === id && level.status === 'open');
  }

  /** Nothing of a person's part in the case speaks against a word on this level. */
  #unentangled(level: Level, person: string): boolean {
    if (this.tookPart.has(person)) return false;
    const elsewhere = this.levels.filter((other) => other !== level && other.status !== 'voided');
    if (elsewhere.some((other) => other.words.some((word) => word.names.includes(person)))) return false;
    const done = [...this.past, ...this.levels].filter((one) => one.status !== 'voided').flatMap((one) => one.words).filter((word) => word.names.includes(person)).map((word) => word.role);
    return !this.plan.conflicts || !duties.includes(level.role) || !done.some((role) => duties.includes(role) && role !== level.role);
  }
  #mayDecide(level: Level, actor: Actor): boolean {
    const { person, behind } = actor;
    const names = behind === undefined ? [person] : [person, behind];
    return person !== behind && names.every((name) => this.#unentangled(level, name)) && this.rolesFor(actor).includes(this.asked(level)) && (level.assignee === undefined || level.assignee === (behind ?? person));
  }
  /** Everybody who could give a word that is wanted, alone or in somebody's name. */
  able(level: Level): readonly Actor[] {
    const said = level.words.flatMap((word) => word.names);
    const alone = people.map((person): Actor => ({ person, behind: undefined }));
    const inName = [...this.standsIn].map((pair): Actor => ({ person: pair.split('>')[1] ?? '', behind: pair.split('>')[0] }));
    return [...alone, ...inName].filter((actor) => this.#mayDecide(level, actor) && !said.includes(actor.person) && !said.includes(actor.behind ?? ''));
  }
  #overdue(level: Level): boolean {
    return level.due !== undefined && this.now > level.due;
  }
  #end(level: Level, end: End): void {
    Object.assign(level, { status: end, held: undefined, question: undefined });
    if (end === 'approved' || end === 'voided') return;
    this.over = end;
    if (end === 'rework') this.round += 1;
    for (const other of this.levels) if (other.status === 'open') this.#end(other, 'voided');
  }
  #standing(level: Level): Word[] {
    return level.words.filter((word) => word.says === 'approve' && word.counts);
  }
  #enough(level: Level): boolean {
    const standing = this.#standing(level);
    if (level.quorum !== 'all') return standing.length >= level.quorum;
    const agreed = standing.flatMap((word) => word.names);
    return standing.length > 0 && this.members(level).every((member) => agreed.includes(member) || !this.#unentangled(level, member) || (level.assignee ?? member) !== member);
  }

  decide(id: string, actor: Actor, says: Says, sawFacts: number): Answer {
    const level = this.open(id);
    if (level === undefined || !this.#mayDecide(level, actor) || level.held !== undefined) return 'refused';
    if (this.#overdue(level)) return this.#late(level);
    const { person, behind } = actor;
    const names = behind === undefined ? [person] : [person, behind];
    if ((level.claimedBy ?? person) !== person || level.words.some((word) => word.names.some((name) => names.includes(name)))) return 'refused';
    if (says === 'rework' && this.plan.maxRounds !== undefined && this.round >= this.plan.maxRounds) return 'refused';
    if (says === 'approve' && (this.plan.amount ?? 0) > (limits[behind ?? person] ?? Infinity)) return 'refused';
    if (level.facts !== this.facts) {
      this.#end(level, 'voided');
      return 'refused';
    }
    if (sawFacts !== this.facts) return 'refused';
    level.words.push({ person, names, says, role: level.role, counts: true });
    level.claimedBy = undefined;
    if (says === 'approve' && !this.#enough(level)) return 'accepted';
    const outcome = says === 'approve' ? 'approved' : says === 'reject' ? 'rejected' : 'rework';
    if (level.hold === 0) this.#end(level, outcome);
    else level.held = { until: this.now + level.hold, outcome, by: person };
    return 'accepted';
  }
  #late(level: Level): Answer {
    this.#end(level, 'expired');
    return 'refused';
  }
  expire(id: string): Answer {
    const level = this.open(id);
    if (level === undefined || level.held !== undefined || !this.#overdue(level)) return 'nothing';
    this.#end(level, 'expired');
    return 'accepted';
  }

  claim(id: string, actor: Actor): Answer {
    const level = this.open(id);
    if (level === undefined || !this.#mayDecide(level, actor) || level.held !== undefined) return 'refused';
    if (level.words.some((word) => word.names.includes(actor.person) || word.names.includes(actor.behind ?? actor.person))) return 'refused';
    if (level.claimedBy !== undefined) return level.claimedBy === actor.person ? 'nothing' : 'refused';
    level.claimedBy = actor.person;
    return 'accepted';
  }
  giveBack(id: string, person: string): Answer {
    const level = this.open(id);
    if (level?.claimedBy === undefined) return 'nothing';
    if (level.claimedBy !== person) return 'refused';
    level.claimedBy = undefined;
    return 'accepted';
  }
  reassign(id: string, actor: Actor, to: { readonly role: string } | { readonly person: string }): Answer {
    const level = this.open(id);
    if (level === undefined) return 'refused';
    const manages = this.holds(actor.person, manager) && !this.tookPart.has(actor.person);
    if (!manages && (!this.#mayDecide(level, actor) || 'role' in to)) return 'refused';
    if (level.held !== undefined) return 'refused';
    if (this.#overdue(level)) return this.#late(level);
    // What somebody has claimed is not taken from them by a colleague.
    if (!manages && (level.claimedBy ?? actor.person) !== actor.person) return 'refused';
    if ('role' in to) {
      if (!people.some((person) => this.holds(person, to.role))) return 'refused';
      if (level.assignee === undefined && level.role === to.role) return 'nothing';
      Object.assign(level, { role: to.role, assignee: undefined, claimedBy: undefined });
      return 'accepted';
    }
    if (this.tookPart.has(to.person) || !this.holds(to.person, this.asked(level)) || level.quorum !== 1) return 'refused';
    if (level.assignee === to.person) return 'nothing';
    Object.assign(level, { assignee: to.person, claimedBy: undefined });
    return 'accepted';
  }

  ask(id: string, actor: Actor, to: string | undefined): Answer {
    const level = this.open(id);
    if (level === undefined || !this.#mayDecide(level, actor) || level.held !== undefined) return 'refused';
    if (this.#overdue(level)) return this.#late(level);
    if (level.question !== undefined || to === actor.person) return 'refused';
    level.question = { by: actor.person, to, left: level.due === undefined ? undefined : level.due - this.now };
    level.due = undefined;
    return 'accepted';
  }
  answer(id: string, person: string): Answer {
    const level = this.open(id);
    if (level?.question === undefined) return 'refused';
    const { by, to, left } = level.question;
    const asked = to === person || (to === undefined && this.tookPart.has(person)) || this.holds(person, manager);
    if (!asked || by === person) return 'refused';
    level.due = left === undefined ? undefined : this.now + left;
    level.question = undefined;
    this.takesPart(person);
    return 'accepted';
  }
  comment(id: string): Answer {
    return this.open(id) === undefined ? 'refused' : 'accepted';
  }
  withdraw(id: string, person: string): Answer {
    const level = this.open(id);
    if (level === undefined || !(this.tookPart.has(person) || this.holds(person, manager))) return 'refused';
    this.#end(level, 'withdrawn');
    return 'accepted';
  }

  recall(id: string, person: string): Answer {
    const level = this.open(id);
    if (level?.held === undefined || level.held.by !== person || this.now > level.held.until) return 'refused';
    this.#unsay(level);
    return 'accepted';
  }
  #unsay(level: Level): void {
    level.words = level.words.filter((word) => word.person !== level.held?.by);
    level.held = undefined;
  }
  /** The time of a held decision is over, or people have left of whom all had to agree. */
  release(id: string): Answer {
    const level = this.open(id);
    if (level === undefined) return 'nothing';
    if (level.facts !== this.facts) this.#end(level, 'voided');
    else if (level.held === undefined) {
      if (level.quorum !== 'all' || this.#overdue(level) || !this.#enough(level)) return 'nothing';
      this.#end(level, 'approved');
    } else {
      const { until, outcome, by } = level.held;
      if (this.now < until) return 'nothing';
      const counts = level.words.some((word) => word.person === by && word.counts) && (level.quorum === 'all' || this.#enough(level));
      if (outcome === 'approved' && !counts) this.#unsay(level);
      else this.#end(level, outcome);
    }
    return 'accepted';
  }

  takesPart(person: string): void {
    this.tookPart.add(person);
    this.#lapse((word) => word.names.includes(person));
  }
  /** Nobody knows any more who is behind the case: what was said before does not count. */
  loseOperator(): void {
    if (!this.unknown) this.#lapse(() => true);
    this.unknown = true;
  }
  #lapse(which: (word: Word) => boolean): void {
    for (const level of this.levels) for (const word of level.words) if (level.status === 'open' && which(word)) word.counts = false;
  }

  get approved(): boolean {
    return this.levels.length === this.plan.levels.length && this.levels.every((level) => level.status === 'approved');
  }
  /** What is to be asked now: which levels, and whether all of it anew. */
  next(): { readonly anew: boolean; readonly numbers: readonly number[] } {
    if (this.over !== undefined || this.approved) return { anew: false, numbers: [] };
    const all = this.plan.levels.map((_level, index) => index + 1);
    const anew = this.levels.some((level) => level.status === 'voided' || level.facts !== this.facts);
    if (anew || this.levels.length === 0) return { anew, numbers: this.plan.order === 'parallel' ? all : [1] };
    const missing = all.slice(this.levels.length);
    return { anew: false, numbers: this.levels.every((level) => level.status === 'approved') ? missing.slice(0, 1) : [] };
  }
  /** Puts what counted so far aside. */
  setAside(): void {
    for (const level of this.levels) if (level.status === 'open') this.#end(level, 'voided');
    this.past.push(...this.levels);
    this.levels = [];
  }
  put(id: string, number: number): Level {
    const plan = this.plan.levels[number - 1];
    if (plan === undefined) throw new Error(`There is no level ${number}.`);
    const level: Level = { id, number, role: plan.role, quorum: plan.quorum, hold: plan.hold, facts: this.facts, status: 'open', due: plan.due === undefined ? undefined : this.now + plan.due, words: [] };
    this.levels.push(level);
    return level;
  }
}

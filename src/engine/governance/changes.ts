import type { AnyEvent } from '../../domain/envelope.ts';
import { refused } from '../../domain/decision.ts';
import type { Decision } from '../../domain/decision.ts';
import type { Json } from '../../domain/json.ts';
import type { Change, ChangeTerms } from '../../domain/change/index.ts';
import { bringAnswer, commentChange, decideChange, decidingRoles, evolveChange, isOver, requestChange, termsKey, withdrawChange } from '../../domain/change/index.ts';
import type { SiteCatalogue } from '../../governance/catalogue/site-catalogue.ts';
import { proposalOf } from '../../governance/change/proposal.ts';
import { requestHashOf } from '../../governance/change/request-hash.ts';
import type { FlowNode } from '../../governance/gate/rules/flows.ts';
import type { AppendResult, ChangeFilter, ChangeRow, Ledger, Page, PageRequest, WaiverFilter, WaiverRow } from '../../ledger/port.ts';
import type { Outcome, PersonIdentity } from '../api.ts';
import { inScope, notRecorded } from '../people/refusals.ts';
import { RefusalLog } from '../refusal-log.ts';
import type { SiteLog } from '../site-log.ts';
import type { Clock } from '../support/clock.ts';
import { uuidv7 } from '../support/ids.ts';
import { Mailboxes } from '../support/mailboxes.ts';
import { changeDetail } from './change-detail.ts';
import { answerIn } from './change-answer.ts';
import type { BringAnswerInput, ChangeDetail, ChangePort, ChangeStanding, DecideChangeInput, RequestChangeInput, RequestWaiverInput } from './change-port.ts';
import { requestProblem, termsProblem, unknownTemplate } from './request-problem.ts';
import type { GovernanceTask } from './governance-tasks.ts';
import { refusalOf } from './refusals.ts';
import type { Refused } from './refusals.ts';
import { WaiverFollower } from './waiver-follower.ts';

/** How often a command is decided anew when somebody else was faster. */
const maxTries = 5;
/** Whoever runs a site may take back what its people asked for. */
const managing: ReadonlySet<string> = new Set(['admin', 'site-manager']);

interface Options {
  readonly ledger: Ledger;
  readonly siteLog: SiteLog;
  readonly clock: Clock;
  readonly site: string;
  readonly pseudonym: (userId: string) => string;
  readonly catalogue: () => SiteCatalogue | undefined;
  readonly isAccount: (userId: string) => Promise<boolean>;
  /** Nodes that run at the site. */
  readonly running: () => readonly FlowNode[];
  /** Gives a task to the people of a role. */
  readonly openTask: (task: GovernanceTask) => Promise<unknown>;
}

type Settled = { readonly ok: true; readonly state: Change } | Refused;

/** Change requests and waivers. Each change is a stream of its own: requested, talked about, decided by k of its family's owners. */
export class Changes implements ChangePort {
  readonly #options: Options;
  readonly #refusals: RefusalLog;
  readonly #mailboxes = new Mailboxes();
  readonly #follower: WaiverFollower;

  constructor(options: Options) {
    this.#options = options;
    this.#refusals = new RefusalLog(options.siteLog, options.clock);
    this.#follower = new WaiverFollower(options);
  }

  async request(input: RequestChangeInput | RequestWaiverInput): Promise<Outcome<{ readonly changeId: string }>> {
    if (!inScope(input.by, input.site)) return refusalOf('change-unknown');
    const { ledger, clock } = this.#options;
    const changeId = uuidv7(clock.now());
    return this.#answering<{ readonly changeId: string }>(async () => {
      const done = input.commandKey === undefined ? undefined : await ledger.findCommand(input.commandKey);
      if (done !== undefined) return { ok: true, changeId: idOf(done.streamId) };
      const problem = requestProblem(input);
      if (problem !== undefined) return { ok: false, code: 'request-invalid', message: problem, status: 'invalid' };
      const strange = unknownTemplate(input, this.#options.catalogue()?.templates() ?? []);
      if (strange !== undefined) return { ok: false, code: 'request-invalid', message: strange.message, status: 'invalid', members: { errors: [strange] } };
      const prepared = this.#prepare(input);
      if ('ok' in prepared) return prepared;
      const { content, proposedHash, baseHash } = prepared;
      const asked = {
        kind: input.kind, site: input.site, family: input.family, title: input.title, reason: input.reason,
        ...(input.template === undefined ? {} : { template: input.template }), ...(baseHash === undefined ? {} : { baseHash }), ...(proposedHash === undefined ? {} : { proposedHash }),
        ...(input.kind === 'waiver' ? { rule: input.rule, scope: input.scope, ...(input.until === undefined ? {} : { until: input.until }) } : {}),
      };
      const decision = requestChange(undefined, {
        ...asked, changeId, by: this.#options.pseudonym(input.by.userId), quorum: await this.#quorum(input), at: clock.iso(), requestHash: requestHashOf(asked), content, name: input.by.name,
      });
      if (decision.kind === 'refused') return this.#refuse(decision, input.by);
      const result = await this.#append(changeId, 0, decision.events, input.by, input.site, input.commandKey);
      if (!result.ok && result.reason === 'duplicate-command') return { ok: true, changeId: idOf(result.streamId) };
      if (!result.ok) throw new Error(`a new change could not be recorded: ${result.reason}`);
      return { ok: true, changeId };
    });
  }

  /** The nodes in normal form with their hashes and the difference from the published version. */
  #prepare(input: RequestChangeInput | RequestWaiverInput): { readonly content: { title: string; reason: string; nodes?: readonly Json[]; difference?: Json }; readonly proposedHash?: string; readonly baseHash?: string } | Refused {
    const content = { title: input.title, reason: input.reason };
    if (input.kind === 'waiver') return { content };
    const [id = '', version = ''] = (input.template ?? '').split('@');
    const base = this.#options.catalogue()?.template(id, version);
    const proposal = proposalOf(input.nodes, base, this.#options.running());
    if ('problem' in proposal) return { ok: false, code: 'proposal-invalid', message: proposal.problem, status: 'invalid' };
    const { nodes, proposedHash, difference } = proposal;
    return { content: { ...content, nodes, ...(difference === undefined ? {} : { difference }) }, proposedHash, ...(base === undefined ? {} : { baseHash: base.contentHash }) };
  }

  /** Nobody knows whether one who is no account is an owner as well: then two of them have to agree (PROTOCOL §4). */
  async #quorum({ family, by }: RequestChangeInput | RequestWaiverInput): Promise<number> {
    const quorum = this.#options.catalogue()?.policy()?.changeQuorum;
    const asked = quorum !== undefined && Object.hasOwn(quorum, family) ? Number(quorum[family]) : 1;
    return Math.max(Number.isInteger(asked) ? asked : 1, await this.#options.isAccount(by.userId) ? 1 : 2);
  }

  comment(input: { readonly changeId: string; readonly comment: string; readonly by: PersonIdentity; readonly commandKey?: string }): Promise<Outcome<ChangeStanding>> {
    const commentId = uuidv7(this.#options.clock.now());
    return this.#command(input, (state) => commentChange(state, { ...this.#speaker(input.by), commentId, comment: input.comment }));
  }

  async decide(input: DecideChangeInput): Promise<Outcome<ChangeStanding>> {
    const { terms, requestHash, comment } = input;
    const asked = await this.get(input.changeId);
    const problem = asked !== undefined && this.mayDecide(asked, input.by) ? termsProblem(asked.template, terms) : undefined;
    if (problem !== undefined) return { ok: false, code: 'request-invalid', message: problem, status: 'invalid' };
    return this.#command(input, (state) => decideChange(state, { ...this.#speaker(input.by), terms, requestHash, at: this.#options.clock.iso(), ...(comment === undefined ? {} : { comment }) }));
  }

  async bring(input: BringAnswerInput): Promise<Outcome<ChangeStanding>> {
    const { site } = this.#options;
    const read = answerIn(input.file, (family) => this.#options.catalogue()?.owners(family));
    if ('wrong' in read) return { ok: false, code: 'request-invalid', message: read.wrong, status: 'invalid' };
    const { changeId, answer } = read;
    const row = await this.get(changeId);
    const elsewhere = refused('BringAnswer', 'answer-other-site');
    if (row === undefined && answer.site !== site && elsewhere.kind === 'refused') return this.#refuse(elsewhere, input.by);
    const problem = row === undefined || answer.problem !== undefined ? undefined : termsProblem(row.template, answer.terms);
    if (problem !== undefined) return { ok: false, code: 'request-invalid', message: problem, status: 'invalid' };
    return this.#command({ ...input, changeId }, (state) => bringAnswer(state, { ...answer, channel: input.by.channel, at: this.#options.clock.iso() }));
  }

  withdraw(input: { readonly changeId: string; readonly reason?: string; readonly by: PersonIdentity; readonly commandKey?: string }): Promise<Outcome<ChangeStanding>> {
    const manages = input.by.roles.some((role) => managing.has(role));
    return this.#command(input, (state) => withdrawChange(state, { by: this.#options.pseudonym(input.by.userId), manages, ...(input.reason === undefined ? {} : { reason: input.reason }) }));
  }

  get(changeId: string): Promise<ChangeRow | undefined> {
    return this.#options.ledger.getChange(changeId);
  }
  async detail(changeId: string): Promise<ChangeDetail | undefined> {
    const row = await this.get(changeId);
    return row === undefined ? undefined : changeDetail(row, await this.#options.ledger.readStream(`change:${changeId}`));
  }
  mayDecide(change: ChangeRow, by: PersonIdentity): boolean {
    const open = change.status === 'requested' || change.status === 'in-review';
    return open && inScope(by, change.site) && change.requested_by !== this.#options.pseudonym(by.userId) && decidingRoles(change.family).some((role) => by.roles.includes(role));
  }
  list(filter: ChangeFilter, page: PageRequest): Promise<Page<ChangeRow>> {
    return this.#options.ledger.listChanges(filter, page);
  }
  waivers(filter: WaiverFilter, page: PageRequest): Promise<Page<WaiverRow>> {
    return this.#options.ledger.listWaivers(filter, page);
  }
  follow(): Promise<void> {
    return this.#follower.follow();
  }
  start(): void {
    this.#follower.start();
  }
  stop(): void {
    this.#follower.stop();
  }

  #speaker(by: PersonIdentity): { by: string; roles: readonly string[]; name: string; channel: string; authMethod: string } {
    return { by: this.#options.pseudonym(by.userId), roles: by.roles, name: by.name, channel: by.channel, authMethod: by.authMethod };
  }

  async #refuse(decision: Extract<Decision, { kind: 'refused' }>, by: PersonIdentity): Promise<Refused> {
    await this.#refusals.record(decision, by, { kind: 'person', id: this.#options.pseudonym(by.userId) });
    return refusalOf(decision.code);
  }

  #append(changeId: string, version: number, events: readonly AnyEvent[], by: PersonIdentity, site: string, commandKey: string | undefined): Promise<AppendResult> {
    const actor = { kind: 'person' as const, id: this.#options.pseudonym(by.userId) };
    return this.#options.siteLog.recordAll(`change:${changeId}`, version, events, { actor, site, ...(commandKey === undefined ? {} : { commandKey }) });
  }

  /** One command about a change that is there, decided anew when the stream has moved meanwhile. */
  #command(input: { readonly changeId: string; readonly by: PersonIdentity; readonly commandKey?: string }, decide: (state: Change) => Decision): Promise<Outcome<ChangeStanding>> {
    return this.#mailboxes.run(input.changeId, () => this.#answering<ChangeStanding>(async () => {
      const settled = await this.#settle(input, decide, 0);
      return settled.ok ? { ok: true, ...standingOf(settled.state) } : settled;
    }));
  }

  async #settle(input: { readonly changeId: string; readonly by: PersonIdentity; readonly commandKey?: string }, decide: (state: Change) => Decision, tries: number): Promise<Settled> {
    const { ledger } = this.#options;
    const events = await ledger.readStream(`change:${input.changeId}`);
    const state = events.reduce<Change | undefined>(evolveChange, undefined);
    if (state === undefined || !inScope(input.by, state.site)) return refusalOf('change-unknown');
    if (input.commandKey !== undefined && await ledger.findCommand(input.commandKey) !== undefined) return { ok: true, state };
    const decision = decide(state);
    if (decision.kind === 'refused') return this.#refuse(decision, input.by);
    if (decision.events.length === 0) return { ok: true, state };
    const result = await this.#append(input.changeId, events.length, decision.events, input.by, state.site, input.commandKey);
    if (result.ok) return { ok: true, state: decision.events.reduce<Change>((next, event) => evolveChange(next, { ...event, site: state.site }) ?? next, state) };
    if (tries >= maxTries) throw new Error(`change ${input.changeId} changed ${tries} times while a command was decided`);
    return this.#settle(input, decide, tries + 1);
  }

  async #answering<T extends object>(work: () => Promise<Outcome<T>>): Promise<Outcome<T>> {
    try {
      return await work();
    } catch (error) {
      return notRecorded(error);
    }
  }
}

function idOf(streamId: string): string {
  return streamId.slice('change:'.length);
}

/** How many owners agree on the outcome, or on what most of them say so far. */
function standingOf(state: Change): ChangeStanding {
  const counts = new Map<string, number>();
  for (const { terms } of state.votes) counts.set(termsKey(terms), (counts.get(termsKey(terms)) ?? 0) + 1);
  const of = (terms: ChangeTerms | undefined): number => (terms === undefined ? Math.max(0, ...counts.values()) : counts.get(termsKey(terms)) ?? 0);
  return { changeId: state.changeId, status: state.status, agreeing: of(isOver(state) ? state.terms : undefined), quorum: state.quorum };
}

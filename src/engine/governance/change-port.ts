import type { ChangeStatus, ChangeTerms, WaiverScope } from '../../domain/change/index.ts';
import type { Json } from '../../domain/json.ts';
import type { ChangeFilter, ChangeRow, Page, PageRequest, WaiverFilter, WaiverRow } from '../../ledger/port.ts';
import type { Outcome, PersonIdentity } from '../api.ts';

interface RequestBase {
  readonly site: string;
  /** Process family whose owners decide. */
  readonly family: string;
  readonly title: string;
  readonly reason: string;
  /** Template that it is about, `family/name@version`. */
  readonly template?: string;
  readonly by: PersonIdentity;
  readonly commandKey?: string;
}
/** Another content for a template: the nodes of its flow as they should be. */
export interface RequestChangeInput extends RequestBase { readonly kind: 'change'; readonly nodes: readonly Json[] }
/** An exemption from one rule for named findings or one template, until a day. */
export interface RequestWaiverInput extends RequestBase { readonly kind: 'waiver'; readonly rule: string; readonly scope: WaiverScope; readonly until?: string }

export interface DecideChangeInput {
  readonly changeId: string;
  readonly terms: ChangeTerms;
  /** `requestHash` of the detail that the decider saw. */
  readonly requestHash: string;
  readonly comment?: string;
  readonly by: PersonIdentity;
  readonly commandKey?: string;
}

export interface BringAnswerInput {
  readonly file: string;
  /** Who brings it: they decide nothing by it. */
  readonly by: PersonIdentity;
  readonly commandKey?: string;
}

/** How a change stands after a command. */
export interface ChangeStanding { readonly changeId: string; readonly status: ChangeStatus; readonly agreeing: number; readonly quorum: number }

export interface ChangeDetail extends ChangeRow {
  readonly reason: string;
  readonly requestHash: string;
  readonly baseHash: string | undefined;
  readonly proposedHash: string | undefined;
  readonly scope: WaiverScope;
  readonly terms: ChangeTerms | undefined;
  readonly nodes: readonly Json[] | undefined;
  readonly difference: Json | undefined;
  /** Name of who asked, when it was not erased. */
  readonly requesterName: string | undefined;
  /** What was said and decided, in order. `by`: pseudonym, or `catalogue`. */
  readonly talk: readonly ChangeWord[];
}
export interface ChangeWord {
  readonly at: string; readonly by: string; readonly name: string | undefined; readonly comment: string | undefined; readonly terms: ChangeTerms | undefined; readonly outcome: string | undefined;
  readonly withdrawn: boolean;
}

/** Change requests and waivers of the site. */
export interface ChangePort {
  request(input: RequestChangeInput | RequestWaiverInput): Promise<Outcome<{ readonly changeId: string }>>;
  comment(input: { readonly changeId: string; readonly comment: string; readonly by: PersonIdentity; readonly commandKey?: string }): Promise<Outcome<ChangeStanding>>;
  decide(input: DecideChangeInput): Promise<Outcome<ChangeStanding>>;
  /** Takes in an answer that the owners have signed and somebody has brought, as the text of its file. */
  bring(input: BringAnswerInput): Promise<Outcome<ChangeStanding>>;
  withdraw(input: { readonly changeId: string; readonly reason?: string; readonly by: PersonIdentity; readonly commandKey?: string }): Promise<Outcome<ChangeStanding>>;
  get(changeId: string): Promise<ChangeRow | undefined>;
  detail(changeId: string): Promise<ChangeDetail | undefined>;
  /** Whether this person may decide it now. */
  mayDecide(change: ChangeRow, by: PersonIdentity): boolean;
  /** Newest first. */
  list(filter: ChangeFilter, page: PageRequest): Promise<Page<ChangeRow>>;
  /** Soonest end first. */
  waivers(filter: WaiverFilter, page: PageRequest): Promise<Page<WaiverRow>>;
  /** Brings the ledger up to what the signed catalogue says now: waivers granted, expired, revoked, changes answered. */
  follow(): Promise<void>;
}

import type { CaseEvent, EngineState, JsonObject, Quarantined } from './types.ts';

/** What a step of the drawn path is at. */
export type PathState = 'done' | 'here' | 'waiting' | 'trouble' | 'ahead';

export interface PathNode {
  readonly address: string; readonly stepId: string; readonly name: string; readonly nodeType: string; readonly state: PathState;
  readonly visits: number; readonly firstEnteredAt: string | null; readonly lastLeftAt: string | null;
}
/** `from` is null for the intake. `passed` messages went along it, `waiting` are on it now. */
export interface PathEdge { readonly from: string | null; readonly to: string; readonly label?: string; readonly passed: number; readonly waiting: number }
export interface CasePath { readonly nodes: readonly PathNode[]; readonly edges: readonly PathEdge[] }

/** The file of `waybill ledger prove`, as far as the page reads it; binary fields are base64. */
export interface CaseProof {
  readonly caseId: string; readonly ledgerId: string; readonly origin: string; readonly verifierKey: string;
  /** Signed note: origin, size and root on its first three lines. */
  readonly checkpoint: string;
  readonly inclusion: readonly { readonly index: number; readonly leaf: string; readonly proof: readonly string[] }[];
  readonly unsigned?: readonly unknown[];
}

/** What the ledger says of an event beyond its meaning; absent members were not recorded. */
export interface EventDetails extends CaseEvent {
  readonly epoch?: number; readonly tokenId?: string; readonly attempt?: number; readonly policyVersion?: string; readonly command?: string;
}

export interface QuarantineDetail extends Quarantined {
  /** The message as text, where it is UTF-8. */
  readonly text: string | null;
  readonly editable: boolean;
  /** A message that would be taken in, guessed from what came. */
  readonly suggestion: string | null;
  /** Of a file or a message of a queue; and why it cannot be taken again. */
  readonly origin: { readonly kind: 'file' | 'queue'; readonly system: string; readonly place: string; readonly service: string; readonly name: string; readonly answered: boolean } | null;
  readonly notTaken: string | null;
}
export interface AdmissionPreview {
  readonly ok: boolean; readonly kind: 'opens' | 'repeats' | 'reported' | 'refused'; readonly cases?: number; readonly code?: string; readonly title?: string;
  readonly keys?: readonly { readonly type: string; readonly value: string }[]; readonly problem?: string; readonly caseId?: string;
}

export interface Circuit {
  readonly system: string; readonly state: 'closed' | 'failing' | 'open' | 'half-open'; readonly since: string | null; readonly retryAt: string | null;
  readonly failures: number; readonly running: number; readonly limit: number;
}
export interface Sample {
  readonly at: string; readonly commitP50: number; readonly commitP99: number; readonly queued: number; readonly eventsPerSecond: number; readonly scansPerSecond: number;
}
export interface SystemView {
  readonly version: string; readonly node: string; readonly nodeRed: string | null; readonly site: string; readonly timeZone: string; readonly startedAt: string | null; readonly epoch: number | null;
  readonly engine: { readonly state: EngineState; readonly reason: string | null };
  readonly ledger: {
    readonly state: 'ready' | 'suspended' | 'closed'; readonly reason?: string | null; readonly queuedCommits: number; readonly queuedBytes: number; readonly lastPosition: number;
    readonly checkpointSize: number; readonly checkpointAt?: string | null; readonly commitMs: { readonly p50: number; readonly p99: number };
    readonly origin: string; readonly verifierKey: string; readonly ledgerId: string; readonly unwitnessedSince: string | null;
  } | null;
  readonly circuits: readonly Circuit[];
  readonly intake: Readonly<Record<string, number>>;
  readonly disk: { readonly freeBytes: number | null; readonly ledgerBytes: number | null };
  readonly history: readonly Sample[];
  readonly checkpoints: readonly { readonly size: number; readonly at: string }[];
}

export type Facts = JsonObject;

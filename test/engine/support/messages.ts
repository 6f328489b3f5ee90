import type { CircuitView } from '../../../src/engine/circuits.ts';
import type { ServiceDefinition } from '../../../src/domain/service/index.ts';
import type { RecordedEvent } from '../../../src/domain/envelope.ts';
import type { ReplayItemRow } from '../../../src/ledger/port.ts';
import type { AdmitQuarantine, ChangeCircuit, DecideTask, DiscardDeadLetter, EngineMetrics, EventReplay, PersonIdentity, ReplayEvents, ReplayManyInput, ReplayDeadLetter, ResolveException } from '../../../src/engine/api.ts';
import type { EngineTuning } from '../../../src/engine/settings.ts';
import type { LedgerCounts, QuarantineRow } from '../../../src/ledger/port.ts';
import type { Boundary } from './boundary.ts';

/** A node of a flow file. */
export type FlowNode = Readonly<Record<string, unknown>> & { readonly id: string; readonly type: string };

/** A signed catalogue: with one, the gate reads the flows before they run, and warns. */
export interface CataloguePlace { readonly source: string; readonly rootFile: string }

/** What a Node-RED process is asked for; each is answered once. */
export interface Requests {
  /** Opens the engine on a home folder and starts the flows, as the runtime plugin and Node-RED do. */
  open: {
    ask: { readonly home: string; readonly flows: readonly FlowNode[]; readonly tuning: Partial<EngineTuning>; readonly kill?: Boundary; readonly recover?: boolean; readonly catalogue?: CataloguePlace; readonly services?: readonly ServiceDefinition[] };
    answer: { readonly state: string; readonly reason: string | undefined; readonly broker: string; readonly admin: string };
  };
  /** Gives a message to a node, as an inject node would. */
  inject: { ask: { readonly node: string; readonly msg: object }; answer: null };
  /** What waits, and why: for deciding whether everything has come to rest. */
  look: { ask: object; answer: Look };
  decideTask: { ask: DecideTask; answer: object };
  resolveException: { ask: ResolveException; answer: object };
  replayDeadLetter: { ask: ReplayDeadLetter; answer: object };
  replayMany: { ask: ReplayManyInput; answer: object };
  replayItems: { ask: { readonly batchId: string }; answer: { readonly status: string | undefined; readonly items: readonly ReplayItemRow[] } };
  replayEvents: { ask: ReplayEvents; answer: object };
  eventReplays: { ask: PersonIdentity; answer: readonly EventReplay[] };
  changeCircuit: { ask: ChangeCircuit; answer: object };
  admitQuarantine: { ask: AdmitQuarantine; answer: object };
  quarantine: { ask: object; answer: readonly QuarantineRow[] };
  discardDeadLetter: { ask: DiscardDeadLetter; answer: object };
  /** Circuits of the systems. */
  circuits: { ask: object; answer: readonly CircuitView[] };
  /** Events of a stream. */
  events: { ask: { readonly streamId: string }; answer: readonly RecordedEvent[] };
  /** Deploys other flows, as the editor does. */
  deploy: { ask: { readonly type: 'full' | 'flows' | 'nodes'; readonly flows: readonly FlowNode[] }; answer: null };
  /** Boundaries passed since `open`. */
  counts: { ask: object; answer: { readonly append: number; readonly send: number; readonly answer: number } };
  /** Stops the flows, then the engine, in order. */
  close: { ask: object; answer: null };
}
export type RequestName = keyof Requests;

export interface OpenCaseSeen {
  readonly caseId: string; readonly title: string; readonly activity: string;
  readonly tasks: readonly { readonly taskId: string; readonly factsHash: string }[];
  readonly exceptions: readonly { readonly exceptionId: string; readonly class: string; readonly code: string; readonly message: string }[];
  readonly deadLetters: readonly { readonly deadLetterId: string; readonly reason: string }[];
}

export interface Look {
  readonly state: string; readonly reason: string | undefined;
  readonly counts: LedgerCounts; readonly gauges: EngineMetrics['gauges']; readonly counters: EngineMetrics['counters'];
  readonly open: readonly OpenCaseSeen[]; readonly closed: readonly { readonly caseId: string; readonly outcome: string | null }[];
}

export type ToRuntime = { [N in RequestName]: { readonly id: number; readonly name: N; readonly ask: Requests[N]['ask'] } }[RequestName];

export type FromRuntime =
  | { readonly kind: 'up' }
  | { readonly kind: 'answer'; readonly id: number; readonly value?: unknown; readonly error?: string }
  /** Intake has acknowledged this transport id. */
  | { readonly kind: 'acknowledged'; readonly transportId: string; readonly result: { readonly kind: string; readonly caseId: string } };

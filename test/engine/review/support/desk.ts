import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CaseView, NodeRedNode, OpenCaseInput, OpenCaseResult, PersonIdentity, ReversalIntake, StepHandle, StepPattern } from '../../../../src/engine/api.ts';
import { Engine } from '../../../../src/engine/engine.ts';
import { gateParts } from '../../../../src/engine/governance/in-place.ts';
import type { SiteCatalogue } from '../../../../src/governance/catalogue/site-catalogue.ts';
import type { FlowNode } from '../../../../src/governance/gate/rules/flows.ts';
import type { Clock } from '../../../../src/engine/support/clock.ts';
import { loadPseudonymKey } from '../../../../src/engine/support/key-file.ts';
import { defaultTuning } from '../../../../src/engine/settings.ts';
import type { EngineTuning } from '../../../../src/engine/settings.ts';
import { openSqliteLedger } from '../../../../src/ledger/sqlite/open.ts';
import type { ExceptionRow, Ledger } from '../../../../src/ledger/port.ts';
import type { RecordedEvent } from '../../../../src/domain/envelope.ts';
import type { EventType } from '../../../../src/domain/events.ts';
import '../../../support/kept-threads.ts';

type Message = Record<string, unknown>;
type Plain = (msg: Message, send: (msg: Message) => void) => void;

/** A governed node of the desk's flow. */
export interface DeskStep {
  readonly id: string;
  readonly wires: string[][];
  readonly pattern?: StepPattern;
  readonly stepId?: string;
  readonly type?: string;
  readonly requires?: readonly string[];
  /** Takes reversals, as a case open node does. */
  readonly reversal?: ReversalIntake;
  readonly evaluate?: (value: string, type: string) => unknown;
}

export const eve: PersonIdentity = { userId: 'eve', name: 'eve', roles: ['engineer', 'receiving-supervisor'], sites: ['*'], authMethod: 'password', channel: 'inbox' };

/** A pattern that passes every message on at output 1. */
export const pass: StepPattern = { run: (step) => step.complete([{ port: 0 }]) };
/** A pattern that closes its case. */
export const close: StepPattern = { run: async (step) => { await step.commit([{ type: 'CloseCase', outcome: 'done', runId: step.runId, cancelOpen: false, at: step.now() }]); } };

export interface DeskOptions {
  readonly tuning?: Partial<EngineTuning>;
  readonly home?: string;
  /** The ledger as the engine gets it: for example one whose commits wait. */
  readonly ledger?: (real: Ledger) => Ledger;
  /** A disk that is full at so many pages. */
  readonly maxPages?: number;
  readonly clock?: Clock;
  readonly exceptionClasses?: string;
  /** Templates that the site knows; its gate only warns. */
  readonly catalogue?: SiteCatalogue;
}

/** The real engine on a real ledger, with nodes that the test wires by hand: what Node-RED does to them is in the test's hand too. */
export class Desk {
  readonly home: string;
  readonly engine: Engine;
  readonly sent: Message[] = [];
  readonly #handles = new Map<string, StepHandle>();
  readonly #plain = new Map<string, { readonly run: Plain; readonly wires: readonly string[] }>();

  private constructor(home: string, engine: Engine) {
    this.home = home;
    this.engine = engine;
  }

  static async open(options: DeskOptions = {}): Promise<Desk> {
    const home = options.home ?? mkdtempSync(join(tmpdir(), 'waybill-desk-'));
    const settings = { home, site: 'dc-1', enterprise: 'acme', legalEntity: 'acme-gmbh', publicUrl: undefined, mqttUrl: undefined, erpUrl: undefined, ...(options.exceptionClasses === undefined ? {} : { exceptionClasses: options.exceptionClasses }), gate: 'warn' as const };
    const { clock } = options;
    const real = await openSqliteLedger({
      home, site: 'dc-1', ...(options.maxPages === undefined ? {} : { maxPages: options.maxPages }), ...(clock === undefined ? {} : { now: () => clock.now() }),
    });
    const engine = await Engine.open({
      settings, ledger: options.ledger?.(real) ?? real, accounts: undefined, pseudonymKey: loadPseudonymKey(home), tuning: { ...defaultTuning, ...options.tuning },
      ...(clock === undefined ? {} : { clock }), ...(options.catalogue === undefined ? {} : { catalogue: options.catalogue }),
    });
    return new Desk(home, engine);
  }

  /** Ends the engine; the home stays for the next one when `keep`. */
  async close(keep = false): Promise<void> {
    await this.engine.close();
    if (!keep) rmSync(this.home, { recursive: true, force: true });
  }

  /** The process ends without a word: the epoch stays open. The home stays. */
  async crash(): Promise<void> {
    this.stop();
    await this.engine.drain();
    await this.engine.ledger.close();
  }

  add({ id, wires, pattern, stepId, type, requires, evaluate, reversal }: DeskStep): StepHandle {
    const node: NodeRedNode & { _flow: object } = {
      id, type: type ?? 'waybill-test', wires, send: () => undefined, status: () => undefined, warn: () => undefined,
      error: (message) => { throw new Error(message); },
      _flow: { send: (events: readonly { msg: Message; destination: { id: string } }[]) => { for (const { msg, destination } of events) this.deliver(destination.id, msg); } },
    };
    const handle = this.engine.registerStep({
      node, address: { instance: 'test', stepId: stepId ?? id }, requires: requires ?? [], pattern, outputs: wires.length, ...(reversal === undefined ? {} : { reversal }),
      evaluate: (value, kind, _msg, document) => Promise.resolve(evaluate?.(value, kind) ?? (value === '$document' ? document : value)),
    });
    this.#handles.set(id, handle);
    return handle;
  }

  /** A plain node. */
  plain(id: string, wires: readonly string[], run: Plain): void {
    this.#plain.set(id, { run, wires });
  }

  /** The nodes are closed and gone, as a deploy does it. */
  remove(...ids: readonly string[]): void {
    for (const id of ids) {
      this.#handles.get(id)?.close();
      this.#handles.delete(id);
      this.#plain.delete(id);
    }
  }

  /** As Node-RED: what nobody takes is dropped without a word. */
  deliver(id: string, msg: Message): void {
    setImmediate(() => {
      this.sent.push(msg);
      const plain = this.#plain.get(id);
      if (plain !== undefined) {
        this.engine.watch.seen(msg, id);
        plain.run(msg, (next) => { for (const wire of plain.wires) this.deliver(wire, next); });
        return;
      }
      const handle = this.#handles.get(id);
      if (handle === undefined) return;
      this.engine.receive(handle, msg).catch((error: unknown) => this.engine.watch.failed(msg, id, error));
    });
  }

  /** What the gate reads as the flows that are about to run: as the storage module does it. */
  async load(flows: readonly FlowNode[]): Promise<void> {
    gateParts().storage = true;
    await this.engine.governance.gate.load({ scope: '', way: 'reload', flows, credentials: null });
  }

  stop(): void {
    this.engine.flowsStopping();
  }
  start(): Promise<void> {
    return this.engine.flowsStarted('full');
  }

  handle(id: string): StepHandle {
    const handle = this.#handles.get(id);
    assert.ok(handle, `there is no step ${id}`);
    return handle;
  }

  openCase(from: string, more: Partial<OpenCaseInput> = {}): Promise<OpenCaseResult> {
    return this.engine.openCase({
      step: this.handle(from), process: 'test', template: 'test@1.0.0', site: 'dc-1', title: 'A case', keys: [], document: { amount: '1' }, message: { payload: { n: 1 } }, ...more,
    });
  }

  events(caseId: string): Promise<readonly RecordedEvent[]> {
    return this.engine.ledger.readStream(caseId);
  }
  async eventsOf<T extends EventType>(caseId: string, type: T): Promise<readonly Extract<RecordedEvent, { type: T }>[]> {
    return (await this.events(caseId)).filter((event): event is Extract<RecordedEvent, { type: T }> => event.type === type);
  }
  exception(caseId: string): Promise<ExceptionRow> {
    return eventually(async () => (await this.engine.ledger.listExceptions({ status: 'open', caseId }, { limit: 10 })).items[0]);
  }
  async exceptions(caseId: string): Promise<readonly ExceptionRow[]> {
    return (await this.engine.ledger.listExceptions({ status: 'open', caseId }, { limit: 100 })).items;
  }
  closed(caseId: string): Promise<CaseView> {
    return eventually(async () => {
      const view = await this.engine.caseView(caseId);
      return view?.status === 'closed' ? view : undefined;
    });
  }
}

/** Polls until there is a value; the test's own time limit ends the waiting. */
export async function eventually<T>(look: () => Promise<T | undefined> | T | undefined): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => { setTimeout(resolve, 5); });
  }
}

/** What is to happen by now has happened: several turns of the event loop and of the ledger. */
export async function quiet(desk: Desk): Promise<void> {
  for (let i = 0; i < 5; i += 1) {
    await desk.engine.ledger.seal();
    await new Promise((resolve) => { setTimeout(resolve, 5); });
  }
}

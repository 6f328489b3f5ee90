import type { NodeAPI, Node, NodeDef } from 'node-red';
import { ScanIntake, stateFor, type Display, type DisplayMessage, type ScanAttachment, type ScanOutcome, type ScanSource, type SourceState } from '../../intake/mqtt/index.ts';
import type { FieldPointers, MapperPreset } from '../../intake/mapper/index.ts';
import { addressKey } from '../../domain/envelope.ts';
import type { NodeRedNode, StepHandle, Waybill } from '../api.ts';
import { currentWaybill } from '../node-red/current.ts';
import { instanceOf } from '../node-red/instance.ts';
import { brokerOf, noEngine, type BrokerLink } from './broker-node.ts';
import { IntakeSamples } from './samples.ts';
import { IntakeStatus } from './intake-status.ts';
import { intakeSite, type IntakeSite } from './site-node.ts';

export interface ScanInNodeConfig {
  readonly stepId: string;
  readonly site: string;
  readonly broker: string;
  readonly pattern: string;
  readonly preset: MapperPreset;
  readonly pointers: Readonly<Record<string, string>>;
  readonly fnc1: string;
  readonly maxBytes: number;
  readonly operatorRequired: boolean;
  readonly process: string;
  readonly template: string;
  readonly uniqueScope: string;
  readonly displayTopic: string;
}

/** What a running scan in node can tell the form that configures it. */
export interface RunningIntake {
  readonly samples: IntakeSamples;
  readonly source: Pick<ScanSource, 'counters' | 'lastProblem'>;
  state(): SourceState;
}

/** Registers the scan in node: MQTT messages become cases; they are acknowledged when the ledger has them. */
export function registerScanInNode(RED: NodeAPI, type: string, migrate: (config: Readonly<Record<string, unknown>>) => ScanInNodeConfig): void {
  RED.nodes.registerType(type, function (this: Node, raw: NodeDef) {
    RED.nodes.createNode(this, raw);
    const status = new IntakeStatus((text) => this.status(text));
    const attached = attach(RED, this, () => migrate({ ...raw }), status);
    if (typeof attached === 'string') {
      status.problem(attached);
      this.error(attached);
      return;
    }
    this.on('close', (removed: boolean, done: () => void) => {
      attached(removed);
      status.close();
      done();
    });
  });
}

/** Attaches the node to its broker; returns what takes it away again, or one sentence that says what to mend. */
function attach(RED: NodeAPI, node: Node, read: () => ScanInNodeConfig, status: IntakeStatus): ((removed: boolean) => void) | string {
  const waybill = currentWaybill();
  if (waybill === undefined) return noEngine;
  try {
    const config = read();
    if (config.stepId === '') return 'This node has no step id; open it, give it one, and deploy.';
    const site = intakeSite(RED, config.site);
    if ('problem' in site) return site.problem;
    const broker = brokerOf(RED, config.broker);
    if ('problem' in broker) return broker.problem;
    return run(node, config, { waybill, site, broker }, status);
  } catch (error) {
    // the pattern, the mapper or the step id cannot be used as configured; the sentence says what to mend
    return error instanceof Error ? error.message : String(error);
  }
}

interface Surroundings { readonly waybill: Waybill; readonly site: IntakeSite; readonly broker: BrokerLink }

function run(node: Node, config: ScanInNodeConfig, { waybill, site, broker }: Surroundings, status: IntakeStatus): (removed: boolean) => void {
  const { nodes } = waybill;
  const step = nodes.registerStep({
    node: node as unknown as NodeRedNode,
    address: { instance: instanceOf(node), stepId: config.stepId },
    requires: [], pattern: undefined, outputs: 1,
    ...(site.stallMs === undefined ? {} : { stallMs: site.stallMs }),
    ...(site.hopLimit === undefined ? {} : { hopLimit: site.hopLimit }),
  });
  let attachment: ScanAttachment | undefined;
  let intake: ScanIntake | undefined;
  const samples = new IntakeSamples(() => waybill.clock.now());
  const closers: (() => void)[] = [];
  try {
    const display: Display | undefined = config.displayTopic === '' ? undefined : { topic: config.displayTopic, site: site.id };
    intake = new ScanIntake(portOf(waybill, step), {
      pattern: config.pattern, preset: config.preset, fnc1: config.fnc1, maxBytes: config.maxBytes, operatorRequired: config.operatorRequired,
      process: config.process, template: config.template, enterprise: site.enterprise, site: site.id, uniqueScope: config.uniqueScope,
      clock: () => waybill.clock.now(),
      ...(config.preset === 'custom' ? { pointers: config.pointers as unknown as FieldPointers } : {}),
      onOutcome: (outcome) => {
        status.taken(outcome.kind);
        samples.became(outcome);
        if (display !== undefined) tell(broker, display, outcome);
      },
      log: (level, text) => { node[level === 'warn' ? 'warn' : 'log'](text); },
    });
    const { topics } = intake;
    const taking = intake;
    closers.push(nodes.addReader({
      site: site.id,
      claims: (topic) => topics.read(topic).kind === 'ours',
      read: (message, topic, anyTopic) => {
        const read = taking.read(message, topic, anyTopic);
        return read.ok ? { ok: true, openings: read.openings.map((opening) => ({ step, ...opening })) } : read;
      },
    }));
    if (display !== undefined) closers.push(broker.displays.add(display));
    closers.push(...watch(waybill, broker.source, topics.filter, status));
    attachment = broker.source.subscribe({
      key: addressKey(step.address), filter: topics.filter, qos: 1,
      claim: (topic) => topics.claim(topic),
      onMessage: (message) => {
        samples.add(message);
        return taking.take(message);
      },
    });
    Object.assign(node, { intake: { samples, source: broker.source, state: () => stateFor(broker.source.state, topics.filter) } satisfies RunningIntake });
  } catch (error) {
    for (const close of closers) close();
    step.close();
    throw error;
  }
  const detaching = { attachment, intake };
  return (removed) => {
    detaching.attachment.close(removed); // first: what the intake gives back now finds its successor
    detaching.intake.close();
    for (const close of closers) close();
    step.close();
  };
}

function portOf(waybill: Waybill, step: StepHandle): ConstructorParameters<typeof ScanIntake>[0] {
  const { nodes } = waybill;
  return {
    openCase: (opening) => nodes.openCase({ step, ...opening }),
    quarantine: (input) => nodes.quarantine(input),
    accepting: () => nodes.accepting(),
    onAccepting: (listener) => nodes.onAccepting(listener),
    count: (name, by) => nodes.count(name, by),
  };
}

/** Keeps the node's status with connection and engine. */
function watch(waybill: Waybill, source: ScanSource, filter: string, status: IntakeStatus): (() => void)[] {
  const show = (): void => {
    if (waybill.state !== 'ready') status.connection(source.state, waybill.reason ?? `Waybill is ${waybill.state}; scans wait at their devices.`);
    else if (!waybill.nodes.accepting()) status.connection({ kind: 'connecting' }, undefined); // a deploy is under way
    else status.connection(stateFor(source.state, filter), undefined);
  };
  show();
  return [source.onState(show), waybill.nodes.onAccepting(show), waybill.onState(show)];
}

function tell(broker: BrokerLink, display: Display, outcome: ScanOutcome): void {
  const { kind, variables, title, caseId, message } = outcome;
  if (kind === 'duplicate') return; // the same message once more: its station was told the first time
  const told: DisplayMessage = {
    kind: kind === 'opened' ? 'recorded' : kind,
    title,
    ...(caseId === undefined ? {} : { caseId }),
    ...(outcome.closed === true ? { outcome: 'closed' } : {}),
    ...(message === undefined ? {} : { message }),
  };
  broker.displays.tell(display, variables, told);
}

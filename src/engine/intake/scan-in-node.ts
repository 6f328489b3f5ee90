import type { NodeAPI, Node } from 'node-red';
import { randomUUID } from 'node:crypto';
import { feedbackText, ScanFeedback, ScanIntake, stateFor, TriggerWindow, type Display, type DisplayMessage, type FeedbackFormat, type FeedbackLanguage, type ScanAttachment, type ScanOutcome, type ScanSource, type SourceState } from '../../intake/mqtt/index.ts';
import type { FieldPointers, MapperPreset } from '../../intake/mapper/index.ts';
import { compileExpression } from './expression.ts';
import type { PackagingRow } from '../../domain/packaging/index.ts';
import { addressKey } from '../../domain/envelope.ts';
import type { Waybill } from '../api.ts';
import { intakeDevices } from './devices.ts';
import { brokerOf, connectionOf, type BrokerLink } from './broker-node.ts';
import { intakePort, intakeStep, registerIntakeNode, watchIntake, type Surroundings } from './intake-node.ts';
import { logOf } from './node-log.ts';
import { intakePackaging } from './packaging.ts';
import { epcisOptions, type ScanEpcisConfig } from './scan-epcis.ts';
import { IntakeSamples } from './samples.ts';
import { connectedWith, IntakeStatus } from './intake-status.ts';

export interface ScanInNodeConfig extends ScanEpcisConfig {
  readonly stepId: string;
  readonly site: string;
  readonly broker: string;
  readonly pattern: string;
  readonly preset: MapperPreset;
  readonly pointers: Readonly<Record<string, string>>;
  readonly expression: string;
  readonly fnc1: string;
  /** 0: off. */
  readonly triggerWindowMs: number;
  readonly maxBytes: number;
  readonly operatorRequired: boolean;
  readonly packaging: readonly PackagingRow[];
  readonly unknownPacks: string;
  readonly devices: string;
  readonly otherStation: string;
  readonly process: string;
  readonly template: string;
  readonly uniqueScope: string;
  readonly displayTopic: string;
  readonly feedback: 'none' | FeedbackFormat;
  readonly feedbackTopic: string;
  readonly language: FeedbackLanguage;
}

/** What each node has seen last, over redeploys: a deploy between two pulls of a trigger changes nothing. */
const windows = new Map<string, TriggerWindow>();

function windowOf(address: string, windowMs: number): TriggerWindow | undefined {
  if (windowMs === 0) {
    windows.delete(address);
    return undefined;
  }
  const window = windows.get(address) ?? new TriggerWindow();
  window.windowMs = windowMs;
  windows.set(address, window);
  return window;
}

/** What a running scan in node can tell the form that configures it. */
export interface RunningIntake {
  readonly samples: IntakeSamples;
  readonly source: Pick<ScanSource, 'counters' | 'lastProblem'>;
  state(): SourceState;
}

/** Registers the scan in node: MQTT messages become cases; they are acknowledged when the ledger has them. */
export function registerScanInNode(RED: NodeAPI, type: string, migrate: (config: Readonly<Record<string, unknown>>) => ScanInNodeConfig): void {
  registerIntakeNode(RED, type, migrate, (node, config, surroundings) => {
    const broker = brokerOf(RED, config.broker);
    return 'problem' in broker ? broker.problem : run(node, config, { ...surroundings, broker });
  });
}

function run(node: Node, config: ScanInNodeConfig, surroundings: Surroundings & { readonly broker: BrokerLink }): (removed: boolean) => void {
  const { waybill, site, broker } = surroundings;
  const { nodes } = waybill;
  const status = new IntakeStatus((shown) => { node.status(shown); }, connectedWith('scan', 'scans'));
  const step = intakeStep(node, config, surroundings);
  let attachment: ScanAttachment | undefined;
  let intake: ScanIntake | undefined;
  const samples = new IntakeSamples(() => waybill.clock.now());
  const closers: (() => void)[] = [];
  try {
    const display: Display | undefined = config.displayTopic === '' ? undefined : { topic: config.displayTopic, site: site.id, language: config.language };
    const feedback = feedbackOf(waybill, broker.source, config);
    if (feedback !== undefined) closers.push(() => { feedback.close(); });
    const epcis = epcisOptions(config, site, () => waybill.nodes.timeZone(site.id));
    const window = windowOf(addressKey(step.address), config.triggerWindowMs);
    intake = new ScanIntake({ ...intakePort(nodes), openCase: (opening) => nodes.openCase({ step, ...opening }) }, {
      ...(window === undefined ? {} : { window }),
      ...(epcis === undefined ? {} : { epcis }),
      pattern: config.pattern, preset: config.preset, fnc1: config.fnc1, maxBytes: config.maxBytes, operatorRequired: config.operatorRequired,
      ...intakePackaging(config),
      process: config.process, template: config.template, enterprise: site.enterprise, site: site.id, uniqueScope: config.uniqueScope,
      clock: () => waybill.clock.now(), devices: intakeDevices(nodes, site.id, config),
      ...(config.preset === 'jsonata' ? { evaluate: compileExpression(config.expression) } : {}),
      ...(config.preset === 'custom' ? { pointers: config.pointers as unknown as FieldPointers } : {}),
      onOutcome: (outcome) => {
        if (outcome.flood === true) status.leftOut();
        else status.taken(outcome.kind);
        samples.became(outcome);
        feedback?.became(outcome);
        if (display !== undefined) tell(broker, display, outcome);
      },
      ...(feedback === undefined ? {} : { onBegin: (begin) => { feedback.begun(begin); } }),
      log: logOf(node),
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
    closers.push(...watchIntake(waybill, connectionOf(broker.source, topics.filter), 'scans wait at their devices', status));
    attachment = broker.source.subscribe({
      key: addressKey(step.address), filter: topics.filter, qos: 1,
      claim: (topic) => topics.claim(topic),
      onMessage: (message) => {
        samples.add(message);
        return feedback === undefined ? taking.take(message) : feedback.watch(message, () => taking.take(message));
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
    status.close();
  };
}

function feedbackOf({ nodes, clock }: Waybill, source: ScanSource, { feedback, feedbackTopic, language }: ScanInNodeConfig): ScanFeedback | undefined {
  if (feedback === 'none') return undefined;
  return new ScanFeedback({
    format: feedback, topic: feedbackTopic, language, stamp: { now: () => clock.now(), uuid: () => randomUUID() },
    publish: (topic, payload, properties) => source.publish(topic, payload, properties),
    takes: (topic) => source.takes(topic),
    count: (name) => nodes.count(name),
  });
}

function tell(broker: BrokerLink, display: Display, outcome: ScanOutcome): void {
  const { kind, variables, title, caseId, reason } = outcome;
  const message = display.language === 'de' && reason !== undefined ? feedbackText('de', { reason }) : outcome.message;
  if (kind === 'duplicate' || kind === 'folded') return; // the same once more: its station was told the first time
  const told: DisplayMessage = {
    kind: kind === 'opened' ? 'recorded' : kind,
    title,
    ...(caseId === undefined ? {} : { caseId }),
    ...(outcome.closed === true ? { outcome: 'closed' } : {}),
    ...(message === undefined ? {} : { message }),
  };
  broker.displays.tell(display, variables, told);
}

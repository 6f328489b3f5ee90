import type { NodeAPI, Node } from 'node-red';
import { isSparkplugId, ReportIntake, type HostLink, type ReportIntakeOptions, type ReportOpeningOptions, type ReportTaker, type ReportTriggerKind } from '../../intake/sparkplug/index.ts';
import type { StepHandle, Waybill } from '../api.ts';
import { edgeNodeGate } from './devices.ts';
import { brokerOf } from './broker-node.ts';
import { intakePort, intakeStep, registerIntakeNode, type Surroundings } from './intake-node.ts';
import { IntakeStatus } from './intake-status.ts';
import { logOf } from './node-log.ts';
import type { IntakeSite } from './site-node.ts';
import { holdHost, type HostHold } from './sparkplug-hosts.ts';
import { ReportSamples } from './sparkplug-samples.ts';
import { sparkplugConnected } from './sparkplug-status.ts';

export interface SparkplugInNodeConfig {
  readonly stepId: string;
  readonly site: string;
  readonly broker: string;
  readonly hostId: string;
  readonly primary: boolean;
  readonly groups: string;
  readonly edgeNodes: string;
  readonly devices: string;
  readonly register: string;
  readonly metrics: string;
  readonly trigger: ReportTriggerKind;
  readonly limit: number;
  readonly hysteresis: number;
  readonly deadband: number;
  readonly forSeconds: number;
  readonly historical: boolean;
  readonly facts: Readonly<Record<string, string>>;
  readonly keyFact: string;
  readonly keyType: string;
  readonly uniqueScope: string;
  readonly title: string;
  readonly process: string;
  readonly template: string;
  readonly reorderMs: number;
  readonly maxEdgeNodes: number;
  readonly maxMetrics: number;
}

/** What a running sparkplug in node can tell the form that configures it. */
export interface RunningSparkplug {
  readonly link: HostLink;
  readonly samples: ReportSamples;
}

const DRAIN_MS = 2_000;

/** Registers the sparkplug in node: what edge nodes report becomes cases. */
export function registerSparkplugInNode(RED: NodeAPI, type: string, migrate: (config: Readonly<Record<string, unknown>>) => SparkplugInNodeConfig): void {
  registerIntakeNode(RED, type, migrate, (node, config, surroundings) => {
    const { waybill, site } = surroundings;
    const broker = brokerOf(RED, config.broker);
    if ('problem' in broker) return broker.problem;
    const hostId = hostIdOf(config.hostId, site);
    if (!isSparkplugId(hostId)) return `"${hostId}" is no host id of Sparkplug; leave out /, + and #.`;
    const wrong = groupsOf(config.groups).find((group) => !isSparkplugId(group));
    if (wrong !== undefined) return `"${wrong}" is no group of Sparkplug; leave out /, + and #.`;
    const step = intakeStep(node, config, surroundings); // first: a step id that is taken leaves no host behind
    const host = holdHost(waybill, site, broker.own, { hostId, primary: config.primary, reorderMs: config.reorderMs, edgeNodes: config.maxEdgeNodes, metrics: config.maxMetrics }, logOf(node));
    if (typeof host !== 'string') return run(node, config, { ...surroundings, step, host });
    step.close();
    return host;
  });
}

/** `waybill-<enterprise>-<site>` where none is given. */
export function hostIdOf(configured: string, site: Pick<IntakeSite, 'enterprise' | 'id'>): string {
  return configured === '' ? `waybill-${site.enterprise}-${site.id}`.replace(/[+#/]/g, '-') : configured;
}

export function groupsOf(text: string): readonly string[] {
  return text.split(',').map((group) => group.trim()).filter((group) => group !== '');
}

function run(node: Node, config: SparkplugInNodeConfig, { waybill, site, step, host }: Surroundings & { readonly step: StepHandle; readonly host: HostHold }): (removed: boolean) => Promise<void> {
  const { nodes } = waybill;
  const devices = edgeNodeGate(waybill, site.id, config.register);
  const status = new IntakeStatus((shown) => { node.status(shown); }, (counts) => sparkplugConnected(host.link.summary(), counts));
  const samples = new ReportSamples(() => waybill.clock.now());
  const intake = new ReportIntake({ ...intakePort(nodes), openCase: (opening) => nodes.openCase({ step, ...opening }) }, {
    ...openingOf(config, site), ...takingOf(config), devices,
    clock: () => waybill.clock.now(),
    onOutcome: (outcome) => {
      nodes.count(`sparkplug_${outcome.kind}`);
      status.taken(outcome.kind);
      samples.became(outcome);
    },
    onBusy: (busy) => host.link.busy(taker, busy),
    log: logOf(node),
  });
  const taker: ReportTaker = {
    groups: groupsOf(config.groups),
    take: (report) => intake.take(report),
  };
  const remove = host.add(taker);
  const closers = watch(waybill, host.link, status);
  Object.assign(node, { sparkplug: { link: host.link, samples } satisfies RunningSparkplug });
  return async (removed) => {
    for (const close of closers) close();
    remove(); // what comes from now on waits for the successor
    try {
      const left = await intake.close(waybill.state === 'closed' ? 0 : DRAIN_MS);
      if (left > 0) node.error(`${left} reports were not recorded before this node was closed, and are lost: edge nodes do not send them again.`);
      step.close();
      await host.release(removed);
    } finally {
      status.close();
    }
  };
}

/** What a configuration says of cases. */
export function openingOf(config: SparkplugInNodeConfig, site: Pick<IntakeSite, 'enterprise' | 'id'>): ReportOpeningOptions {
  const { process, template, title, facts, keyFact, keyType, uniqueScope } = config;
  return { process, template, enterprise: site.enterprise, site: site.id, title, facts, keyFact, keyType, uniqueScope };
}

/** What a configuration says of reports. */
export function takingOf(config: SparkplugInNodeConfig): Pick<ReportIntakeOptions, 'filter' | 'trigger'> {
  const { edgeNodes, devices, metrics, trigger: kind, limit, hysteresis, deadband, forSeconds, historical } = config;
  return {
    filter: { groups: groupsOf(config.groups), edgeNodes, devices, metrics },
    trigger: {
      kind, historical, forMs: forSeconds * 1_000,
      ...(kind === 'above' || kind === 'below' ? { limit, hysteresis } : {}),
      ...(kind === 'change' || kind === 'stable' ? { deadband } : {}),
    },
  };
}

/** Keeps the node's status with connection, edge nodes and engine. */
function watch(waybill: Waybill, link: HostLink, status: IntakeStatus): (() => void)[] {
  const show = (): void => {
    if (waybill.state !== 'ready') status.connection(link.state, waybill.reason ?? `Waybill is ${waybill.state}; reports wait in memory, then at the broker.`);
    else status.connection(link.state, undefined);
  };
  show();
  const timer = setInterval(show, 2_000);
  timer.unref();
  return [link.onState(show), waybill.nodes.onAccepting(show), waybill.onState(show), () => clearInterval(timer)];
}

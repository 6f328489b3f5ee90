import type { NodeAPI, Node } from 'node-red';
import type { PlcOpeningOptions } from '../../intake/opcua/index.ts';
import { intakeStep, registerIntakeNode, watchIntake, type Surroundings } from './intake-node.ts';
import { connectedWith, IntakeStatus } from './intake-status.ts';
import { logOf } from './node-log.ts';
import { opcUaOf, type OpcUaLink } from './opcua-endpoint-node.ts';
import { eventsMode } from './plc-in/events.ts';
import { handshakeMode } from './plc-in/handshake.ts';
import type { PlcInMode, PlcInNodeConfig, PlcMode, PlcRunning } from './plc-in/mode.ts';
import { plcPort } from './plc-in/port.ts';
import { PlcSamples } from './plc-in/samples.ts';
import { valuesMode } from './plc-in/values.ts';
import type { IntakeSite } from './site-node.ts';

export type { PlcInNodeConfig } from './plc-in/mode.ts';

export const PLC_MODES: Readonly<Record<PlcInMode, PlcMode>> = { values: valuesMode, handshake: handshakeMode, events: eventsMode };

/** What a running plc in node can tell the form that configures it. */
export interface RunningPlc {
  readonly mode: PlcInMode;
  readonly link: OpcUaLink;
  readonly samples: PlcSamples;
  readonly running: PlcRunning;
}

/** Registers the plc in node: what a controller reports becomes cases. */
export function registerPlcInNode(RED: NodeAPI, type: string, migrate: (config: Readonly<Record<string, unknown>>) => PlcInNodeConfig): void {
  registerIntakeNode(RED, type, migrate, (node, config, surroundings) => {
    const link = opcUaOf(RED, config.endpoint);
    if ('problem' in link) return link.problem;
    const mode = PLC_MODES[config.mode];
    return mode === undefined ? `The mode "${config.mode}" is not known; open the node and choose one.` : mode.problem(config) ?? run(node, config, { ...surroundings, link, mode });
  });
}

/** What a configuration says of the cases that are opened. */
export function plcOpeningOptions({ process, template, uniqueScope, device }: PlcInNodeConfig, site: Pick<IntakeSite, 'id'>, controller: string): PlcOpeningOptions {
  return { process, template, uniqueScope, site: site.id, device: device === '' ? controller : device };
}

function run(node: Node, config: PlcInNodeConfig, surroundings: Surroundings & { readonly link: OpcUaLink; readonly mode: PlcMode }): (removed: boolean) => Promise<void> {
  const { waybill, site, link, mode } = surroundings;
  const step = intakeStep(node, config, surroundings);
  const samples = new PlcSamples(() => waybill.clock.now());
  const counted = connectedWith(...mode.counted);
  // what is connected and has something in its way says so beside its counts
  const status = new IntakeStatus((shown) => { node.status(shown); }, (counts) => {
    const shown = counted(counts);
    const [problem, ...more] = running.problems();
    if (problem === undefined) return shown;
    const others = more.length === 0 ? '' : ` · ${more.length} more in the form`;
    return { fill: running.standing() ? 'red' : 'yellow', shape: running.standing() ? 'ring' : 'dot', text: `${problem}${others} · ${shown.text ?? ''}` };
  });
  const running = mode.start({
    node, config, waybill, site, step, link, samples, port: plcPort({ waybill, site, step, link }), opening: plcOpeningOptions(config, site, link.name), log: logOf(node),
    onOutcome: (outcome) => {
      samples.became(outcome);
      if (outcome.kind !== 'gap' && outcome.kind !== 'trouble' && outcome.kind !== 'told') status.taken(outcome.kind);
    },
    onProblems: () => { status.refresh(); },
  });
  const connection = { state: () => link.connection.state, onState: (listener: () => void) => link.connection.onState(listener) };
  const closers = watchIntake(waybill, connection, 'the controller keeps what it reports', status);
  Object.assign(node, { plc: { mode: config.mode, link, samples, running } satisfies RunningPlc });
  return async (removed) => {
    for (const close of closers) close();
    try {
      await running.close(removed);
    } finally {
      step.close();
      status.close();
    }
  };
}

import type { NodeAPI, Node, NodeDef } from 'node-red';
import type { NodePort, NodeRedNode, StepHandle, Waybill } from '../api.ts';
import { currentWaybill } from '../node-red/current.ts';
import { instanceOf } from '../node-red/instance.ts';
import { noEngine } from './broker-node.ts';
import type { ConnectionState } from './intake-status.ts';
import { intakeSite, type IntakeSite } from './site-node.ts';

export interface Surroundings { readonly waybill: Waybill; readonly site: IntakeSite }

/** Takes away what an intake has attached; `removed`: for good, no successor comes. */
export type Detach = (removed: boolean) => void | Promise<void>;

/** The part of a configuration that every intake has. */
interface IntakeConfig { readonly stepId: string; readonly site: string }

/**
 * Registers a node that takes something in.
 * @param attach attaches a node to where its news come from; or one sentence that says what to mend, also by an error
 */
export function registerIntakeNode<C extends IntakeConfig>(
  RED: NodeAPI, type: string, migrate: (config: Readonly<Record<string, unknown>>) => C, attach: (node: Node, config: C, surroundings: Surroundings) => Detach | string,
): void {
  RED.nodes.registerType(type, function (this: Node, raw: NodeDef) {
    RED.nodes.createNode(this, raw);
    const attached = attachTo(RED, () => migrate({ ...raw }), (config, surroundings) => attach(this, config, surroundings));
    if (typeof attached === 'string') {
      this.status({ fill: 'red', shape: 'ring', text: attached });
      this.error(attached);
      return;
    }
    this.on('close', (removed: boolean, done: () => void) => {
      Promise.resolve(attached(removed)).catch((error: unknown) => { this.warn(`The node was not closed in order: ${String(error)}`); }).finally(done);
    });
  });
}

function attachTo<C extends IntakeConfig>(RED: NodeAPI, read: () => C, attach: (config: C, surroundings: Surroundings) => Detach | string): Detach | string {
  const waybill = currentWaybill();
  if (waybill === undefined) return noEngine;
  try {
    const config = read();
    if (config.stepId === '') return 'This node has no step id; open it, give it one, and deploy.';
    const site = intakeSite(RED, config.site);
    return 'problem' in site ? site.problem : attach(config, { waybill, site });
  } catch (error) {
    // what stands in the configuration cannot be used as it is; the sentence says what to mend
    return error instanceof Error ? error.message : String(error);
  }
}

/** The step that opens the cases of an intake. */
export function intakeStep(node: Node, { stepId }: IntakeConfig, { waybill, site }: Surroundings): StepHandle {
  return waybill.nodes.registerStep({
    node: node as unknown as NodeRedNode,
    address: { instance: instanceOf(node), stepId },
    requires: [], pattern: undefined, outputs: 1,
    ...(site.stallMs === undefined ? {} : { stallMs: site.stallMs }),
    ...(site.hopLimit === undefined ? {} : { hopLimit: site.hopLimit }),
  });
}

/** What every intake asks of the engine, besides what becomes of its news. */
export function intakePort(nodes: NodePort): Pick<NodePort, 'quarantine' | 'accepting' | 'onAccepting' | 'count'> {
  return {
    quarantine: (input) => nodes.quarantine(input),
    accepting: () => nodes.accepting(),
    onAccepting: (listener) => nodes.onAccepting(listener),
    count: (name, by) => nodes.count(name, by),
  };
}

interface WatchedConnection {
  state(): ConnectionState;
  onState(listener: () => void): () => void;
}

/**
 * Shows where an intake stands, now and whenever connection or engine change. Returns what ends it.
 * @param meanwhile what becomes of news while the engine is not ready: the end of a sentence
 */
export function watchIntake(waybill: Waybill, connection: WatchedConnection, meanwhile: string, status: { connection(state: ConnectionState, refusing: string | undefined): void }): (() => void)[] {
  const show = (): void => {
    if (waybill.state !== 'ready') status.connection(connection.state(), waybill.reason ?? `Waybill is ${waybill.state}; ${meanwhile}.`);
    else if (!waybill.nodes.accepting()) status.connection({ kind: 'connecting' }, undefined); // a deploy is under way
    else status.connection(connection.state(), undefined);
  };
  show();
  return [connection.onState(show), waybill.nodes.onAccepting(show), waybill.onState(show)];
}

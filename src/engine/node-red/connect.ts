import type { EventEmitter } from 'node:events';
import type { WaybillSettings } from '../api.ts';
import type { Engine } from '../engine.ts';
import { flowReader } from './flow-reader.ts';
import { warnOfUnheldRoles } from './role-check.ts';
import { findingsSummary } from '../governance/summary.ts';
import { once } from '../support/reporting.ts';
import type { EngineTuning } from '../settings.ts';

/** The part of Node-RED's runtime API that a plugin gets and the engine uses. */
export interface RuntimeApi {
  readonly log: { info(text: string): void; warn(text: string): void; error(text: string): void };
  readonly events: EventEmitter;
  readonly settings: { readonly userDir?: string; readonly waybill?: Partial<WaybillSettings>; readonly waybillTuning?: Partial<EngineTuning> };
  readonly hooks?: { add(name: string, hook: (event: never) => void): void };
  readonly nodes?: { getNode?(id: string): { readonly name?: string; readonly type?: string; warn?(text: string): void } | undefined; eachNode?(each: (node: { readonly id: string; readonly type: string }) => void): void };
  readonly comms?: { publish(topic: string, data: unknown, retain: boolean): void };
  readonly version?: string | (() => string | Promise<string>);
}

interface ReceiveEvent { readonly msg: unknown; readonly destination: { readonly id: string } }
interface CompleteEvent { readonly msg: unknown; readonly error?: unknown; readonly node: { readonly id: string; readonly node?: { readonly type?: string } } }

/** Ties the engine to what happens in Node-RED: deploys, and messages in plain nodes. Hooks are synchronous: an asynchronous one loses the order. */
export function connectToNodeRed(RED: RuntimeApi, engine: Engine): void {
  engine.readFlow = flowReader(RED);
  const version = typeof RED.version === 'function' ? RED.version() : RED.version;
  if (typeof version === 'string') engine.hostVersion = version;
  engine.governance.publish = (report) => RED.comms?.publish('waybill/findings', findingsSummary(report), true);
  RED.events.on('flows:stopping', () => engine.flowsStopping());
  RED.events.on('flows:started', (event?: { type?: string }) => {
    void engine.flowsStarted(event?.type ?? 'full');
    void warnOfUnheldRoles(RED, engine);
  });
  RED.events.on('runtime-event', (event: { id?: string; payload?: { state?: string; error?: string; type?: string } }) => {
    // Warnings without a state, for example about credentials, do not keep the flows from starting.
    if (event.id !== 'runtime-state' || event.payload?.error === undefined || event.payload.state === undefined) return;
    void engine.flowsNotStarted(event.payload.error)
      .catch((error: unknown) => once('not-started', `It could not be recorded that the flows did not start: ${String(error)}`));
  });
  RED.hooks?.add('onReceive.waybill', (event: ReceiveEvent) => engine.watch.seen(event.msg, event.destination.id));
  RED.hooks?.add('onComplete.waybill', (event: CompleteEvent) => {
    if (event.error === undefined || event.error === null || (event.node.node?.type ?? '').startsWith('waybill-')) return;
    engine.watch.failed(event.msg, event.node.id, event.error);
  });
}

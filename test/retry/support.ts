import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RecordedEvent } from '../../src/domain/envelope.ts';
import type { EventType } from '../../src/domain/events.ts';
import type { PersonIdentity } from '../../src/engine/api.ts';
import type { EngineTuning } from '../../src/engine/settings.ts';
import type { FlowNode } from '../engine/support/messages.ts';
import { NodeRedProcess } from '../engine/support/node-red-process.ts';
import { OtherSystem } from '../nodes/support/system.ts';

const place = { z: 'tab', x: 0, y: 0 };

/** case open → retry → http request → close; what is given up goes to `gave-up` when it is wired. */
export function retryFlow(url: string, config: Readonly<Record<string, unknown>> = {}, options: { readonly id?: string; readonly gaveUp?: boolean; readonly request?: Readonly<Record<string, unknown>> } = {}): FlowNode[] {
  const id = (name: string): string => `${options.id ?? ''}${name}`;
  return [
    { id: id('open'), ...place, type: 'waybill-case-open', stepId: id('open'), process: 'procure-to-pay', template: 'test@1.0.0', keyName: '', key: '', keyType: 'str', unique: false, facts: 'payload', factsType: 'msg', title: '', titleType: 'str', operator: '', operatorType: 'msg', transportId: '', transportIdType: 'msg', configVersion: 1, wires: [[id('retry')], []] },
    { id: id('retry'), ...place, type: 'waybill-retry', stepId: id('retry'), baseDelaySeconds: 0.05, maxDelaySeconds: 0.1, maxAttempts: 4, maxMinutes: 5, answerSeconds: 5, ...config, configVersion: 1, wires: [[id('request')], options.gaveUp === true ? [id('gave-up')] : []] },
    { id: id('request'), ...place, type: 'http request', name: 'ask the ERP', method: 'POST', ret: 'obj', paytoqs: 'ignore', url: `${url}/${options.id ?? 'a'}`, persist: false, senderr: false, insecureHTTPParser: false, headers: [], ...options.request, wires: [[id('done')]] },
    { id: id('done'), ...place, type: 'waybill-case-close', stepId: id('done'), outcome: 'done', outcomeType: 'str', cancelOpen: false, configVersion: 1, wires: [] },
    { id: id('gave-up'), ...place, type: 'waybill-case-close', stepId: id('gave-up'), outcome: 'error.code', outcomeType: 'msg', cancelOpen: false, configVersion: 1, wires: [] },
  ];
}

export const base: readonly FlowNode[] = [{ id: 'tab', type: 'tab', label: 'Retry' }];

export const eve: PersonIdentity = { userId: 'eve', name: 'eve', roles: ['integration-clerk', 'engineer'], sites: ['*'], authMethod: 'password', channel: 'inbox' };

/** A Node-RED process and a system that it calls, each real. */
export class RetryBench {
  readonly root = mkdtempSync(path.join(tmpdir(), 'waybill-retry-'));
  readonly erp: OtherSystem;
  node: NodeRedProcess;
  flows: readonly FlowNode[] = [];
  tuning: Partial<EngineTuning> = {};
  readonly #nodes: NodeRedProcess[] = [];

  private constructor(erp: OtherSystem) {
    this.erp = erp;
    this.node = this.#process();
  }

  static async start(): Promise<RetryBench> {
    return new RetryBench(await OtherSystem.start());
  }

  #process(): NodeRedProcess {
    const node = new NodeRedProcess(path.join(this.root, `node-red-${this.#nodes.length}`));
    this.#nodes.push(node);
    return node;
  }

  async open(...flows: readonly FlowNode[]): Promise<void> {
    this.flows = [...base, ...flows];
    await this.node.ask('open', { home: path.join(this.root, 'home'), flows: this.flows, tuning: this.tuning });
  }

  /** The process ends without a word, and another takes its place. */
  async crash(): Promise<void> {
    await this.node.kill();
    this.node = this.#process();
    await this.node.ask('open', { home: path.join(this.root, 'home'), flows: this.flows, tuning: this.tuning });
  }

  async stop(): Promise<void> {
    for (const node of this.#nodes) if (!node.gone) await node.kill();
    await this.erp.stop();
    rmSync(this.root, { recursive: true, force: true });
  }

  inject(payload: unknown, node = 'open'): Promise<null> {
    return this.node.ask('inject', { node, msg: { payload } });
  }

  /** Case ids, oldest first, once there are so many. */
  async cases(many: number): Promise<readonly string[]> {
    const { open, closed } = await this.node.until((look) => look.open.length + look.closed.length >= many);
    return [...open, ...closed].map(({ caseId }) => caseId).sort();
  }

  async eventsOf<T extends EventType>(streamId: string, type: T): Promise<readonly Extract<RecordedEvent, { type: T }>[]> {
    return (await this.node.ask('events', { streamId })).filter((event): event is Extract<RecordedEvent, { type: T }> => event.type === type);
  }

  async until(holds: () => Promise<boolean>): Promise<void> {
    for (const end = Date.now() + 30_000; !await holds();) {
      if (Date.now() > end) throw new Error('It did not come about in 30 s.');
      await sleep(20);
    }
  }

  async outcomes(many: number): Promise<readonly (string | null)[]> {
    return (await this.node.until((look) => look.closed.length >= many)).closed.map(({ outcome }) => outcome);
  }
}

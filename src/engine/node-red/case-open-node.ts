import type { NodeAPI, NodeDef } from 'node-red';
import type { Json, JsonObject } from '../../domain/index.ts';
import type { OpenCaseInput, OpenCaseResult, StepHandle, Waybill } from '../api.ts';
import { asText, list } from '../patterns/typed.ts';
import { currentWaybill } from './current.ts';
import type { LiveNode } from './governed-node.ts';
import { instanceOf } from './instance.ts';
import { siteOf } from './site-config.ts';
import { StatusLine } from './status-line.ts';
import { typedEvaluator } from './typed-evaluator.ts';
import { WaitingRoom } from './waiting-room.ts';

/** Config of a `case open` node. */
export interface CaseOpenConfig {
  readonly stepId: string; readonly site: string; readonly process: string; readonly template: string; readonly keyName: string;
  readonly key: string; readonly keyType: string; readonly unique: boolean; readonly uniqueScope: string;
  readonly facts: string; readonly factsType: string; readonly title: string; readonly titleType: string;
  readonly operator: string; readonly operatorType: string; readonly transportId: string; readonly transportIdType: string;
  /** Comma-separated step ids of approvals whose reversals it opens. */
  readonly reversalsOf?: string;
}

type Evaluate = ReturnType<typeof typedEvaluator>;

const room = new WaitingRoom();

/** Registers `waybill-case-open`: opens a case from a message of any plain node. */
export function caseOpenNode(RED: NodeAPI, migrate: (config: Readonly<Record<string, unknown>>) => CaseOpenConfig): void {
  function CaseOpenNode(this: LiveNode, definition: NodeDef): void {
    RED.nodes.createNode(this as never, definition);
    const status = new StatusLine(this);
    const waybill = currentWaybill();
    if (waybill === undefined) {
      status.problem('Waybill is not running in this Node-RED');
      return;
    }
    let handle: StepHandle;
    let config: CaseOpenConfig;
    try {
      config = migrate(definition as unknown as Record<string, unknown>);
      if (!config.stepId) throw new Error('This node has no step id; open it, give it one, and deploy.');
      const of = list(config.reversalsOf);
      handle = waybill.nodes.registerStep({
        node: this, address: { instance: instanceOf(this), stepId: config.stepId }, requires: [], pattern: undefined, outputs: 2,
        ...(of.length === 0 ? {} : { reversal: { of, process: config.process, template: config.template } }),
      });
    } catch (error) {
      status.problem((error as Error).message);
      this.error((error as Error).message);
      return;
    }
    const site = siteOf(RED, config.site)?.siteId || waybill.settings.site;
    const evaluate = typedEvaluator(RED, this);
    status.follow(waybill, handle.address);
    this.on('input', (msg, _send, done) => {
      void open(waybill, handle, config, site, evaluate, msg as Record<string, unknown>).then((result) => {
        // The repeat is news, not a token: it travels as a plain message.
        if (result.kind !== 'opened') this.send([null, { ...msg, waybill: undefined, caseId: result.caseId, repeat: result.kind }]);
        done();
      }, (error: unknown) => done(error instanceof Error ? error : new Error(String(error))));
    });
    this.on('close', (done) => {
      status.close();
      handle.close();
      done();
    });
  }
  RED.nodes.registerType('waybill-case-open', CaseOpenNode as never);
}

async function open(waybill: Waybill, handle: StepHandle, config: CaseOpenConfig, site: string, evaluate: Evaluate, msg: Record<string, unknown>): Promise<OpenCaseResult> {
  const value = async (text: string, type: string): Promise<unknown> => (text === '' ? undefined : type === 'str' ? text : evaluate(text, type, msg, {}));
  const key = asText(await value(config.key, config.keyType));
  const facts = plain(await value(config.facts, config.factsType));
  const document: JsonObject = typeof facts === 'object' && facts !== null && !Array.isArray(facts) ? facts as JsonObject : { value: facts };
  const title = asText(await value(config.title, config.titleType)) || (key === '' ? config.process : `${config.keyName || 'key'} ${key}`);
  const operator = asText(await value(config.operator, config.operatorType));
  const transportId = asText(await value(config.transportId, config.transportIdType));
  if (config.unique && key === '') throw new Error('The case has no key, but its key must be unique; check the key of this node.');
  const input: OpenCaseInput = {
    step: handle, process: config.process, template: config.template, site, title, document,
    keys: key === '' ? [] : [{ type: config.keyName || 'key', value: key }],
    message: { payload: plain(msg['payload']), ...(typeof msg['topic'] === 'string' ? { topic: msg['topic'] } : {}) },
    ...(config.unique ? { unique: { scope: config.uniqueScope || config.process, key } } : {}),
    ...(transportId === '' ? {} : { transportId }), ...(operator === '' ? {} : { operator }),
    device: `node:${handle.address.stepId}`,
  };
  return room.whenTaken(waybill, () => waybill.nodes.openCase(input));
}

/** A value as JSON; what JSON cannot carry is refused by JSON itself. */
function plain(value: unknown): Json {
  return value === undefined ? null : JSON.parse(JSON.stringify(value)) as Json;
}

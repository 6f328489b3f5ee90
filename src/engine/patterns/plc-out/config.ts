import type { TagCondition } from '../../../domain/plc/trigger.ts';
import { interlockProblems, NODE_ID, writeProblems } from '../../../domain/plc/write.ts';
import type { PlcWrite, WriteProblem } from '../../../domain/plc/write.ts';
import type { ConditionAnswer, OpcUaTags } from '../../../intake/opcua/index.ts';
import { ConfigError } from '../typed.ts';

/** Config of a `plc out` node. */
export interface PlcOutConfig {
  readonly endpoint: string;
  /** `write`: values to tags; `call`: a method with arguments; `acknowledge`, `confirm`: an alarm that opened the case. */
  readonly action: 'write' | 'call' | 'acknowledge' | 'confirm';
  /** Where the alarm stands in the facts, as a plc in node put it there. */
  readonly alarm: string;
  /** What the server keeps with it. */
  readonly comment: string; readonly commentType: string;
  /** Tags with their values, or the arguments of the method. */
  readonly writes: readonly PlcWrite[];
  readonly objectId: string; readonly methodId: string;
  /** Tags that have to hold immediately before; their `tag` is a node id. */
  readonly interlocks: readonly TagCondition[];
  readonly onInterlock: 'wait' | 'refuse'; readonly interlockSeconds: number | string;
  /** One tag after the other, each read back before the next is written. */
  readonly inOrder: boolean;
  readonly readBackSeconds: number | string;
  /** When nobody knows whether it happened: look at the tags, do it again, or ask a person. */
  readonly recovery: 'read-back' | 'again' | 'person';
  readonly maxAttempts: number | string; readonly maxMinutes: number | string; readonly baseDelaySeconds: number | string; readonly maxDelaySeconds: number | string;
  readonly circuitFailures?: number | string; readonly openSeconds?: number | string;
  readonly recordAs: string; readonly milestone: string;
}

/** The controller of a step, as it is when it is asked for. */
export interface PlcLink {
  readonly tags: Pick<OpcUaTags, 'read' | 'write' | 'call' | 'methodArguments'>;
  readonly name: string;
  /** Acknowledges or confirms a condition; the name of the status with which the server answers. */
  readonly answer: (answer: ConditionAnswer & { readonly branch: string }) => Promise<string>;
}
export type PlcSource = () => PlcLink | { readonly problem: string };

const sentences: Readonly<Record<WriteProblem['code'], (row: number) => string>> = {
  'none': () => 'This plc out writes no tag; add one',
  'too-many': (row) => `This plc out has more than ${row} values; spread them over several nodes`,
  'no-name': (row) => `Value ${row + 1} has no name; give it one`,
  'name-twice': (row) => `The name of value ${row + 1} stands twice; give each its own`,
  'bad-node-id': (row) => `Value ${row + 1} has no usable node id; choose its tag`,
  'bad-type': (row) => `The type of value ${row + 1} does not exist; choose one`,
  'bad-bound': (row) => `A bound of value ${row + 1} is no number; correct it`,
  'bounds-crossed': (row) => `The least of value ${row + 1} is above its largest; correct them`,
  'key-for-tag': (row) => `Value ${row + 1} is the key of a method call, and it goes to a tag; choose what the tag is to have`,
  'bad-tolerance': (row) => `The tolerance of value ${row + 1} is no number of 0 or more; correct it`,
  'bad-length': (row) => `The longest text of value ${row + 1} is no whole number; correct it`,
  'interlock-node-id': (row) => `Condition ${row + 1} has no usable node id; choose its tag`,
  'interlock-order': (row) => `Condition ${row + 1} compares something that is no number; choose = or !=, or write a number`,
  'interlock-value': (row) => `Condition ${row + 1} has no value; write one`,
  'too-many-interlocks': (row) => `This plc out has more than ${row} conditions; leave some out`,
  'unreadable': (row) => `Value ${row + 1} cannot be read; remove it and make it anew`,
};

/** Whether it says something to an alarm. */
export function isAnswer(action: PlcOutConfig['action']): action is 'acknowledge' | 'confirm' {
  return action === 'acknowledge' || action === 'confirm';
}

/** @throws ConfigError with a sentence that says what to mend */
export function checkPlcOut(config: PlcOutConfig): void {
  if (config.action === 'call' && (!NODE_ID.test(config.methodId ?? '') || !NODE_ID.test(config.objectId ?? ''))) {
    throw new ConfigError('This plc out calls a method and has no usable node id of it or of its object; choose them, and deploy.');
  }
  const [problem] = [...(isAnswer(config.action) ? [] : writeProblems(config.writes ?? [], config.action !== 'call')), ...interlockProblems(config.interlocks ?? [])];
  if (problem !== undefined) throw new ConfigError(`${sentences[problem.code](problem.row)}, and deploy.`);
  if (isAnswer(config.action)) return;
  if (config.action !== 'call' && config.recovery === 'read-back' && !config.writes.some(({ readBack }) => readBack)) {
    throw new ConfigError('This plc out is to look at its tags when no answer comes, and none of them is read back; tick one, or choose another way, and deploy.');
  }
  if (config.action === 'call' && config.recovery === 'read-back') throw new ConfigError('What a method did cannot be read back; choose another way for when no answer comes, and deploy.');
}

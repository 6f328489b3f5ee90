import Big from 'big.js';
import type { TagCondition } from './trigger.ts';
import { TAG_OPERATORS } from './trigger.ts';

/** Types of tags and arguments that can be written; '' is as the controller declares it. */
export const WRITABLE_TYPES: readonly string[] = ['Boolean', 'SByte', 'Byte', 'Int16', 'UInt16', 'Int32', 'UInt32', 'Int64', 'UInt64', 'Float', 'Double', 'String', 'DateTime'];
/** Tags or arguments of one step. */
export const MOST_WRITES = 50;
/** Tags that have to hold before. */
export const MOST_INTERLOCKS = 20;

/** One value for the controller, and what it may be. Numbers of the bounds are text, as they are typed. */
export interface PlcWrite {
  /** By which the case and people know it. */
  readonly name: string;
  /** Of a tag; an argument of a method has none. */
  readonly nodeId: string;
  readonly type: string;
  readonly value: string;
  /** `key`: the step's idempotency key, of arguments only. */
  readonly valueType: string;
  readonly least: string;
  readonly most: string;
  /** The only values that it may have, separated by commas. */
  readonly allowed: string;
  /** Longest text; 0 is any. */
  readonly maxLength: number;
  /** Whether the tag is read after it was written, and has to have the value. */
  readonly readBack: boolean;
  /** By how much a number may differ when it is read back. */
  readonly tolerance: string;
}

/** Why a value is not given to the controller. */
export type ValueFault = 'no-value' | 'not-allowed' | 'too-small' | 'too-large' | 'not-a-number' | 'text-too-long';

const NUMBER = /^[-+]?\d{1,40}(\.\d{1,30})?$/;

function numberOf(value: unknown): Big | undefined {
  const text = typeof value === 'number' ? (Number.isFinite(value) ? String(value) : '') : typeof value === 'string' ? value.trim().replace(/^\+/, '') : '';
  if (!NUMBER.test(text) && !(typeof value === 'number' && Number.isFinite(value))) return undefined;
  return new Big(text);
}

const listOf = (text: string): readonly string[] => text.split(',').map((part) => part.trim()).filter((part) => part !== '');

function isOneOf(value: unknown, allowed: readonly string[]): boolean {
  const number = typeof value === 'boolean' ? undefined : numberOf(value);
  return allowed.some((each) => {
    const other = numberOf(each);
    return String(value) === each || (number !== undefined && other !== undefined && number.eq(other));
  });
}

/** What is wrong with a value for a tag, by what is declared of it. */
export function judgeValue(write: Pick<PlcWrite, 'least' | 'most' | 'allowed' | 'maxLength'>, value: unknown): ValueFault | undefined {
  if (value === undefined || value === null) return 'no-value';
  const allowed = listOf(write.allowed);
  if (allowed.length > 0 && !isOneOf(value, allowed)) return 'not-allowed';
  if (write.least.trim() !== '' || write.most.trim() !== '') {
    const number = typeof value === 'boolean' ? undefined : numberOf(value);
    if (number === undefined) return 'not-a-number';
    if (write.least.trim() !== '' && number.lt(write.least.trim())) return 'too-small';
    if (write.most.trim() !== '' && number.gt(write.most.trim())) return 'too-large';
  }
  return write.maxLength > 0 && typeof value === 'string' && value.length > write.maxLength ? 'text-too-long' : undefined;
}

/** One sentence for a person. */
export function valueFaultText(write: Pick<PlcWrite, 'name' | 'least' | 'most' | 'allowed' | 'maxLength'>, value: unknown, fault: ValueFault): string {
  const shown = JSON.stringify(value)?.slice(0, 60) ?? 'nothing';
  switch (fault) {
    case 'no-value': return `There is no value for ${write.name} in this case.`;
    case 'not-allowed': return `${shown} is no allowed value of ${write.name}; allowed are ${listOf(write.allowed).join(', ')}.`;
    case 'not-a-number': return `${shown} is no number, and ${write.name} has bounds.`;
    case 'too-small': return `${shown} is below the least value of ${write.name}, ${write.least.trim()}.`;
    case 'too-large': return `${shown} is above the largest value of ${write.name}, ${write.most.trim()}.`;
    case 'text-too-long': return `${shown} is longer than the ${write.maxLength} characters of ${write.name}.`;
  }
}

/** What is wrong with a declaration, by its place. */
export interface WriteProblem {
  readonly code: 'none' | 'too-many' | 'no-name' | 'name-twice' | 'bad-node-id' | 'bad-type' | 'bad-bound' | 'bounds-crossed' | 'bad-tolerance' | 'bad-length' | 'key-for-tag' | 'interlock-node-id' | 'interlock-order' | 'interlock-value' | 'too-many-interlocks' | 'unreadable';
  /** Row of the values, or of the interlocks. */
  readonly row: number;
}

/** Form of a node id (OPC 10000-6 §5.1.12), with the namespace by its number or name. */
export const NODE_ID = /^(?:ns=\d{1,5};|nsu=[^;]+;)?[isgb]=.+$/s;

const isBound = (text: string): boolean => text.trim() === '' || NUMBER.test(text.trim());

function rowProblem(write: PlcWrite, forTag: boolean): WriteProblem['code'] | undefined {
  if (forTag && !NODE_ID.test(write.nodeId.trim())) return 'bad-node-id';
  if (forTag && write.valueType === 'key') return 'key-for-tag';
  if (write.type !== '' && !WRITABLE_TYPES.includes(write.type)) return 'bad-type';
  if (!isBound(write.least) || !isBound(write.most)) return 'bad-bound';
  if (write.least.trim() !== '' && write.most.trim() !== '' && new Big(write.least.trim().replace(/^\+/, '')).gt(write.most.trim().replace(/^\+/, ''))) return 'bounds-crossed';
  if (!isBound(write.tolerance) || write.tolerance.trim().startsWith('-')) return 'bad-tolerance';
  return Number.isInteger(write.maxLength) && write.maxLength >= 0 ? undefined : 'bad-length';
}

/** All that is wrong with the values of a step; `forTags`: each is written to a tag. */
export function writeProblems(writes: readonly PlcWrite[], forTags: boolean): readonly WriteProblem[] {
  if (forTags && writes.length === 0) return [{ code: 'none', row: 0 }];
  if (writes.length > MOST_WRITES) return [{ code: 'too-many', row: MOST_WRITES }];
  const seen = new Set<string>();
  return writes.flatMap((write, row): WriteProblem[] => {
    if (typeof write !== 'object' || write === null || typeof write.name !== 'string') return [{ code: 'unreadable', row }];
    const name = write.name.trim();
    const twice = seen.has(name);
    seen.add(name);
    const code = name === '' ? 'no-name' : twice ? 'name-twice' : rowProblem(write, forTags);
    return code === undefined ? [] : [{ code, row }];
  });
}

/** All that is wrong with the conditions on tags that have to hold before; their `tag` is a node id. */
export function interlockProblems(interlocks: readonly TagCondition[]): readonly WriteProblem[] {
  if (interlocks.length > MOST_INTERLOCKS) return [{ code: 'too-many-interlocks', row: MOST_INTERLOCKS }];
  return interlocks.flatMap(({ tag, operator, value }, row): WriteProblem[] => {
    const code = !NODE_ID.test(String(tag).trim()) ? 'interlock-node-id'
      : !TAG_OPERATORS.includes(operator) || (operator !== '=' && operator !== '!=' && typeof value !== 'number') ? 'interlock-order'
      : (typeof value === 'string' && value === '') || (typeof value === 'number' && !Number.isFinite(value)) ? 'interlock-value' : undefined;
    return code === undefined ? [] : [{ code, row }];
  });
}

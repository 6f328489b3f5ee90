import type { Json, JsonObject } from '../../domain/json.ts';
import { isObject } from '../../domain/json.ts';
import { isPointer, pointerOf } from '../../domain/json-pointer.ts';
import type { ServiceDefinition, ServiceOperation } from '../../domain/service/index.ts';
import { ENGINES, readStatement } from './statement.ts';
import type { Engine, Statement } from './statement.ts';
import { readType } from './values.ts';
import type { ParameterType } from './values.ts';

/** Where a parameter has its value from. */
export interface Parameter { readonly name: string; readonly type: ParameterType; /** JSON Pointer into the document. */ readonly from: string; /** NULL where the document has nothing. */ readonly optional: boolean }

/** A statement that changes rows, and how many it has to change: else everything is taken back. */
export interface Change { readonly statement: Statement; readonly changes: number | 'some' | 'any' }

/** A statement that reads. */
export interface Reading { readonly statement: Statement; readonly answer: 'row' | 'rows'; readonly maxRows: number }

/** An operation over SQL: either it reads, or its changes are one transaction. */
export interface SqlOperation {
  readonly engine: Engine;
  readonly parameters: ReadonlyMap<string, Parameter>;
  readonly read: Reading | undefined;
  readonly changes: readonly Change[];
  /** Takes the key of the call into a table where it is unique, first of all in the transaction. */
  readonly once: Statement | undefined;
  /** How what was to be changed stands now, when other than the expected rows were changed. */
  readonly newer: Reading | undefined;
}

export interface BindingProblem { readonly at: string; readonly message: string }

const READS = ['SELECT', 'WITH', 'VALUES', 'TABLE'];
const CHANGES = ['INSERT', 'UPDATE', 'DELETE', 'MERGE', 'WITH', 'REPLACE'];
const defaultRows = 1_000;
const mostRows = 10_000;
const mostChanges = 20;

/** Reads an operation: what it says, and what is wrong with it, one sentence each by JSON Pointer into its binding. */
export function readOperation(service: ServiceDefinition, operation: ServiceOperation): { readonly operation: SqlOperation; readonly problems: readonly BindingProblem[] } {
  const problems: BindingProblem[] = [];
  const wrong = (at: string, message: string): void => { problems.push({ at, message }); };
  const engine = engineOf(service) ?? 'postgresql';
  const { binding } = operation;
  const parameters = parametersOf(binding, wrong);
  const used = new Set<string>();
  const statement = (value: Json | undefined, at: string, verbs: readonly string[], does: string): Statement | undefined => {
    if (typeof value !== 'string' || value.trim() === '') return void wrong(at, 'There is no statement; write one.');
    const read = readStatement(value, engine);
    if ('problem' in read) return void wrong(at, read.problem);
    if (!verbs.includes(read.verb)) wrong(at, `The statement begins with "${read.verb}", and one that ${does} begins with ${verbs.join(', ')}.`);
    for (const name of read.names) {
      used.add(name);
      if (!parameters.has(name)) wrong(at, `The statement has a parameter :${name} that is not declared; say its type under "parameters".`);
    }
    return read;
  };
  const reading = (value: JsonObject, member: string, at: string): Reading | undefined => {
    const read = statement(value[member], `${at}/${member}`, READS, 'reads');
    if (read !== undefined && /^\s*\(?\s*select\s+(all\s+|distinct\s+)?([\w"`]+\.)?\*/i.test(read.text)) wrong(`${at}/${member}`, 'The statement reads "*"; name its columns, so that one that is added changes no answer.');
    const { answer = 'rows', maxRows = defaultRows } = value;
    if (answer !== 'row' && answer !== 'rows') wrong(`${at}/answer`, 'What comes back is "row" or "rows".');
    if (typeof maxRows !== 'number' || !Number.isInteger(maxRows) || maxRows < 1 || maxRows > mostRows) wrong(`${at}/maxRows`, `"maxRows" is a whole number from 1 to ${mostRows}.`);
    return read === undefined ? undefined : { statement: read, answer: answer === 'row' ? 'row' : 'rows', maxRows: answer === 'row' ? 1 : Number(maxRows) };
  };
  const reads = operation.effect === 'reads';
  if (reads) {
    for (const member of ['statements', 'once', 'result', 'newer']) if (binding[member] !== undefined) wrong(`/${member}`, `An operation that reads has no "${member}"; say "effect": "writes", or take it out.`);
    const read = reading(binding, 'statement', '');
    return { problems: [...problems, ...unused(parameters, used)], operation: { engine, parameters, read, changes: [], once: undefined, newer: undefined } };
  }
  if (binding['statement'] !== undefined) wrong('/statement', 'An operation that writes lists its "statements".');
  const given = Array.isArray(binding['statements']) ? binding['statements'] as readonly Json[] : [];
  if (given.length === 0 || given.length > mostChanges) wrong('/statements', `An operation that writes has 1 to ${mostChanges} statements, all in one transaction.`);
  const changes = given.flatMap((each, index): Change[] => {
    const at = `/statements/${index}`;
    const { statement: source, changes: expected = 'some' } = isObject(each) ? each : {};
    const read = statement(source, `${at}/statement`, CHANGES, 'writes');
    if (expected !== 'some' && expected !== 'any' && !(typeof expected === 'number' && Number.isInteger(expected) && expected >= 0)) wrong(`${at}/changes`, '"changes" is how many rows it has to change: a whole number, "some" or "any".');
    return read === undefined ? [] : [{ statement: read, changes: typeof expected === 'number' || expected === 'any' ? expected : 'some' }];
  });
  const once = binding['once'] === undefined ? undefined : statement(binding['once'], '/once', ['INSERT'], 'takes the key');
  wrongOnce(operation, once, parameters, wrong);
  const read = binding['result'] === undefined ? undefined : reading(binding, 'result', '');
  const newer = binding['newer'] === undefined ? undefined : reading(binding, 'newer', '');
  return { problems: [...problems, ...unused(parameters, used)], operation: { engine, parameters, read, changes, once, newer: newer === undefined ? undefined : { ...newer, answer: 'row', maxRows: 1 } } };
}

/** Sent again under its key, or after a question, a call could be done twice: an earlier one may still be at work. Only a unique key tells. */
function wrongOnce({ idempotency, recovery }: ServiceOperation, once: Statement | undefined, parameters: SqlOperation['parameters'], wrong: (at: string, message: string) => void): void {
  if (once === undefined) {
    if (recovery.by !== 'none') wrong('/once', 'What writes and is sent again takes its key into a table where it is unique, in the same transaction: say "once": "INSERT INTO … VALUES (:key)", or let a person look ("recovery": "none").');
    return;
  }
  const [place] = [idempotency?.in === 'field' ? idempotency.name : undefined];
  if (place === undefined) wrong('/once', 'The key of the call is taken from the document: say "idempotency": {"in": "field", "name": "/key"}.');
  else if (!once.names.some((name) => parameters.get(name)?.from === place)) wrong('/once', `The statement does not take the key of the call: none of its parameters is from ${place}.`);
  if (/\bon\s+conflict\b|\bignore\b|\bon\s+duplicate\b/i.test(once.text)) wrong('/once', 'A key that is there already has to be an error: take ON CONFLICT, IGNORE or ON DUPLICATE KEY out.');
}

function parametersOf(binding: JsonObject, wrong: (at: string, message: string) => void): ReadonlyMap<string, Parameter> {
  const declared = binding['parameters'] ?? {};
  if (!isObject(declared)) wrong('/parameters', 'Parameters stand by their names: {"item": {"type": "text"}}.');
  return new Map(Object.entries(isObject(declared) ? declared : {}).flatMap(([name, value]): [string, Parameter][] => {
    const at = pointerOf('parameters', name);
    const { type, from = pointerOf(name), optional = false } = isObject(value) ? value : {};
    const read = typeof type === 'string' ? readType(type) : undefined;
    if (read === undefined) wrong(`${at}/type`, 'The type is text, integer, numeric(digits,places), boolean, date, instant, uuid or json.');
    if (typeof from !== 'string' || !isPointer(from)) wrong(`${at}/from`, `"${String(from)}" is no JSON Pointer; write one such as /item.`);
    return read === undefined || typeof from !== 'string' ? [] : [[name, { name, type: read, from, optional: optional === true }]];
  }));
}

function unused(parameters: SqlOperation['parameters'], used: ReadonlySet<string>): readonly BindingProblem[] {
  return [...parameters.keys()].filter((name) => !used.has(name)).map((name) => ({ at: pointerOf('parameters', name), message: `No statement has a parameter :${name}; take it out.` }));
}

export function engineOf({ binding = {} }: ServiceDefinition): Engine | undefined {
  return ENGINES.find((engine) => engine === binding['engine']);
}

import { DmnModdle } from 'dmn-moddle';
import type { ModdleElement } from 'dmn-moddle';
import { columnTypes, readTable } from '../../domain/decision-table/index.ts';
import type { Aggregation, ColumnType, DecisionTable } from '../../domain/decision-table/index.ts';

/** Largest DMN document that is read, characters. */
const largest = 1_000_000;

/** A DMN document that holds no table that can be taken over; the message says why. */
export class DmnError extends Error {
  override readonly name = 'DmnError';
}

/** Table of a DMN document, and what of it was left out. */
export interface DmnImport {
  readonly name: string;
  readonly table: DecisionTable;
  /** Names of the further decision tables of the document. */
  readonly others: readonly string[];
  readonly leftOut: readonly string[];
}

// ── reading ───────────────────────────────────────────────────────────────────────────────────────

const hitPolicies: Readonly<Record<string, DecisionTable['hitPolicy']>> = { UNIQUE: 'unique', FIRST: 'first', COLLECT: 'collect', 'RULE ORDER': 'collect' };
const aggregations: Readonly<Record<string, Aggregation>> = { SUM: 'sum', MIN: 'min', MAX: 'max', COUNT: 'count' };
const types: Readonly<Record<string, ColumnType>> = { number: 'number', integer: 'number', long: 'number', double: 'number', string: 'string', boolean: 'boolean', date: 'date' };

function text(element: unknown, member: string): string {
  const value = (element as ModdleElement | undefined)?.[member];
  return typeof value === 'string' ? value.trim() : '';
}

function listed(element: ModdleElement, member: string): string[] {
  const values = text(element[member], 'text');
  return values === '' ? [] : (values.match(/"(?:[^"\\]|\\.)*"/g) ?? []).map((each) => JSON.parse(each) as string);
}

function columnType(typeRef: string, label: string, leftOut: string[]): ColumnType {
  const name = typeRef.split(':').at(-1)?.toLowerCase() ?? '';
  const type = types[name] ?? columnTypes.find((each) => each === name);
  if (type === undefined && typeRef !== '' && name !== 'any') leftOut.push(`The type "${typeRef}" of "${label}" is not known; the column holds texts.`);
  return type ?? 'string';
}

function readDecision(decision: ModdleElement, logic: ModdleElement, leftOut: string[]): DecisionTable {
  const policy = text(logic, 'hitPolicy') || 'UNIQUE';
  const hitPolicy = hitPolicies[policy];
  if (hitPolicy === undefined) throw new DmnError(`The table "${text(decision, 'name')}" has the hit policy ${policy}; Waybill knows UNIQUE, FIRST, COLLECT and RULE ORDER.`);
  const inputs = logic.get('input').map((input) => {
    const expression = input['inputExpression'] as ModdleElement | undefined;
    const source = text(expression, 'text');
    const label = text(input, 'label') || source;
    return { label, source, sourceType: /jsonata/i.test(text(expression, 'expressionLanguage')) ? 'jsonata' : 'facts', type: columnType(text(expression, 'typeRef'), label, leftOut), values: listed(input, 'inputValues') };
  });
  const outputs = logic.get('output').map((output) => {
    const name = text(output, 'name') || text(output, 'label') || 'result';
    return { name, type: columnType(text(output, 'typeRef'), name, leftOut), values: listed(output, 'outputValues') };
  });
  const rules = logic.get('rule').map((rule, i) => ({
    id: text(rule, 'id') || String(i + 1), note: text(rule, 'description'),
    when: rule.get('inputEntry').map((entry) => text(entry, 'text')), then: rule.get('outputEntry').map((entry) => text(entry, 'text')),
  }));
  if (logic.get('annotation').length > 0) leftOut.push('Columns of annotations are left out; a description of a rule is kept as its note.');
  return readTable({ hitPolicy, aggregation: aggregations[text(logic, 'aggregation')] ?? 'list', inputs, outputs, rules });
}

/**
 * Reads a decision table out of a DMN 1.3 document.
 * @param decision id or name of the decision; the first with a table when absent
 * @throws DmnError
 */
export async function readDmn(xml: string, decision?: string): Promise<DmnImport> {
  if (xml.length > largest) throw new DmnError('The document is larger than a million characters; take the decision out that you need.');
  let definitions: ModdleElement;
  try {
    ({ rootElement: definitions } = await new DmnModdle().fromXML(xml));
  } catch (error) {
    throw new DmnError(`This is no DMN document: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
  const found = definitions.get('drgElement').flatMap((each) => {
    const logic = each.$type === 'dmn:Decision' ? each['decisionLogic'] as ModdleElement | undefined : undefined;
    return logic?.$type === 'dmn:DecisionTable' ? [{ decision: each, logic }] : [];
  });
  const chosen = decision === undefined ? found[0] : found.find((each) => text(each.decision, 'id') === decision || text(each.decision, 'name') === decision);
  if (chosen === undefined) throw new DmnError(decision === undefined ? 'The document holds no decision table.' : `The document holds no decision table "${decision}".`);
  const leftOut: string[] = [];
  const table = readDecision(chosen.decision, chosen.logic, leftOut);
  const nameOf = (each: ModdleElement): string => text(each, 'name') || text(each, 'id');
  return { name: nameOf(chosen.decision), table, leftOut, others: found.filter((each) => each !== chosen).map((each) => nameOf(each.decision)) };
}

// ── writing ───────────────────────────────────────────────────────────────────────────────────────

/** DMN has no parameters of a table: their values take the place of their names. Quoted texts stay. */
function withValues(cell: string, table: DecisionTable): string {
  return cell.replace(/"(?:[^"\\]|\\.)*"|[A-Za-z_]\w*/g, (word) => {
    const parameter = word.startsWith('"') ? undefined : table.parameters.find(({ name }) => name === word);
    if (parameter === undefined) return word;
    return parameter.type === 'string' ? JSON.stringify(parameter.value) : parameter.type === 'date' ? `date("${parameter.value}")` : parameter.value;
  });
}

function xmlName(text: string, fallback: string): string {
  const name = text.replace(/[^A-Za-z0-9_.-]/g, '_');
  return /^[A-Za-z_]/.test(name) ? name : `${fallback}${name}`;
}

/** Writes a table as a DMN 1.3 document. */
export async function writeDmn(name: string, table: DecisionTable): Promise<string> {
  const moddle = new DmnModdle();
  const expression = (type: string, id: string, value: string, attributes: object = {}): ModdleElement => moddle.create(type, { id, text: value, ...attributes });
  const values = (id: string, list: readonly string[]): ModdleElement => expression('dmn:UnaryTests', id, list.map((each) => JSON.stringify(each)).join(','));
  const typeRef = (type: ColumnType): string => (type === 'decimal' ? 'number' : type);
  const logic = moddle.create('dmn:DecisionTable', {
    id: 'table', hitPolicy: table.hitPolicy.toUpperCase(),
    ...(table.hitPolicy === 'collect' && table.aggregation !== 'list' ? { aggregation: table.aggregation.toUpperCase() } : {}),
  });
  table.inputs.forEach((column, i) => logic.get('input').push(moddle.create('dmn:InputClause', {
    id: `input_${i + 1}`, label: column.label,
    inputExpression: expression('dmn:LiteralExpression', `input_${i + 1}_expression`, column.source, {
      typeRef: typeRef(column.type), ...(column.sourceType === 'jsonata' ? { expressionLanguage: 'http://jsonata.org' } : {}),
    }),
    ...(column.values.length === 0 ? {} : { inputValues: values(`input_${i + 1}_values`, column.values) }),
  })));
  table.outputs.forEach((column, i) => logic.get('output').push(moddle.create('dmn:OutputClause', {
    id: `output_${i + 1}`, name: column.name, typeRef: typeRef(column.type),
    ...(column.values.length === 0 ? {} : { outputValues: values(`output_${i + 1}_values`, column.values) }),
  })));
  table.rules.forEach((rule) => {
    const id = xmlName(rule.id, 'rule_');
    const row = moddle.create('dmn:DecisionRule', { id, ...(rule.note === '' ? {} : { description: rule.note }) });
    rule.when.forEach((cell, i) => row.get('inputEntry').push(expression('dmn:UnaryTests', `${id}_when_${i + 1}`, withValues(cell.trim() || '-', table))));
    rule.then.forEach((cell, i) => row.get('outputEntry').push(expression('dmn:LiteralExpression', `${id}_then_${i + 1}`, withValues(cell.trim(), table))));
    logic.get('rule').push(row);
  });
  const id = xmlName(name || 'decision', 'decision_');
  const definitions = moddle.create('dmn:Definitions', { id: 'definitions', name: name || 'decision', namespace: 'urn:waybill:decision' });
  definitions.get('drgElement').push(moddle.create('dmn:Decision', { id, name: name || 'decision', decisionLogic: logic }));
  return (await moddle.toXML(definitions, { format: true })).xml;
}

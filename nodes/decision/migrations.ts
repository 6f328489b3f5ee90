import { migrationTo } from '../config-version.ts';

export type ColumnType = 'number' | 'decimal' | 'string' | 'boolean' | 'date';

/** What a rule asks about; `sourceType` as in a typed input. */
export interface Condition { label: string; source: string; sourceType: 'facts' | 'jsonata' | 'msg'; type: ColumnType; values: string[] }
export interface Answer { name: string; type: ColumnType; values: string[] }
export interface Rule { id: string; when: string[]; then: string[]; note: string; central: boolean }
export interface Parameter { name: string; type: ColumnType; value: string; min: string; max: string; scope: 'central' | 'site' }

/** A decision table as a flow holds it. */
export interface Table {
  hitPolicy: 'unique' | 'first' | 'collect';
  aggregation: 'list' | 'sum' | 'min' | 'max' | 'count';
  inputs: Condition[];
  outputs: Answer[];
  rules: Rule[];
  parameters: Parameter[];
}

/** Configuration of a decision node, version 1. */
export interface DecisionNodeConfig {
  readonly name: string;
  readonly stepId: string;
  readonly requires: string;
  /** `name@version`, under which the ledger records it. */
  readonly tableName: string;
  readonly table: Table;
  /** Dot path in the case document; blank: not recorded. */
  readonly recordAs: string;
  readonly onNoRule: 'exception' | 'output';
  readonly queue: string;
  readonly milestone: string;
  readonly configVersion: number;
}

export const EMPTY_TABLE: Table = {
  hitPolicy: 'unique',
  aggregation: 'list',
  inputs: [{ label: '', source: '', sourceType: 'facts', type: 'number', values: [] }],
  outputs: [{ name: 'result', type: 'string', values: [] }],
  rules: [{ id: '1', when: ['-'], then: [''], note: '', central: false }],
  parameters: [],
};

export const DECISION_DEFAULTS: DecisionNodeConfig = {
  name: '',
  stepId: '',
  requires: '',
  tableName: '',
  table: EMPTY_TABLE,
  recordAs: '',
  onNoRule: 'exception',
  queue: 'clerk',
  milestone: '',
  configVersion: 1,
};

export const migrateDecision = migrationTo(DECISION_DEFAULTS);

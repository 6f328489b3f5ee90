import { migrationTo } from '../config-version.ts';

/** One value for the controller; numbers of the bounds are text, as they are typed. */
export interface PlcOutValue {
  readonly name: string; readonly nodeId: string; readonly type: string; readonly value: string; readonly valueType: string;
  readonly least: string; readonly most: string; readonly allowed: string; readonly maxLength: number; readonly readBack: boolean; readonly tolerance: string;
}

/** A tag that has to hold before; `tag` is its node id. */
export interface PlcOutInterlock { readonly tag: string; readonly operator: '=' | '!=' | '<' | '<=' | '>' | '>='; readonly value: boolean | number | string }

/** Configuration of a plc out node, version 1. */
export interface PlcOutNodeConfig {
  readonly name: string;
  readonly stepId: string;
  readonly requires: string;
  /** Id of a config node. */
  readonly endpoint: string;
  readonly action: 'write' | 'call' | 'acknowledge' | 'confirm';
  /** Path of the facts where the alarm stands, and what is said with it. */
  readonly alarm: string;
  readonly comment: string;
  readonly commentType: string;
  /** Tags with their values, or the arguments of the method, in its order. */
  readonly writes: readonly PlcOutValue[];
  readonly objectId: string;
  readonly methodId: string;
  readonly interlocks: readonly PlcOutInterlock[];
  readonly onInterlock: 'wait' | 'refuse';
  readonly interlockSeconds: number;
  readonly inOrder: boolean;
  readonly readBackSeconds: number;
  readonly recovery: 'read-back' | 'again' | 'person';
  readonly maxAttempts: number;
  readonly maxMinutes: number;
  readonly baseDelaySeconds: number;
  readonly maxDelaySeconds: number;
  /** 0: as other nodes of the controller say. */
  readonly circuitFailures: number;
  readonly openSeconds: number;
  readonly recordAs: string;
  readonly milestone: string;
  readonly configVersion: number;
}

export const PLC_OUT_DEFAULTS: PlcOutNodeConfig = {
  name: '',
  stepId: '',
  requires: '',
  endpoint: '',
  action: 'write',
  alarm: 'plc',
  comment: '',
  commentType: 'str',
  writes: [],
  objectId: '',
  methodId: '',
  interlocks: [],
  onInterlock: 'wait',
  interlockSeconds: 300,
  inOrder: false,
  readBackSeconds: 3,
  recovery: 'read-back',
  maxAttempts: 20,
  maxMinutes: 60,
  baseDelaySeconds: 1,
  maxDelaySeconds: 30,
  circuitFailures: 0,
  openSeconds: 30,
  recordAs: '',
  milestone: '',
  configVersion: 1,
};

const current = migrationTo(PLC_OUT_DEFAULTS);

const VALUE_DEFAULTS: Omit<PlcOutValue, 'name'> = { nodeId: '', type: '', value: '', valueType: 'str', least: '', most: '', allowed: '', maxLength: 0, readBack: false, tolerance: '' };

/** A value as the form writes it. In a flow that was written by hand or by a program what says nothing may be missing, and numbers may be numbers. */
function valueOf(raw: unknown): unknown {
  if (typeof raw !== 'object' || raw === null) return raw;
  const given = raw as Readonly<Record<string, unknown>>;
  const read = Object.entries(VALUE_DEFAULTS).map(([property, fallback]) => {
    const value = given[property];
    if (value === undefined || value === null || (value === '' && property === 'maxLength')) return [property, fallback];
    if (property === 'maxLength') return [property, Number(value)];
    return [property, typeof fallback === 'string' && typeof value === 'number' ? String(value) : property === 'allowed' && Array.isArray(value) ? value.join(', ') : value];
  });
  return { ...given, ...Object.fromEntries(read) as Partial<PlcOutValue> };
}

export function migratePlcOut(config: Readonly<Record<string, unknown>>): PlcOutNodeConfig {
  const migrated = current(config);
  return Array.isArray(migrated.writes) ? { ...migrated, writes: migrated.writes.map(valueOf) as readonly PlcOutValue[] } : migrated;
}

import type { Json, JsonObject } from '../../../domain/json.ts';

/** One event notification in our words (OPC UA Part 5 §6.4.2; of a condition also Part 9 §5.5.2). */
export interface OpcUaEvent {
  /** Hexadecimal; names this notification on its server. */
  readonly eventId: string;
  /** Node id with the name of its namespace, as all of them here. */
  readonly eventType: string;
  readonly source: string;
  readonly sourceName: string;
  /** Epoch milliseconds by the server: when it came to be. */
  readonly at: number;
  readonly message: string;
  /** 1 to 1,000. */
  readonly severity: number;
  readonly condition?: ConditionState;
  /** What else was selected, by its browse name; only what the event had. */
  readonly fields: JsonObject;
}

/** Where a condition stands (OPC UA Part 9 §5.5 to §5.8). States that its type does not have are absent. */
export interface ConditionState {
  readonly id: string;
  readonly name: string;
  /** '' for the condition as it is now; another one is an earlier state that still waits for somebody (§5.5.2). */
  readonly branch: string;
  /** It is of interest: what a refresh tells (§5.5.2). */
  readonly retain: boolean;
  readonly enabled: boolean;
  readonly active?: boolean;
  /** When it became what it is, epoch milliseconds. */
  readonly activeSince?: number;
  readonly acknowledged?: boolean;
  readonly confirmed?: boolean;
  readonly suppressed?: boolean;
  readonly comment: string;
}

/** An alarm that is remembered: its case, and how far the server has it. Key: condition and branch. */
export interface KnownAlarm {
  /** Node id of its condition. */
  readonly condition: string;
  /** Names this activation for ever: its case is opened under it. */
  readonly activation: string;
  readonly since?: number;
  /** Absent while the case is being opened. */
  readonly caseId?: string;
  readonly active: boolean;
  readonly acknowledged: boolean;
  /** Absent where the type has no such state. */
  readonly confirmed?: boolean;
  /** Of its last notification: what Acknowledge and Confirm have to name. */
  readonly eventId: string;
  readonly name: string;
  /** The case was closed. */
  readonly closed?: true;
}

export interface AlarmBook { readonly [key: string]: KnownAlarm }

/** What a node remembers of conditions. */
export interface AlarmState {
  readonly alarms: AlarmBook;
  /** While the server tells all that is of interest: keys that were told so far. */
  readonly refreshing?: readonly string[];
}

export interface EventRules {
  /** Less severe events open no case; 1 is every one. */
  readonly leastSeverity: number;
  /** Whether a suppressed or shelved alarm opens a case. */
  readonly suppressed: boolean;
}

export type AlarmChange = 'inactive' | 'acknowledged' | 'confirmed' | 'disabled';

export type EventOutcome =
  /** A case. `again`: it may be there already. `unseen`: it is over, and nobody looked at it. */
  | { readonly kind: 'open'; readonly event: OpcUaEvent; readonly id: string; readonly key?: string; readonly unseen?: true }
  /** Something about an alarm that has a case. `unseen`: it came to be while nobody listened. `at`: epoch milliseconds, 0 when not known. */
  | { readonly kind: 'changed'; readonly change: AlarmChange; readonly alarm: KnownAlarm; readonly at: number; readonly event?: OpcUaEvent; readonly unseen?: true }
  | { readonly kind: 'passed'; readonly reason: 'severity' | 'suppressed' | 'known' | 'over' }
  /** The server asks for a refresh (Part 9 §5.5.7), or has dropped events (Part 4 §7.22.3). */
  | { readonly kind: 'refresh-required' }
  | { readonly kind: 'overflow'; readonly at: number };

export interface EventDecision { readonly state: AlarmState; readonly outcomes: readonly EventOutcome[] }

/** Types of the standard that are about listening itself (Part 9 §5.5.7, Part 5 §6.4). */
export const STANDARD_TYPE = {
  base: 'i=2041', condition: 'i=2782', acknowledgeable: 'i=2881', alarm: 'i=2915',
  system: 'i=2130', refreshStart: 'i=2787', refreshEnd: 'i=2788', refreshRequired: 'i=2789', overflow: 'i=3035',
} as const;

export type { Json };

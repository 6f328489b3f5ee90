import type { CaseCommand, RungAction, RungSpec, Severity, Watched } from '../../domain/index.ts';
import type { StepPattern } from '../api.ts';
import { calendarOf, elapsedMs } from './due.ts';
import { ConfigError, list } from './typed.ts';

/** A rung as the form stores it. */
export interface RungConfig {
  readonly value: number | string; readonly unit: RungSpec['unit']; readonly working: boolean; readonly action: RungAction;
  readonly role?: string; readonly severity?: Severity; readonly queue?: string; readonly code?: string;
}

/** Config of an `escalation` node. */
export interface EscalationConfig {
  readonly watch: Watched; readonly steps: string; readonly until: string; readonly calendar: string; readonly rungs: readonly RungConfig[];
}

const actions: ReadonlySet<string> = new Set<RungAction>(['remind', 'notify', 'reassign', 'raise', 'reject', 'exception']);

function rungOf(config: RungConfig, index: number, watch: Watched): RungSpec {
  const at = `Rung ${index + 1}`;
  const value = Number(config.value);
  if (!actions.has(config.action)) throw new ConfigError(`${at} does nothing that Waybill knows; choose what happens on it, and deploy.`);
  if (config.value === '' || elapsedMs({ value, unit: config.unit, working: false }) === undefined) throw new ConfigError(`${at} has no time; give a number from 0 on, and deploy.`);
  const role = (config.role ?? '').trim();
  const needsRole = config.action === 'notify' || config.action === 'reassign' || (config.action === 'raise' && watch !== 'exception');
  if (needsRole && role === '') throw new ConfigError(`${at} names no role; say who is told or decides, and deploy.`);
  if (watch === 'exception' && (config.action === 'reassign' || config.action === 'reject')) throw new ConfigError(`${at} is about a task, and this node watches exceptions; choose another action, and deploy.`);
  return {
    value, unit: config.unit ?? 'hours', working: config.working === true, action: config.action, ...(role === '' ? {} : { role }),
    ...(config.action === 'exception' ? { code: (config.code ?? '').trim() || 'overdue', queue: (config.queue ?? '').trim() || 'site-manager', severity: config.severity ?? 'high' } : {}),
  };
}

/** Makes its ladder a policy of the case and passes the message on: what is asked later on climbs as well. */
export function escalationPattern(config: EscalationConfig): StepPattern {
  const rungs = (config.rungs ?? []).map((rung, index) => rungOf(rung, index, config.watch));
  if (rungs.length === 0) throw new ConfigError('This node has no rungs; add what happens after which time, and deploy.');
  const working = rungs.some((rung) => rung.working);
  if (working && !config.calendar) throw new ConfigError('Working time needs a calendar; choose one, or count all time on every rung, and deploy.');
  return {
    async run(step) {
      // A calendar that cannot be used is seen here, where somebody looks, and not when the first rung is due.
      if (working) calendarOf(step, config.calendar);
      const arm: CaseCommand = {
        type: 'ArmEscalation', runId: step.runId, watch: config.watch, steps: list(config.steps), rungs,
        ...(config.until ? { until: config.until } : {}), ...(config.calendar ? { calendarId: config.calendar } : {}),
      };
      await step.complete([{ port: 0 }], [arm]);
    },
  };
}

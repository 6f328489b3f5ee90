import type { GateState } from './port.ts';
import { gateParts } from './in-place.ts';

export interface StateInput {
  readonly governed: boolean;
  readonly policyVersion: string | undefined;
  /** There was a policy once, which cannot be read now. */
  readonly hadPolicy?: boolean;
  /** There is no catalogue any more, where there was one. */
  readonly lost?: boolean;
  /** What settings.js says: a site that has just begun only warns. */
  readonly wanted: 'enforce' | 'warn';
  readonly baseline: GateState['baseline'];
  /** Why it cannot judge; undefined: it can. */
  readonly problem: string | undefined;
}

const LINE = "storageModule: require('@waybill/node-red/storage')";

/** How the gate of this process stands. */
export function gateState({ governed, policyVersion, hadPolicy = false, lost = false, wanted, baseline, problem }: StateInput): GateState {
  const { storage = false, middleware = false } = gateParts();
  const more = { governed, storage, middleware, policyVersion, baseline, mode: policyVersion === undefined && !hadPolicy ? wanted : 'enforce' as const };
  if (problem !== undefined) return { ...more, state: 'refusing', code: 'cannot-judge', reason: `The deploy gate refuses deploys: ${problem}` };
  if (!governed) {
    return {
      ...more, state: 'ungated', code: 'no-catalogue',
      reason: `This site is ungated: it has no catalogue of central templates and no central policy (WAYBILL_CATALOGUE). ${storage ? 'Deploys are judged by the rules as they are.' : 'Nothing looks at what is deployed.'}`,
    };
  }
  if (!storage) {
    return {
      ...more, state: 'missing', code: 'storage-module',
      reason: `The deploy gate is missing, so governed steps do not run: put ${LINE} into settings.js ("waybill init" does it) and restart Node-RED.`,
    };
  }
  const reason = more.mode === 'warn' ? 'Every deploy is judged; errors are shown and refuse nothing yet.' : 'Every deploy is judged, and refused when it breaks a rule.';
  const without = lost ? ' This site has had a catalogue, and WAYBILL_CATALOGUE names none any more: name it again.' : hadPolicy && policyVersion === undefined ? ' The central policy cannot be read at the moment, so each rule holds at its own level.' : '';
  return { ...more, state: 'active', code: more.mode, reason: `${reason}${without}` };
}

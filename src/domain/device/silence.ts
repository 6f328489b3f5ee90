import type { Decision, RefusalCode } from '../decision.ts';
import { accepted, nothing, refused } from '../decision.ts';
import type { AnyEvent } from '../envelope.ts';

/** When devices of a site are missed: after so many minutes of the calendar's working time without a sign of life. */
export interface DeviceWatch {
  /** 0: only devices that say so themselves. */
  readonly minutes: number;
  /** `device`: each one; `station`: a station, when none of its devices reports. */
  readonly per: 'device' | 'station';
  /** Name of a calendar node; '' for around the clock. */
  readonly calendar: string;
  /** Role that gets the task. */
  readonly role: string;
}

export const noWatch: DeviceWatch = { minutes: 0, per: 'device', calendar: '', role: 'supervisor' };

export interface SilenceSubject { readonly kind: 'device' | 'station'; readonly id: string }

/** One silence of a device or station. `version`: events of its stream so far. */
export interface Silence { readonly alarmId?: string; readonly since?: string; readonly version: number }

export function setWatch(before: DeviceWatch, watch: DeviceWatch): Decision {
  const refuse = (code: RefusalCode): Decision => refused('SetDeviceWatch', code);
  if (!Number.isInteger(watch.minutes) || watch.minutes < 0 || watch.minutes > 10_080) return refuse('device-silence-invalid');
  if (!/^[a-z0-9][a-z0-9:-]{0,63}$/.test(watch.role)) return refuse('device-role-invalid');
  if (watch.minutes === before.minutes && watch.per === before.per && watch.calendar === before.calendar && watch.role === before.role) return nothing('it is so already');
  return accepted({ type: 'DeviceWatchSet', data: { ...watch } });
}

export function evolveWatch(state: DeviceWatch, event: AnyEvent): DeviceWatch {
  return event.type === 'DeviceWatchSet' ? { ...event.data } : state;
}

/** An alarm is raised once, whoever looks how often. */
export function raiseSilence(state: Silence, subject: SilenceSubject, alarm: { readonly alarmId: string; readonly since: string; readonly minutes: number }): Decision {
  if (state.alarmId !== undefined) return nothing('the alarm is raised already');
  return accepted({ type: 'DeviceSilent', data: { ...alarm, subject: subject.kind, subjectId: subject.id } });
}

/** `heard`: it reports again. `not-expected`: nobody waits for it any more, as when it is retired or the watch was changed. */
export function endSilence(state: Silence, subject: SilenceSubject, how: 'heard' | 'not-expected'): Decision {
  if (state.alarmId === undefined) return nothing('no alarm is raised');
  return accepted({ type: 'DeviceHeard', data: { alarmId: state.alarmId, subject: subject.kind, subjectId: subject.id, how } });
}

export function evolveSilence(state: Silence, event: AnyEvent): Silence {
  const version = state.version + 1;
  switch (event.type) {
    case 'DeviceSilent': return { alarmId: event.data.alarmId, since: event.data.since, version };
    case 'DeviceHeard': return { version };
    default: return state;
  }
}

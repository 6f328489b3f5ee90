import { endSilence, evolveSilence, evolveWatch, noWatch, raiseSilence, setWatch } from '../../domain/device/index.ts';
import type { Device, DeviceWatch, Silence, SilenceSubject } from '../../domain/device/index.ts';
import type { Decision } from '../../domain/decision.ts';
import { LedgerError } from '../../ledger/port.ts';
import type { Ledger } from '../../ledger/port.ts';
import type { Outcome, PersonIdentity } from '../api.ts';
import type { GovernanceTask } from '../governance/governance-tasks.ts';
import { RefusalLog } from '../refusal-log.ts';
import { systemActor } from '../site-log.ts';
import type { SiteLog } from '../site-log.ts';
import type { Clock } from '../support/clock.ts';
import { uuidv7 } from '../support/ids.ts';
import { Mailboxes } from '../support/mailboxes.ts';
import { once } from '../support/reporting.ts';
import type { WorkCalendar } from '../work-calendar.ts';
import type { WatchView } from './device-port.ts';
import type { Listening } from './listening.ts';
import { deviceRefusal } from './register.ts';
import type { DeviceRegister } from './register.ts';
import type { SiteSightings } from './sightings.ts';

export interface SilencesOptions {
  readonly ledger: Ledger; readonly siteLog: SiteLog; readonly clock: Clock; readonly pseudonym: (userId: string) => string; readonly count: (name: string) => void;
  readonly register: DeviceRegister; readonly sightings: (site: string) => SiteSightings; readonly listening: () => Listening;
  /** Calendar node of the running flows by its name. */
  readonly calendar: (name: string) => WorkCalendar | undefined;
  /** Opens the task once for its key; the case that it is in. */
  readonly openTask: (task: GovernanceTask) => Promise<string>;
  readonly closeTask: (caseId: string, note: string) => Promise<void>;
}

interface Expected { readonly subject: SilenceSubject; readonly minutes: number; readonly lastSeen: number; readonly connected: boolean }
interface Standing { readonly site: string; readonly subject: SilenceSubject; silence: Silence; minutes: number }

const minuteMs = 60_000;

function keyOf(site: string, { kind, id }: SilenceSubject): string {
  return `${site}\0${kind}:${id}`;
}

function streamOf(site: string, { kind, id }: SilenceSubject): string {
  return `device-silence:${site}/${kind}:${id}`;
}

/**
 * Devices and stations of which nothing is heard: once an event and a task, over when they report again. The alarm stands in
 * the ledger, so a restart neither forgets nor repeats it; the task has the alarm's id as its key.
 */
export class Silences {
  readonly #options: SilencesOptions;
  readonly #watches = new Map<string, { watch: DeviceWatch; version: number }>();
  readonly #standing = new Map<string, Standing>();
  /** Alarms whose task is known to be there. */
  readonly #asked = new Set<string>();
  readonly #mailboxes = new Mailboxes();
  readonly #refusals: RefusalLog;

  constructor(options: SilencesOptions) {
    this.#options = options;
    this.#refusals = new RefusalLog(options.siteLog, options.clock);
  }

  async open(): Promise<void> {
    for (const { site, version, ...watch } of await this.#options.ledger.deviceWatches()) this.#watches.set(site, { watch, version });
    for (const row of await this.#options.ledger.deviceSilences()) {
      const subject = { kind: row.subject, id: row.subject_id };
      this.#standing.set(keyOf(row.site, subject), { site: row.site, subject, minutes: row.minutes, silence: { ...(row.alarm_id === null ? {} : { alarmId: row.alarm_id }), since: row.since, version: row.version } });
    }
  }

  get raised(): number {
    let raised = 0;
    for (const { silence } of this.#standing.values()) if (silence.alarmId !== undefined) raised += 1;
    return raised;
  }

  /** Since when a device is silent, alone or with its station. */
  silentSince(site: string, deviceId: string, station: string | undefined): string | undefined {
    const of = (subject: SilenceSubject): string | undefined => {
      const silence = this.#standing.get(keyOf(site, subject))?.silence;
      return silence?.alarmId === undefined ? undefined : silence.since;
    };
    return of({ kind: 'device', id: deviceId }) ?? (station === undefined ? undefined : of({ kind: 'station', id: station }));
  }

  watch(site: string): WatchView {
    const watch = this.#watches.get(site)?.watch ?? noWatch;
    return { ...watch, site, problem: this.#problem(watch) };
  }
  #problem({ calendar }: DeviceWatch): string | undefined {
    return calendar === '' || this.#options.calendar(calendar) !== undefined ? undefined : `There is no usable calendar node "${calendar}" in the running flows, so nothing is missed at the moment; add it, or choose another one.`;
  }

  setWatch({ site, by, commandKey, ...watch }: DeviceWatch & { readonly site: string; readonly by: PersonIdentity; readonly commandKey?: string }): Promise<Outcome> {
    return this.#mailboxes.run(site, async () => {
      try {
        if (commandKey !== undefined && await this.#options.ledger.findCommand(commandKey) !== undefined) return { ok: true };
        const before = this.#watches.get(site) ?? { watch: noWatch, version: 0 };
        const decision = setWatch(before.watch, { minutes: watch.minutes, per: watch.per, calendar: watch.calendar, role: watch.role });
        const actor = { kind: 'person' as const, id: this.#options.pseudonym(by.userId) };
        if (decision.kind === 'refused') {
          await this.#refusals.record(decision, by, actor);
          return deviceRefusal(decision.code);
        }
        if (decision.events.length === 0) return { ok: true };
        const result = await this.#options.siteLog.recordAll(`device-watch:${site}`, before.version, decision.events, { actor, site, ...(commandKey === undefined ? {} : { commandKey }) });
        if (!result.ok) return { ok: false, code: 'conflict', status: 'conflict', message: 'Somebody else has changed this meanwhile; reload the page.' };
        this.#watches.set(site, { watch: decision.events.reduce(evolveWatch, before.watch), version: before.version + decision.events.length });
        return { ok: true };
      } catch (error) {
        if (!(error instanceof LedgerError)) throw error;
        return { ok: false, code: 'ledger-unavailable', status: 'unavailable', message: `It could not be confirmed that this was recorded; look at the page, then try again. ${error.message}` };
      }
    });
  }

  /** Looks at all sites. What the ledger does not take now, the next look does. */
  async look(): Promise<void> {
    for (const site of new Set([...this.#options.register.sites(), ...[...this.#standing.values()].map((each) => each.site)])) {
      await this.#mailboxes.run(site, () => this.#lookAt(site));
    }
  }

  async #lookAt(site: string): Promise<void> {
    const watch = this.#watches.get(site)?.watch ?? noWatch;
    if (this.#problem(watch) !== undefined) return;
    const calendar = watch.calendar === '' ? undefined : this.#options.calendar(watch.calendar);
    const now = this.#options.clock.now();
    const between = calendar === undefined ? (from: number, to: number) => to - from : (from: number, to: number) => calendar.between(new Date(from).toISOString(), new Date(to).toISOString());
    const expected = this.#expected(site, watch);
    for (const [key, each] of expected) {
      const standing = this.#standing.get(key);
      const silent = !each.connected && this.#options.listening().quiet(Math.min(each.lastSeen, now), now, between) >= each.minutes * minuteMs;
      if (silent) await this.#raise(site, each, standing, watch.role);
      else if (standing?.silence.alarmId !== undefined && (each.connected || new Date(each.lastSeen).toISOString() > (standing.silence.since ?? ''))) await this.#end(standing, 'heard', watch.role);
    }
    for (const [key, standing] of this.#standing) if (standing.site === site && standing.silence.alarmId !== undefined && !expected.has(key)) await this.#end(standing, 'not-expected', watch.role);
  }

  /** Whom the site expects to hear of, with when that was last. */
  #expected(site: string, watch: DeviceWatch): Map<string, Expected> {
    const expected = new Map<string, Expected>();
    const sightings = this.#options.sightings(site);
    for (const { device, registeredAt } of this.#options.register.of(site).values()) {
      if (device.state !== 'active') continue;
      const { subject, minutes } = expectation(device, watch);
      if (minutes === 0) continue;
      const seen = sightings.get(device.deviceId);
      const lastSeen = Math.max(seen?.lastSeen ?? 0, Date.parse(registeredAt));
      const key = keyOf(site, subject);
      const other = expected.get(key);
      expected.set(key, {
        subject, minutes, lastSeen: Math.max(lastSeen, other?.lastSeen ?? 0), connected: (seen?.connections ?? 0) > 0 || other?.connected === true,
      });
    }
    return expected;
  }

  async #raise(site: string, { subject, minutes, lastSeen }: Expected, known: Standing | undefined, role: string): Promise<void> {
    const standing = known ?? await this.#load(site, subject, minutes);
    const decision = raiseSilence(standing.silence, subject, { alarmId: uuidv7(this.#options.clock.now()), since: new Date(lastSeen).toISOString(), minutes });
    if (decision.kind === 'accepted' && decision.events.length > 0) {
      standing.minutes = minutes;
      if (!await this.#record(standing, decision)) return;
      this.#options.count('device_silences');
    }
    await this.#ask(standing, role);
  }

  /** Once for each alarm: what a crash left without its task gets it at the next look. */
  async #ask(standing: Standing, role: string): Promise<void> {
    const { alarmId } = standing.silence;
    if (alarmId === undefined || this.#asked.has(alarmId)) return;
    await this.#options.openTask(this.#task(standing, alarmId, role));
    this.#asked.add(alarmId);
  }

  #task({ site, subject, silence, minutes }: Standing, alarmId: string, role: string): GovernanceTask {
    const name = subject.kind === 'device' ? this.#options.register.get(site, subject.id)?.device.name ?? '' : '';
    const station = subject.kind === 'device' ? this.#options.register.get(site, subject.id)?.device.station : undefined;
    return {
      key: `device-silence:${alarmId}`, site, role, title: `Nothing is heard of ${subject.kind} ${subject.id}`,
      question: 'Look whether it has power and a line, and whether somebody carries it. This task ends by itself when it reports again; say that it is done when nobody has to wait for it.',
      shown: { [subject.kind]: subject.id, ...(name === '' ? {} : { name }), ...(station === undefined ? {} : { station }), since: silence.since ?? '', expectedWithinMinutes: minutes },
    };
  }

  async #end(standing: Standing, how: 'heard' | 'not-expected', role: string): Promise<void> {
    const { alarmId } = standing.silence;
    if (alarmId === undefined) return;
    // The task first: were the alarm over before it, a crash in between would leave a task that nobody ends.
    const caseId = await this.#options.openTask(this.#task(standing, alarmId, role));
    await this.#options.closeTask(caseId, how === 'heard' ? 'It reports again.' : 'Nobody expects it to report any more.');
    if (await this.#record(standing, endSilence(standing.silence, standing.subject, how))) this.#asked.delete(alarmId);
  }

  /** An alarm that is over is no row any more: what its stream says. */
  async #load(site: string, subject: SilenceSubject, minutes: number): Promise<Standing> {
    const silence = (await this.#options.ledger.readStream(streamOf(site, subject))).reduce<Silence>(evolveSilence, { version: 0 });
    const standing = { site, subject, minutes, silence };
    this.#standing.set(keyOf(site, subject), standing);
    return standing;
  }

  async #record(standing: Standing, decision: Decision): Promise<boolean> {
    const { site, subject, silence } = standing;
    const result = await this.#options.siteLog.recordAll(streamOf(site, subject), silence.version, decision.events, { actor: systemActor, site });
    if (!result.ok) {
      // Its answer was lost the time before: what the ledger says holds.
      await this.#load(site, subject, standing.minutes);
      once('device-silence', `An alarm about ${subject.kind} ${subject.id} was recorded before; it is looked at again.`);
      return false;
    }
    standing.silence = decision.events.reduce(evolveSilence, silence);
    return true;
  }
}

/** A device that says for itself how long it may be silent is watched alone. */
function expectation({ deviceId, station, silentAfter }: Device, watch: DeviceWatch): { readonly subject: SilenceSubject; readonly minutes: number } {
  if (silentAfter === undefined && watch.per === 'station' && station !== undefined) return { subject: { kind: 'station', id: station }, minutes: watch.minutes };
  return { subject: { kind: 'device', id: deviceId }, minutes: silentAfter ?? watch.minutes };
}

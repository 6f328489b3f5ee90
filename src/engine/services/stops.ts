import type { Actor, AnyEvent } from '../../domain/index.ts';
import type { Ledger } from '../../ledger/port.ts';
import type { Outcome } from '../api.ts';
import type { SiteLog } from '../site-log.ts';
import type { Clock, ClockHandle } from '../support/clock.ts';
import { once } from '../support/reporting.ts';
import type { ServiceSource } from './source.ts';

/** Why a service is not called at the moment, and by whose word. Times ISO 8601. */
export interface ServiceStop {
  /** Its owners, in the signed catalogue, or somebody of this site. */
  readonly by: 'catalogue' | 'site';
  readonly reason: string;
  /** Absent: until it is let go on. */
  readonly until?: string;
  /** When this site stopped it. */
  readonly since?: string;
}

export interface ChangeServiceStop { readonly service: string; readonly state: 'stopped' | 'running'; readonly reason: string; readonly until?: string }

const stream = 'services';
/** Longest that something waits before it looks again by itself, ms; it is woken earlier. */
const longestWaitMs = 300_000;
/** Beyond these, what waits is woken by its own timer only. */
const mostWaiting = 10_000;
/** Longest delay of a timer of JavaScript, ms. */
const longestTimerMs = 2_000_000_000;

/**
 * Which services are stopped: by their owners in the catalogue, or at this site in an emergency. A stop holds for all versions here,
 * and for one version there. Stops of the site are in the ledger (stream `services`).
 */
export class ServiceStops {
  readonly #ledger: Ledger;
  readonly #siteLog: SiteLog;
  readonly #clock: Clock;
  readonly #services: () => ServiceSource;
  readonly #stops = new Map<string, ServiceStop>();
  readonly #waiting = new Map<string, { readonly reference: string; readonly wake: () => void }>();
  #version = 0;
  #alarm: ClockHandle | undefined;
  #alarmAt = 0;
  #closed = false;

  constructor(options: { readonly ledger: Ledger; readonly siteLog: SiteLog; readonly clock: Clock; readonly services: () => ServiceSource }) {
    this.#ledger = options.ledger;
    this.#siteLog = options.siteLog;
    this.#clock = options.clock;
    this.#services = options.services;
  }

  /** Before anything is sent. */
  async restore(): Promise<void> {
    for (const event of await this.#ledger.readStream(stream)) {
      this.#version = event.version;
      this.#apply(event, event.recordedAt);
    }
  }

  /** @param reference `family/name@1.2.0`; undefined when it may be called */
  of(reference: string): ServiceStop | undefined {
    const now = this.#clock.now();
    const site = this.#stops.get(idOf(reference));
    if (site !== undefined && lasts(site, now)) return site;
    const suspended = this.#services().service(reference)?.suspended;
    return suspended !== undefined && lasts(suspended, now) ? { by: 'catalogue', ...suspended } : undefined;
  }

  /** When what is held looks again by itself, ISO 8601. */
  heldUntil({ until }: ServiceStop): string {
    const now = this.#clock.now();
    return new Date(Math.min(until === undefined ? Number.POSITIVE_INFINITY : Date.parse(until), now + longestWaitMs)).toISOString();
  }

  /** Has `id` woken when the service may be called again. */
  wait(reference: string, id: string, wake: () => void): void {
    if (this.#closed || (this.#waiting.size >= mostWaiting && !this.#waiting.has(id))) return;
    this.#waiting.set(id, { reference, wake });
    this.#lookAt(this.of(reference));
  }

  waiting(reference: string): number {
    let count = 0;
    for (const each of this.#waiting.values()) if (each.reference === reference) count += 1;
    return count;
  }

  /** A person of the site stops a service, or lets it go on; durable before it is answered. */
  async change({ service, state, reason, until }: ChangeServiceStop, by: Actor): Promise<Outcome> {
    const now = this.#clock.now();
    const known = this.#services().services().some(({ definition }) => definition.id === service);
    const stopped = this.#stops.get(service);
    if (!known && stopped === undefined) return { ok: false, code: 'service-unknown', message: `The catalogue of this site has no service ${service}.`, status: 'not-found' };
    if (until !== undefined && !(Date.parse(until) > now)) return { ok: false, code: 'time-passed', message: 'Give a time that lies ahead, such as 2026-03-02T14:00:00Z, or none.', status: 'invalid' };
    if (state === 'running' && (stopped === undefined || !lasts(stopped, now))) return { ok: false, code: 'service-unchanged', message: `The service ${service} is not stopped at this site.`, status: 'conflict' };
    const event: AnyEvent = state === 'stopped'
      ? { type: 'ServiceStopped', data: { service, by: by.id, ...(until === undefined ? {} : { until: new Date(until).toISOString() }) }, content: { note: reason } }
      : { type: 'ServiceReleased', data: { service, by: by.id }, content: { note: reason } };
    const result = await this.#siteLog.append(stream, event, { expectedVersion: this.#version, actor: by });
    if (!result.ok) return { ok: false, code: 'service-unchanged', message: `Somebody else has changed services meanwhile; look at ${service} again.`, status: 'conflict' };
    this.#version += 1;
    this.#apply(event, this.#clock.iso());
    this.look();
    return { ok: true };
  }

  /** The catalogue may say something else than before, or a time has come: who may go is woken. */
  look(): void {
    this.#clock.clearTimeout(this.#alarm);
    this.#alarm = undefined;
    for (const [id, { reference, wake }] of [...this.#waiting]) {
      const stop = this.of(reference);
      if (stop !== undefined) {
        this.#lookAt(stop);
        continue;
      }
      this.#waiting.delete(id);
      setImmediate(wake);
    }
  }

  close(): void {
    this.#closed = true;
    this.#clock.clearTimeout(this.#alarm);
    this.#waiting.clear();
  }

  #apply(event: AnyEvent, at: string): void {
    if (event.type === 'ServiceStopped') this.#stops.set(event.data.service, { by: 'site', reason: event.content?.note ?? '', since: at, ...(event.data.until === undefined ? {} : { until: event.data.until }) });
    else if (event.type === 'ServiceReleased') this.#stops.delete(event.data.service);
    else once('service-stops', `The stream of stopped services has an event ${event.type}, which this version does not know.`);
  }

  /** Looks when the first stop ends that somebody waits for. */
  #lookAt(stop: ServiceStop | undefined): void {
    const at = stop?.until === undefined ? Number.POSITIVE_INFINITY : Date.parse(stop.until);
    if (this.#closed || !Number.isFinite(at) || (this.#alarm !== undefined && this.#alarmAt <= at)) return;
    this.#clock.clearTimeout(this.#alarm);
    this.#alarmAt = at;
    this.#alarm = this.#clock.setTimeout(() => this.look(), Math.min(longestTimerMs, Math.max(0, at - this.#clock.now())));
  }
}

function idOf(reference: string): string {
  return reference.split('@', 1)[0] ?? reference;
}

function lasts({ until }: Pick<ServiceStop, 'until'>, now: number): boolean {
  return until === undefined || Date.parse(until) > now;
}

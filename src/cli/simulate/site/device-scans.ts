import { Random } from '../demo-data/index.ts';
import { binaryNoise, eventId, progloveMessage, waybillMessage, wrongCheckDigit } from '../messages.ts';
import type { Device } from './fleet.ts';
import { ASSORTMENT, epcOfUnit, gtinOfArticle, ssccOfUnit } from './labels.ts';
import type { UnitNumber } from './labels.ts';
import type { DeviceGroup, Fault, Faults } from './profile.ts';
import { expect } from './site-event.ts';
import type { EventKind, Expected, SiteEvent } from './site-event.ts';

export interface DeviceScansOptions {
  readonly devices: readonly Device[];
  readonly faults: Faults;
  readonly seed: number;
  readonly runSeed: number;
  readonly run: number;
  readonly speed: number;
  readonly startAt: number;
  readonly enterprise: string;
  /** Counts the handling units of the site. */
  readonly units: { next: number };
}

/** What can happen to the messages of which devices. */
const POSSIBLE: Readonly<Record<DeviceGroup['kind'], readonly Fault[]>> = {
  handheld: ['redelivered', 'triggerDouble', 'checkDigit', 'cut', 'symbology', 'binary', 'brokenJson', 'wrongTopic', 'wrongSite', 'lateClock', 'futureClock', 'huge', 'unknownDevice'],
  sorter: ['noRead', 'doubleRead', 'redelivered', 'checkDigit', 'cut', 'symbology', 'lateClock'],
  portal: ['redelivered', 'stray', 'wrongTopic', 'lateClock', 'futureClock', 'unknownDevice'],
};

const OPENED = expect({ opened: 1 });
const REPEAT = expect({ repeat: 1 });
const HOUR_MS = 3_600_000;
/** A level of the topic that no site has. */
const NO_SUCH_SITE = 'no-such-site';
const HUGE = 'x'.repeat(70_000);

interface Label { readonly code: string; readonly unit: UnitNumber | undefined; readonly sscc: string | undefined }

interface Draft {
  readonly kind: EventKind;
  readonly device: Device;
  readonly at: number;
  readonly label: Label;
  readonly expected: Expected;
  /** Milliseconds that the device's clock is off. */
  readonly clock?: number;
  readonly topic?: string;
  readonly name?: string;
  readonly more?: { readonly lane: string };
}

/** Makes the messages of one group of devices, one event after the other. */
export class DeviceScans {
  readonly #options: DeviceScansOptions;
  readonly #random: Random;
  readonly #group: DeviceGroup;
  readonly #table: readonly (readonly [fault: Fault, upTo: number])[];
  /** The last handling units of each portal, that may stand nearby. */
  readonly #nearby = new Map<string, UnitNumber[]>();
  #number = 0;

  constructor(options: DeviceScansOptions) {
    this.#options = options;
    this.#random = new Random(options.seed);
    this.#group = (options.devices[0] as Device).group;
    let upTo = 0;
    this.#table = POSSIBLE[this.#group.kind].flatMap((fault) => {
      const perMille = options.faults[fault] ?? 0;
      if (perMille === 0) return [];
      upTo += perMille;
      return [[fault, upTo] as const];
    });
  }

  /** The messages of one event that begins in the second from `at`; the later ones of it may lie beyond. */
  next(at: number): readonly SiteEvent[] {
    const device = this.#random.pick(this.#options.devices);
    const when = at + Math.floor(this.#random.next() * 1_000);
    const draw = this.#random.next() * 1_000;
    const fault = this.#table.find(([, upTo]) => draw < upTo)?.[0];
    if (this.#group.kind === 'portal') return this.#passage(device, when, fault);
    return this.#scanned(device, when, fault);
  }

  #unit(): UnitNumber {
    const unit = { run: this.#options.run, site: (this.#options.devices[0] as Device).siteIndex, unit: this.#options.units.next };
    this.#options.units.next += 1;
    return unit;
  }

  #label(): Label {
    if (this.#group.kind === 'handheld' && this.#random.next() * 1_000 < (this.#group.picks ?? 0)) {
      const gtin = gtinOfArticle(this.#random.between(0, ASSORTMENT - 1));
      return { code: this.#random.next() < 0.7 ? `]E0${gtin.slice(1)}` : `]C101${gtin}`, unit: undefined, sscc: undefined };
    }
    const unit = this.#unit();
    const sscc = ssccOfUnit(unit);
    const style = this.#random.next();
    return { code: style < 0.9 ? `]C100${sscc}` : style < 0.97 ? `00${sscc}` : `(00)${sscc}`, unit, sscc };
  }

  #scanned(device: Device, at: number, fault: Fault | undefined): readonly SiteEvent[] {
    const label = this.#label();
    const kind = this.#group.kind === 'sorter' ? 'parcel' : label.sscc === undefined ? 'piece' : 'unit';
    const draft: Draft = { kind, device, at, label, expected: OPENED, ...(this.#group.kind === 'sorter' ? { more: { lane: device.station } } : {}) };
    if (fault === undefined) return [this.#message(draft)];
    switch (fault) {
      case 'redelivered': {
        const first = this.#message(draft);
        const gap = this.#random.between(50, 20_000);
        return [first, { ...first, at: at + gap, kind: fault, expected: expect({ [first.again]: 1 }) }];
      }
      case 'triggerDouble':
      case 'doubleRead':
        return [this.#message(draft), this.#message({ ...draft, kind: fault, at: at + this.#random.between(60, 900), expected: label.sscc === undefined ? OPENED : REPEAT })];
      case 'wrongTopic': return [this.#message({ ...draft, kind: fault, topic: device.topic.slice(0, -'/scan'.length), expected: expect({ nowhere: 1 }) })];
      case 'wrongSite': return [this.#message({ ...draft, kind: fault, topic: device.topic.replace(`/${device.site}/`, `/${NO_SUCH_SITE}/`), expected: expect({ quarantined: 1, reason: 'unknown-site' }) })];
      case 'lateClock': return [this.#message({ ...draft, kind: fault, clock: -this.#random.between(1, 72) * HOUR_MS })];
      case 'futureClock': return [this.#message({ ...draft, kind: fault, clock: this.#random.between(1, 48) * HOUR_MS })];
      case 'unknownDevice': return [this.#message({ ...draft, kind: fault, name: `stranger-${this.#random.between(1, 20)}` })];
      case 'stray': return [this.#message(draft)]; // of portals only
      case 'noRead': case 'checkDigit': case 'cut': case 'symbology': case 'binary': case 'brokenJson': case 'huge':
        return [this.#unreadable(draft, fault)];
    }
  }

  /** A message that has to go into quarantine. */
  #unreadable(draft: Draft, fault: Fault): SiteEvent {
    const { device } = draft;
    const bad = (code: string, reason: NonNullable<Expected['reason']>): SiteEvent => this.#message({ ...draft, kind: fault, label: { code, unit: undefined, sscc: undefined }, expected: expect({ quarantined: 1, reason }) });
    const sscc = draft.label.sscc ?? ssccOfUnit(this.#unit());
    if (fault === 'checkDigit') return bad(`]C100${wrongCheckDigit(sscc)}`, 'bad-check-digit');
    if (fault === 'cut') return bad(`]C100${sscc.slice(0, this.#random.between(6, 16))}`, 'truncated');
    if (fault === 'symbology') return bad(`]A0RACK-${this.#random.between(1, 9_999)}`, 'not-gs1');
    if (fault === 'noRead') return bad('NOREAD', 'not-gs1');
    const whole = this.#message(draft);
    if (fault === 'binary') return { ...whole, kind: fault, payload: binaryNoise(this.#random), expected: expect({ quarantined: 1, reason: 'invalid-utf8' }), again: 'quarantined' };
    if (fault === 'huge') return { ...whole, kind: fault, payload: HUGE, expected: expect({ quarantined: 1, reason: 'payload-too-large' }), again: 'quarantined' };
    return { ...whole, kind: fault, payload: `{"code":"]C100${sscc}","device":"${device.name}`, expected: expect({ quarantined: 1, reason: 'malformed-json' }), again: 'quarantined' };
  }

  #message(draft: Draft): SiteEvent {
    const { device, at, label, expected } = draft;
    this.#number += 1;
    const time = this.#time(at + (draft.clock ?? 0) * this.#options.speed);
    const name = draft.name ?? device.name;
    const format = device.format;
    const id = `${this.#options.runSeed}.${this.#options.run}-${device.name}-${this.#number}`;
    let payload: string | Uint8Array;
    if (format === 'plain') payload = label.code;
    else if (format === 'zebra') payload = JSON.stringify({ type: 'BARCODE', timestamp: time, data: { barcodeData: [{ symbology: 'CODE 128', decodedBarcode: label.code }] } });
    else if (format === 'proglove') payload = progloveMessage({ id: eventId(this.#options.seed + this.#options.run * 104_729, this.#number), code: label.code, device: name, time });
    else payload = waybillMessage({ id, code: label.code, device: name, time, ...(this.#group.kind === 'handheld' ? { operator: `operator-${device.index + 1}` } : {}), ...draft.more });
    const named = format === 'waybill' || format === 'proglove';
    const again = expected.nowhere > 0 ? 'nowhere' : expected.quarantined > 0 ? 'quarantined' : named ? 'duplicate' : label.sscc === undefined ? 'opened' : 'repeat';
    return { at, device, kind: draft.kind, topic: draft.topic ?? device.topic, payload, scans: 1, expected, again, what: label.code };
  }

  /** A pallet goes through a portal: every tag several times, in messages of many tags. */
  #passage(device: Device, at: number, fault: Fault | undefined): readonly SiteEvent[] {
    const [low, high] = this.#group.tags ?? [1, 1];
    const units = Array.from({ length: this.#random.between(low, high) }, () => this.#unit());
    const nearby = this.#nearby.get(device.name) ?? [];
    const strays = fault === 'stray' ? nearby.slice(0, 3) : [];
    this.#nearby.set(device.name, units.slice(0, 5));
    const name = fault === 'unknownDevice' ? 'stranger-portal' : device.name;
    const clock = fault === 'lateClock' ? -HOUR_MS * 5 : fault === 'futureClock' ? HOUR_MS * 5 : 0;
    const topic = fault === 'wrongTopic' ? device.topic.slice(0, -'/scan'.length) : device.topic;
    const rounds = this.#group.reads ?? 1;
    const made: SiteEvent[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const when = at + round * this.#random.between(150, 400);
      const kind = fault ?? (round === 0 ? 'passage' : 'passage-again');
      const tags = round === 0 ? [...units, ...strays] : units;
      const expected = topic !== device.topic ? expect({ nowhere: tags.length }) : round === 0 ? expect({ opened: units.length, repeat: strays.length }) : expect({ repeat: units.length });
      made.push(this.#tagged({ device, name, topic, at: when, clock, tags, expected, kind: kind === 'redelivered' ? (round === 0 ? 'passage' : 'passage-again') : kind }));
    }
    if (fault === 'redelivered') {
      const first = made[0] as SiteEvent;
      made.push({ ...first, at: at + this.#random.between(1_000, 20_000), kind: 'redelivered', expected: expect({ duplicate: first.scans }) });
    }
    return made;
  }

  #tagged(tagged: { device: Device; name: string; topic: string; at: number; clock: number; tags: readonly UnitNumber[]; expected: Expected; kind: EventKind }): SiteEvent {
    const { device, name, topic, at, clock, tags, expected, kind } = tagged;
    const timestamp = this.#time(at + clock * this.#options.speed);
    const read = tags.map((unit) => {
      this.#number += 1;
      return { EPCid: epcOfUnit(unit), eventNum: this.#number, HOSTNAME: name, antenna: this.#random.between(1, 4), peakRssi: -this.#random.between(38, 72) };
    });
    return {
      at, device, kind, topic, payload: JSON.stringify({ type: 'SIMPLE', timestamp, data: { tagData: read } }), scans: tags.length, expected,
      again: expected.nowhere > 0 ? 'nowhere' : 'duplicate', what: read.map(({ EPCid }) => EPCid).join(' '),
    };
  }

  #time(at: number): string {
    return new Date(Math.round(this.#options.startAt + at / this.#options.speed)).toISOString();
  }
}

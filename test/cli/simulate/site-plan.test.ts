import assert from 'node:assert/strict';
import { createScanMapper, type MapResult } from '../../../src/intake/mapper/index.ts';
import { scanTopics } from '../../../src/intake/mqtt/scan-topics.ts';
import { checked, lineCutsOf, profileNames, ProfileError, readProfile, sitePlan, type PlanOptions, type Profile, type SiteEvent } from '../../../src/cli/simulate/site/index.ts';

const dirty: Profile = { ...readProfile('large-site'), faults: Object.fromEntries(Object.keys(readProfile('large-site').faults ?? {}).map((fault) => [fault, 25])) };
const options: PlanOptions = {
  profile: dirty, seed: 7, run: 0, enterprise: 'acme', sites: ['dc-1', 'dc-2'], fromSecond: 10 * 3_600, seconds: 120, speed: 60, startAt: Date.UTC(2026, 5, 1, 8),
};
const events = [...sitePlan(options).events];

/** What a scan in node of one site makes of messages: cases by transport id and SSCC. */
class Intake {
  readonly #topics;
  readonly #mapper = createScanMapper({ preset: 'auto' });
  readonly #ids = new Set<string>();
  readonly #units = new Set<string>();

  constructor(site: string) {
    this.#topics = scanTopics({ pattern: '{enterprise}/{site}/{area}/{station}/scan', enterprise: 'acme', site });
  }

  take({ topic: name, payload }: SiteEvent): Record<string, number> {
    const found: Record<string, number> = {};
    const add = (what: string): void => { found[what] = (found[what] ?? 0) + 1; };
    if (this.#topics.claim(name) === 'none') return { nowhere: 1 };
    const topic = this.#topics.read(name);
    if (topic.kind !== 'ours') return { [topic.kind]: 1 };
    const mapped: MapResult = this.#mapper(typeof payload === 'string' ? Buffer.from(payload) : payload, { topic: topic.variables, receivedAt: options.startAt });
    if (!mapped.ok) return { [mapped.reason]: 1 };
    for (const { reason } of mapped.rejections) add(reason);
    for (const scan of mapped.scans) {
      const id = scan.transportId === undefined ? undefined : `${scan.deviceId ?? name}/${scan.transportId}`;
      const sscc = scan.gs1?.sscc;
      if (id !== undefined && this.#ids.has(id)) add('duplicate');
      else if (sscc !== undefined && this.#units.has(sscc)) add('repeat');
      else add('opened');
      if (id !== undefined) this.#ids.add(id);
      if (sscc !== undefined) this.#units.add(sscc);
    }
    return found;
  }
}

function expectedOf({ expected, scans }: SiteEvent): Record<string, number> {
  const { reason, quarantined, nowhere, ...counts } = expected;
  if (nowhere > 0) {
    assert.equal(nowhere, scans);
    return { nowhere: 1 };
  }
  return Object.fromEntries(Object.entries({ ...counts, ...(reason === undefined ? {} : { [reason]: quarantined }) }).filter(([, count]) => count > 0));
}

describe('plan of a simulated day', () => {
  it('is the same for the same seed at any speed, but for the times in the messages', () => {
    const places = (of: Iterable<SiteEvent>): unknown[] => [...of].map(({ at, device, kind, what, topic, expected }) => [at, device.name, device.site, kind, what, topic, expected]);
    assert.deepEqual(places(sitePlan({ ...options, speed: 1, startAt: 0 }).events), places(events));
    const again = sitePlan(options);
    assert.deepEqual([...again.events], events);
    assert.deepEqual([...again.events], events, 'and can be gone through twice');
    assert.notDeepEqual(places(sitePlan({ ...options, seed: 8, seconds: 5 }).events), places(sitePlan({ ...options, seconds: 5 }).events));
    assert.deepEqual(places(sitePlan({ ...options, seconds: 20 }).events).slice(0, 500), places(events).slice(0, 500), 'a shorter run is the beginning of a longer one');
  });

  it('comes in order of time', () => {
    assert.ok(events.length > 8_000);
    for (const [index, event] of events.entries()) assert.ok(index === 0 || event.at >= (events[index - 1] as SiteEvent).at);
  });

  it('becomes in an intake what each event says', () => {
    const intakes = new Map(options.sites.map((site) => [site, new Intake(site)]));
    const seen = new Set<string>();
    for (const event of events) {
      const found = intakes.get(event.device.site)?.take(event);
      assert.deepEqual(found, expectedOf(event), `${event.kind} of ${event.device.format} at ${event.at}: ${String(event.payload).slice(0, 200)}`);
      seen.add(event.kind);
    }
    assert.deepEqual([...seen].sort(), ['piece', 'unit', 'parcel', 'passage', 'passage-again', ...Object.keys(dirty.faults ?? {})].sort());
  });

  it('becomes in an intake what it says when each message comes twice', () => {
    const intake = new Intake('dc-1');
    for (const event of events.filter(({ device }) => device.site === 'dc-1').slice(0, 4_000)) {
      intake.take(event);
      const again = Object.entries(intake.take(event)).map(([what, count]) => [['opened', 'repeat', 'duplicate', 'nowhere'].includes(what) ? what : 'quarantined', count]);
      assert.deepEqual(again, [[event.again, event.again === 'nowhere' ? 1 : event.scans]], `${event.kind} of ${event.device.format}`);
    }
  });

  it('has another run\'s own ids and handling units', () => {
    const of = (run: number): Set<string> => new Set([...sitePlan({ ...options, run, seconds: 30, profile: { ...dirty, faults: {} } }).events].filter(({ kind }) => kind !== 'piece').map(({ what }) => what.replace(/[^0-9A-F]/g, '').slice(-18)));
    const [first, second] = [of(0), of(1)];
    assert.ok(first.size > 500);
    assert.equal([...first].filter((what) => second.has(what)).length, 0);
  });

  it('has a day of the size that the profile says, with its hours', () => {
    const profile = readProfile('small-site');
    const day = [...sitePlan({ ...options, profile, sites: ['dc-1'], fromSecond: 0, seconds: 86_400 }).events];
    const scans = day.reduce((sum, event) => sum + event.scans, 0);
    assert.ok(Math.abs(scans - profile.scansPerDay) < profile.scansPerDay * 0.06, String(scans));
    const hour = (at: number): number => day.filter((event) => Math.floor(event.at / 3_600_000) === at).length;
    assert.equal(hour(2), 0);
    assert.ok(hour(8) > 2 * hour(12), `${hour(8)} and ${hour(12)}: the dip at lunch`);
  });

  it('has outages of the seed, within the run', () => {
    const day = { ...options, seconds: 86_400 };
    const cuts = lineCutsOf(day);
    assert.deepEqual(lineCutsOf(day), cuts);
    assert.equal(cuts.length, 12);
    const offline = sitePlan(day).fleet.flatMap((device) => device.offline);
    assert.ok(offline.length > 100 && offline.every(({ from, to }) => from < 86_400_000 && to - from >= 120_000 && to - from <= 1_500_000));
  });
});

describe('profile of a simulated site', () => {
  it('comes with the package, and is what the schema says', () => {
    for (const name of profileNames) assert.equal(readProfile(name).name, name);
  });

  it('says in one sentence what is wrong', () => {
    const good = readProfile('small-site');
    const bad: readonly [unknown, RegExp][] = [
      [{ ...good, hours: [1, 2] }, /hours must NOT have fewer than 24 items/],
      [{ ...good, hours: Array(24).fill(0) }, /hours are all 0/],
      [{ ...good, colour: 'red' }, /additional properties \("colour"\)/],
      [{ ...good, groups: [{ ...good.groups[0], kind: 'drone' }] }, /groups\/0\/kind .*handheld, sorter, portal/],
      [{ ...good, groups: [good.groups[0], good.groups[0]] }, /two groups have the area "receiving"/],
      [{ ...good, groups: [{ ...good.groups[2], tags: [9, 2] }] }, /groups\/0\/tags goes from the smaller/],
      [{ ...good, faults: { huge: 1_001 } }, /faults\/huge must be <= 1000/],
      [null, /must be object/],
    ];
    for (const [value, sentence] of bad) assert.throws(() => checked(value, 'x.json'), (error) => error instanceof ProfileError && sentence.test(error.message) && !error.message.includes('\n'));
    assert.throws(() => readProfile('/no/such.json'), /there is no profile "\/no\/such\.json"/);
  });
});

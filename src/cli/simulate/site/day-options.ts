import { duration, level, number, parsed, timeOfDay, UsageError } from '../options.ts';
import { readProfile } from './profile.ts';
import type { Profile } from './profile.ts';

const OPTIONS = {
  profile: { type: 'string', default: 'small-site' }, seed: { type: 'string', default: '1' }, run: { type: 'string', default: '0' }, speed: { type: 'string', default: '1' },
  duration: { type: 'string', default: '24h' }, from: { type: 'string', default: '00:00' }, sites: { type: 'string', default: 'dc-1' }, enterprise: { type: 'string', default: 'acme' },
  rate: { type: 'string' }, url: { type: 'string', default: 'mqtt://127.0.0.1:1883' }, username: { type: 'string' }, password: { type: 'string' }, tally: { type: 'string' },
  outstanding: { type: 'string', default: '20000' }, faults: { type: 'string', default: '1' }, 'no-outages': { type: 'boolean', default: false }, plan: { type: 'boolean', default: false },
  verify: { type: 'boolean', default: false }, home: { type: 'string' }, help: { type: 'boolean', short: 'h' },
} as const;

export interface DayOptions {
  readonly help: boolean;
  readonly profile: Profile;
  readonly seed: number;
  readonly run: number;
  readonly speed: number;
  readonly seconds: number;
  readonly fromSecond: number;
  readonly from: string;
  readonly sites: readonly string[];
  readonly enterprise: string;
  readonly url: string;
  readonly user?: string;
  readonly password?: string;
  readonly tally: string | undefined;
  readonly maxOutstanding: number;
  /** Only say what the plan holds. */
  readonly planOnly: boolean;
  readonly verify: boolean;
  readonly home: string | undefined;
}

/** `profile` with so many times its faults; 0 is a clean day. */
function withFaults(profile: Profile, times: number): Profile {
  const faults = Object.fromEntries(Object.entries(profile.faults ?? {}).map(([fault, perMille]) => [fault, perMille * times]));
  const sum = Object.values(faults).reduce((total, perMille) => total + perMille, 0);
  if (sum > 1_000) throw new UsageError(`--faults ${times}: that is ${Math.round(sum)} per mille of all messages; give less`);
  return { ...profile, faults };
}

function sitesOf(text: string): string[] {
  const sites = [...new Set(text.split(',').map((site) => site.trim()).filter((site) => site !== ''))].map((site) => level('sites', site));
  if (sites.length === 0 || sites.length > 50) throw new UsageError('--sites: give 1 to 50 names with commas between them, such as dc-1,dc-2');
  return sites;
}

/** @throws UsageError, ProfileError */
export function readDayOptions(args: string[]): DayOptions {
  const { values } = parsed(args, OPTIONS);
  if (!/^mqtts?:\/\/[^/]/.test(values.url) || !URL.canParse(values.url)) throw new UsageError(`--url ${values.url}: give an address such as mqtt://127.0.0.1:1883 or mqtts://broker:8883`);
  const base = readProfile(values.profile);
  const rated = values.rate === undefined ? base : { ...base, scansPerDay: number('rate', values.rate, 0.001, 20_000, false) * 86_400 };
  const { outages, ...calm } = withFaults(rated, number('faults', values.faults, 0, 1_000, false));
  return {
    help: values.help === true,
    profile: values['no-outages'] || outages === undefined ? calm : { ...calm, outages },
    seed: number('seed', values.seed, 0, 999_999, true), run: number('run', values.run, 0, 9, true), speed: number('speed', values.speed, 0.1, 10_000, false),
    seconds: Math.round(duration('duration', values.duration, 1, 30 * 86_400)), fromSecond: timeOfDay('from', values.from), from: values.from,
    sites: sitesOf(values.sites), enterprise: level('enterprise', values.enterprise), url: values.url,
    ...(values.username === undefined ? {} : { user: values.username }), ...(values.password === undefined ? {} : { password: values.password }),
    tally: values.tally, maxOutstanding: number('outstanding', values.outstanding, 100, 1_000_000, true), planOnly: values.plan, verify: values.verify, home: values.home,
  };
}

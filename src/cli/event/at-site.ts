import { writeFileSync } from 'node:fs';
import process from 'node:process';
import { epcisDocument, type EpcisEvent } from '../../intake/epcis/index.ts';
import { table, UsageError } from '../accounts.ts';
import { say, sayJson } from '../arguments.ts';
import type { Arguments } from '../arguments.ts';
import { SiteApi } from '../change/site-api.ts';
import { harmless } from '../harmless.ts';

export const options = {
  url: { type: 'string' }, 'token-file': { type: 'string' }, json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' }, site: { type: 'string' }, from: { type: 'string' }, to: { type: 'string' }, out: { type: 'string' },
  type: { type: 'string' }, node: { type: 'string' }, reason: { type: 'string' }, rate: { type: 'string' }, 'dry-run': { type: 'boolean' },
} as const;
export type EventArguments = Arguments<typeof options>;

interface Replay {
  readonly replayId: string; readonly status: string; readonly startedAt: string; readonly fromTime: string; readonly toTime: string; readonly total: number; readonly sent: number; readonly notSent: number; readonly failures: number;
  readonly reason: string; readonly problem?: string;
}

const apiOf = ({ values }: EventArguments): SiteApi => new SiteApi(values.url, values['token-file'], '"waybill token create --user <name> --name cli --scope read,decide" makes one, for a person with the role engineer, site-manager or admin.');

/** A time as the server takes it; a day is its first instant, UTC. */
function timeOf(name: string, given: string | undefined): string {
  if (given === undefined) throw new UsageError(`Say --${name} <time>, for example 2026-03-01T08:00:00Z.`);
  const at = Date.parse(given);
  if (Number.isNaN(at)) throw new UsageError(`--${name} ${JSON.stringify(given)} is no time; write it like 2026-03-01T08:00:00Z.`);
  return new Date(at).toISOString();
}

/** Writes an EPCISDocument to a file, or to standard output. */
export async function epcis(args: EventArguments): Promise<number> {
  const { values, positionals: [caseId] } = args;
  const api = apiOf(args);
  let document: object;
  let count: number;
  if (caseId !== undefined) {
    const whole = await api.get<{ readonly epcisBody: { readonly eventList: readonly unknown[] } }>(`cases/${encodeURIComponent(caseId)}/epcis`);
    document = whole;
    count = whole.epcisBody.eventList.length;
  } else {
    if (values.from === undefined) throw new UsageError('Say which case, or --from <time> and perhaps --to <time>.');
    const events: EpcisEvent[] = [];
    const query = new URLSearchParams({ from: timeOf('from', values.from), to: values.to === undefined ? new Date().toISOString() : timeOf('to', values.to), ...(values.site === undefined ? {} : { site: values.site }) });
    for (let next: string | undefined = ''; next !== undefined;) {
      if (next !== '') query.set('cursor', next);
      const page: { readonly items: readonly EpcisEvent[]; readonly next?: string } = await api.get(`epcis?${query.toString()}`);
      events.push(...page.items);
      next = page.next;
    }
    document = epcisDocument(events, new Date().toISOString());
    count = events.length;
  }
  const text = `${JSON.stringify(document, undefined, 2)}\n`;
  if (values.out === undefined) process.stdout.write(text);
  else {
    writeFileSync(values.out, text);
    say(`${count} ${count === 1 ? 'event' : 'events'} written to ${values.out}.`);
  }
  return 0;
}

export async function replay(args: EventArguments): Promise<number> {
  const { values } = args;
  const rate = values.rate === undefined ? 10 : Number(values.rate);
  if (!(rate >= 0.01 && rate <= 200)) throw new UsageError('--rate is a number of events a second, 0.01 to 200.');
  const dryRun = values['dry-run'] === true;
  if (!dryRun && (values.reason ?? '').trim() === '') throw new UsageError('Say --reason <why these events are sent again>, or --dry-run to count them first.');
  const answer = await apiOf(args).post<{ readonly replayId: string | null; readonly total: number; readonly found: readonly { readonly type: string; readonly node: string; readonly events: number }[] }>('event-replays', {
    from: timeOf('from', values.from), ...(values.to === undefined ? {} : { to: timeOf('to', values.to) }), ...(values.type === undefined ? {} : { type: values.type }), ...(values.node === undefined ? {} : { node: values.node }),
    ...(values.site === undefined ? {} : { site: values.site }), ...(dryRun ? { dryRun } : { reason: values.reason, ratePerSecond: rate }),
  });
  if (values.json === true) sayJson(answer);
  else if (dryRun) say(answer.total === 0 ? 'Nothing was stored in this time that fits.' : table(['EVENTS', 'TYPE', 'NODE'], answer.found.map(({ events, type, node }) => [String(events), harmless(type), harmless(node)])).trimEnd());
  else say(`${answer.total} events are sent again, ${rate} a second: ${answer.replayId ?? ''}. "waybill event replays" says how far it is.`);
  return 0;
}

export async function replays(args: EventArguments): Promise<number> {
  const { items } = await apiOf(args).get<{ readonly items: readonly Replay[] }>('event-replays');
  if (args.values.json === true) sayJson(items);
  else if (items.length === 0) say('No events were ever sent again.');
  else say(table(['REPLAY', 'STATUS', 'FROM', 'TO', 'FOUND', 'SENT', 'NOT SENT', 'FAILED', 'REASON'], items.map((item) => [
    item.replayId, item.problem === undefined ? item.status : `${item.status}: ${harmless(item.problem)}`, item.fromTime.slice(0, 16), item.toTime.slice(0, 16), String(item.total), String(item.sent), String(item.notSent), String(item.failures), harmless(item.reason),
  ])).trimEnd());
  return 0;
}

export async function stop(args: EventArguments): Promise<number> {
  const [replayId] = args.positionals;
  if (replayId === undefined) throw new UsageError('Say which replay, by its id; "waybill event replays" names them.');
  await apiOf(args).post(`event-replays/${encodeURIComponent(replayId)}/stop`, {});
  say('Nothing more of it is sent.');
  return 0;
}

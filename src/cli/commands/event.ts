import { runActions } from '../arguments.ts';
import { SiteError } from '../change/site-api.ts';
import { epcis, options, replay, replays, stop } from '../event/at-site.ts';
import type { EventArguments } from '../event/at-site.ts';

const usage = `Usage:
  waybill event epcis <case> [--out <file>]                       the EPCIS events of a case, as an EPCISDocument
  waybill event epcis --from <time> [--to <time>] [--site <site>] [--out <file>]   those recorded in this time
  waybill event replay --from <time> [--to <time>] [--type <…>] [--node <instance/stepId>] [--site <site>] --dry-run   counts what event out has sent
  waybill event replay --from <time> … --reason <…> [--rate <events a second>]     sends it again, under the same ids
  waybill event replays [--json]                                  what is, or was, sent again
  waybill event stop <replay>                                     sends no more of it

--url <address> (http://127.0.0.1:1880/waybill), and the token of a person in WAYBILL_TOKEN or --token-file <file>.
docs/epcis.md and docs/cloudevents.md tell the whole.
`;

const actions: Readonly<Record<string, (args: EventArguments) => Promise<number>>> = { epcis, replay, replays, stop };

/** `waybill event …`; answers the exit code: 0 done, 1 refused or failed, 2 wrong usage. */
export function event(args: string[]): Promise<number> {
  return runActions({ name: 'event', usage, options, actions, failure: SiteError }, args);
}

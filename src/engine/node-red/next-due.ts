import type { Waybill } from '../api.ts';
import { once } from '../support/reporting.ts';

/** How long an answer of the ledger is shown, ms. */
const freshMs = 10_000;

/** When the next timer at an address is due, as a node's status shows it: asked of the ledger seldom, and in the zone of the site. */
export class NextDue {
  readonly #waybill: Waybill;
  readonly #address: string;
  readonly #site: string;
  #text = '';
  #askedAt = Number.NEGATIVE_INFINITY;
  #askedFor = -1;

  constructor(waybill: Waybill, address: string, site: string) {
    this.#waybill = waybill;
    this.#address = address;
    this.#site = site;
  }

  /** Time of the day, with the day when it is another; '' while it is not known or there is none. `changed` is called when a new answer is there. */
  text(here: number, changed: () => void): string {
    const now = performance.now();
    if (here !== this.#askedFor || now - this.#askedAt > freshMs) {
      this.#askedAt = now;
      this.#askedFor = here;
      this.#waybill.nodes.nextDue(this.#address).then((due) => {
        this.#text = due === undefined ? '' : clockTime(due, this.#waybill.nodes.timeZone(this.#site));
        changed();
      }, (error: unknown) => once('next-due', `When the next timer is due could not be read: ${String(error)}`));
    }
    return this.#text;
  }
}

/** Time of the day in a zone, with the day when it is another than today. */
export function clockTime(iso: string, timeZone: string): string {
  const format = (at: Date, what: Intl.DateTimeFormatOptions): string => new Intl.DateTimeFormat('sv-SE', { timeZone, ...what }).format(at);
  const at = new Date(iso);
  const day: Intl.DateTimeFormatOptions = { year: 'numeric', month: '2-digit', day: '2-digit' };
  const time = format(at, { hour: '2-digit', minute: '2-digit' });
  return format(at, day) === format(new Date(), day) ? time : `${format(at, day)} ${time}`;
}

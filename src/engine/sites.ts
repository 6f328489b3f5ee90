/** What a site node says beyond its limits. */
export interface SiteFacts {
  readonly siteId: string;
  /** '' where the environment's holds. */
  readonly legalEntity: string;
  /** IANA time zone; '' where the environment's holds. */
  readonly timeZone: string;
}

/** Whether this Node.js knows the zone, for example `Europe/Berlin`. */
export function isTimeZone(zone: string): boolean {
  try {
    // Offsets such as +02:00 are no zone: they know no summer time.
    return !/^[+-]/.test(zone) && new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** Zone of this machine. */
export function systemTimeZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** The day in a zone, `YYYY-MM-DD`: legal dates are those of the place. */
export function dateIn(zone: string, at: Date): string {
  let format = formats.get(zone);
  if (format === undefined) formats.set(zone, format = new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' }));
  return format.format(at);
}

/** The site nodes of the running flows, by node. */
export class Sites {
  readonly #nodes = new Map<string, SiteFacts>();
  readonly #defaults: SiteFacts;

  constructor(defaults: SiteFacts) {
    this.#defaults = defaults;
  }

  /** Returns what takes it away again. */
  set(nodeId: string, facts: SiteFacts): () => void {
    const own = { ...facts, siteId: facts.siteId || this.#defaults.siteId };
    this.#nodes.set(nodeId, own);
    return () => { if (this.#nodes.get(nodeId) === own) this.#nodes.delete(nodeId); };
  }

  legalEntity(site: string): string {
    return this.#find(site, 'legalEntity');
  }
  timeZone(site: string): string {
    return this.#find(site, 'timeZone');
  }
  /** Zone by site, of the sites that have a node and of the default one. */
  zones(): Readonly<Record<string, string>> {
    const sites = new Set([this.#defaults.siteId, ...[...this.#nodes.values()].map((facts) => facts.siteId)]);
    return Object.fromEntries([...sites].map((site) => [site, this.timeZone(site)]));
  }

  #find(site: string, what: 'legalEntity' | 'timeZone'): string {
    for (const facts of this.#nodes.values()) if (facts.siteId === site && facts[what] !== '') return facts[what];
    return this.#defaults[what];
  }
}

/** Statuses that refuse a request before anything was done, by their meaning (RFC 9110 §15, RFC 6585 §4, RFC 8470). */
export const refusedUnprocessed: ReadonlySet<number> = new Set([408, 425, 429, 503]);

import Big from 'big.js';

/** A quantity reservation over all cases: for example what was received on one line of a purchase order. */
export interface Reservation {
  /** Decimal string, what all cases hold together. */
  readonly total: string;
  /** Version of the reservation; 0 when nobody holds anything yet. */
  readonly version: number;
}

export const emptyReservation: Reservation = { total: '0', version: 0 };

export interface ReservedQuantity {
  readonly quantity: string; readonly total: string; readonly limit: string;
  /** By how much the total is above the limit; `0` when it is not. */
  readonly overBy: string;
  readonly version: number;
}

/** A decimal of at most 12 digits before and 6 after the point: strings exactly, numbers rounded to 6 places. */
export function parseDecimal(value: unknown): Big | undefined {
  if (typeof value === 'number') return Number.isFinite(value) && Math.abs(value) < 1e12 ? new Big(value).round(6) : undefined;
  if (typeof value !== 'string' || !/^-?\d{1,12}(\.\d{1,6})?$/.test(value)) return undefined;
  return new Big(value);
}

/** Adds a quantity (negative for a reversal, zero for a line that is closed short) and says by how much the total exceeds the limit. Undefined for bad numbers. */
export function reserve(reservation: Reservation, quantity: unknown, limit: unknown): ReservedQuantity | undefined {
  const q = parseDecimal(quantity);
  const l = parseDecimal(limit);
  if (q === undefined || l === undefined) return undefined;
  const total = new Big(reservation.total).plus(q);
  const over = total.minus(l);
  return {
    quantity: q.toFixed(), total: total.toFixed(), limit: l.toFixed(),
    overBy: q.gt(0) && over.gt(0) ? over.toFixed() : '0',
    version: reservation.version + 1,
  };
}

/** Gives back what a case held. */
export function release(reservation: Reservation, quantity: string): Reservation {
  return { total: new Big(reservation.total).minus(new Big(quantity)).toFixed(), version: reservation.version + 1 };
}

import type { OpcUaConnection } from '../session/connection.ts';

/** Conditions of one server that are remembered. */
const MOST = 20_000;

/**
 * The last notification of each condition that anybody here has heard of: a server takes an acknowledgement only for that
 * (OPC UA Part 9 §5.7.3), and whoever acknowledges a while later has seen an earlier one.
 */
const books = new WeakMap<OpcUaConnection, Map<string, string>>();

/** @param eventId '' when it is over */
export function noteCondition(connection: OpcUaConnection, key: string, eventId: string): void {
  let book = books.get(connection);
  if (book === undefined) books.set(connection, book = new Map());
  book.delete(key);
  if (eventId === '') return;
  book.set(key, eventId);
  if (book.size > MOST) book.delete(book.keys().next().value as string);
}

/** Undefined when nobody here has heard of it. */
export function lastNotification(connection: OpcUaConnection, key: string): string | undefined {
  return books.get(connection)?.get(key);
}

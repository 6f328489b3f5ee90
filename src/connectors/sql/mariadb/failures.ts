import { lostFailure, saidFailure, SqlFailure } from '../session.ts';
import type { Meaning } from '../session.ts';

type Said = Exclude<Meaning, 'lost'>;

/** What the numbers of errors mean (MariaDB Error Codes); all others by their SQLSTATE. */
const meanings: Readonly<Record<number, Said>> = {
  1062: 'duplicate', 1586: 'duplicate',
  1044: 'mend', 1045: 'sign-in', 1049: 'sign-in', 1129: 'again', 1130: 'sign-in', 1203: 'again', 1226: 'again', 1040: 'again', 1698: 'sign-in', 1820: 'sign-in', 1862: 'sign-in', 4151: 'sign-in', 3159: 'sign-in',
  1205: 'again', 1213: 'again', 1969: 'again', 1317: 'again', 1637: 'again', 1041: 'again', 1037: 'again', 1021: 'again', 1114: 'again', 1020: 'again', 1836: 'again', 1290: 'again',
  1792: 'mend', 1142: 'mend', 1143: 'mend', 1146: 'mend', 1054: 'mend', 1064: 'mend', 1295: 'mend', 1305: 'mend', 1370: 'mend', 1356: 'mend',
  1048: 'refused', 1264: 'refused', 1265: 'refused', 1292: 'refused', 1364: 'mend', 1366: 'refused', 1406: 'refused', 1451: 'refused', 1452: 'refused', 1644: 'refused', 4025: 'refused', 1365: 'refused', 1242: 'refused',
};
const classes: Readonly<Record<string, Said>> = { '22': 'refused', '23': 'refused', '28': 'sign-in', '40': 'again', '42': 'mend', '45': 'refused' };
/** The server ends the connection with these: shutdown, connection killed, packet errors. */
const ending = new Set([1053, 1152, 1153, 1158, 1159, 1160, 1161, 1184, 1927, 1080]);

/** What the library said of a failure. */
export function failureOf(error: unknown): SqlFailure {
  if (error instanceof SqlFailure) return error;
  const { errno, sqlState = '', message = '', code = '' } = error as { readonly errno?: number; readonly sqlState?: string; readonly message?: string; readonly code?: string };
  // An error of the server has a SQLSTATE; one of the network has a code of Node.js.
  if (errno === undefined || !/^[0-9A-Z]{5}$/.test(sqlState) || ending.has(errno)) return lostFailure(message || code, error);
  const meaning = meanings[errno] ?? classes[sqlState.slice(0, 2)] ?? 'again';
  return saidFailure(meaning, message, String(errno), error);
}

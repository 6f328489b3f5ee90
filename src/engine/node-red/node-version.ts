/** The lowest Node.js on which the ledger is right and the catalogue's libraries run (docs/decisions/0001-node-floor.md). */
export const LOWEST_NODE = '22.22.2';

/** The lowest release of each line that has one of its own; lines after the last are taken as they are. */
const LINES: readonly (readonly [major: number, minor: number, patch: number])[] = [[22, 22, 2], [24, 15, 0]];
const ANY_LATER_LINE = 26;

/** Why Waybill cannot work on this Node.js, with what to do; undefined when it can. Runs on any Node.js. */
export function nodeVersionProblem(version: string): string | undefined {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map((part) => Number.parseInt(part, 10));
  if (major >= ANY_LATER_LINE) return undefined;
  if (LINES.some((line) => line[0] === major && (minor > line[1] || (minor === line[1] && patch >= line[2])))) return undefined;
  return `Waybill needs Node.js ${LOWEST_NODE} or later of line 22, 24.15 or later of line 24, or 26 and up; this is ${version}. Update Node.js and start Node-RED again.`;
}

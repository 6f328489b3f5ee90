/** The lowest Node.js on which the ledger is right (docs/decisions/0001-node-floor.md). */
export const LOWEST_NODE = '22.16.0';

/** Why Waybill cannot work on this Node.js, with what to do; undefined when it can. Runs on any Node.js. */
export function nodeVersionProblem(version: string): string | undefined {
  const numbers = (text: string): number[] => text.split('.').map((part) => Number.parseInt(part, 10));
  const [major = 0, minor = 0] = numbers(version);
  const [lowestMajor = 0, lowestMinor = 0] = numbers(LOWEST_NODE);
  if (major > lowestMajor || (major === lowestMajor && minor >= lowestMinor)) return undefined;
  return `Waybill needs Node.js ${lowestMajor}.${lowestMinor} or later; this is ${version}. Update Node.js and start Node-RED again.`;
}

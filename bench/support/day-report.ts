import type { DayResult } from '../day.ts';

/** The figures without the course of them, which is in the picture. */
export type DayFigures = Omit<DayResult, 'samples'>;

const count = (value: number): string => Math.round(value).toLocaleString('en');
const megabytes = (bytes: number): string => `${count(bytes / 1e6)} MB`;
const minutes = (seconds: number): string => `${(seconds / 60).toFixed(1)} min`;
const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

/** Memory counts as flat when a day more would not add a tenth of what there is. */
const FLAT_SHARE = 0.1;

/** Growth over as long as the run took. */
function growth({ memory, realSeconds }: DayFigures): number {
  return (memory.growthPerHourBytes * realSeconds) / 3_600;
}

export function dayTargets(figures: DayFigures | undefined): string[][] {
  if (figures === undefined) return [];
  const { ledger, rows, memory } = figures;
  const flat = growth(figures) < memory.maxBytes * FLAT_SHARE;
  return [
    [`${figures.simulatedHours} h of a large site, ${count(figures.scans)} scans: memory flat`, `grows < ${FLAT_SHARE * 100} % in the second half`, `${megabytes(growth(figures))} of ${megabytes(memory.maxBytes)}`, flat ? 'yes' : '**no**', '', ''],
    ['— ledger verifies', 'no finding', `${count(ledger.findings)} in ${count(ledger.events)} events`, ledger.findings === 0 ? 'yes' : '**no**', '', ''],
    ['— counts agree with the simulator\'s own', 'all', `${rows.filter(({ agrees }) => agrees).length} of ${rows.length}`, figures.agrees ? 'yes' : '**no**', '', ''],
  ];
}

export function daySection(figures: DayFigures): string {
  const { memory, latencyMs, ledger, outages, cores, rows } = figures;
  const planned = (figures.simulatedHours * 3_600) / figures.speed;
  const span = ([low, high]: (typeof rows)[number]['expected']): string => (low === high ? count(low) : `${count(low)} to ${count(high)}`);
  const late = figures.realSeconds - planned;
  return `## A day of a large site

\`waybill simulate day --profile ${figures.profile} --seed ${figures.seed} --speed ${figures.speed}\`: ${figures.simulatedHours} hours from ${figures.from}, ${count(figures.messages)} messages with ${count(figures.scans)} scans of handheld scanners, a sorter and RFID portals, with the profile's faults, ${outages.lineCuts} cut lines and devices out of reach ${outages.devicesOffline} times. Waybill is what \`npm start\` starts, in an empty home, with its own broker (${figures.broker}); the flow is \`scan in\` → \`case close\`. Simulator, broker and Waybill share the cores; the mean load of the machine was ${figures.meanLoad}${figures.meanLoad > 4 ? ', so most of it was other work that ran beside this one, and rates and times say more about that than about Waybill' : ''}.

At ${figures.speed} times the speed the day has ${minutes(planned)}; it took ${minutes(figures.realSeconds)} until the last scan was acknowledged${late > planned * 0.05 ? `, ${minutes(late)} longer: where the machine did not keep up, the simulator held no more than its limit of unacknowledged messages and the day waited` : ''}, and ${minutes(figures.settleSeconds)} more until every case was closed (${count(figures.stillOpen)} left open, ${count(figures.exceptions)} exceptions). At most ${count(figures.mostOpen)} cases were open at once: a scan is taken before what waits goes on, and what waits is in the ledger, not in memory. ${count(figures.messages / figures.realSeconds)} messages a second on average, ${count(figures.peakPerSecond)} in the busiest second; from sending to the acknowledgement ${count(latencyMs.p50)} ms at the median, ${count(latencyMs.p99)} ms at 99 %. Waybill used ${cores.waybill} cores, the simulator ${cores.simulator}.

![Rates, backlog and memory during the day](pictures/day-run.svg)

Resident memory: ${megabytes(memory.firstBytes)} at the start, ${megabytes(memory.maxBytes)} at most, ${megabytes(memory.endBytes)} at the end, ${megabytes(memory.settledBytes)} after a full collection. A straight line through the second half rises by ${megabytes(memory.growthPerHourBytes)} an hour. The ledger has ${count(ledger.bytes / 1e6)} MB and ${count(ledger.events)} events; \`waybill ledger verify\` took ${count(ledger.verifySeconds)} s, with ${count(ledger.findings)} findings.

${[line(['Count', 'Simulator', 'Ledger', '']), line(['---', '---', '---', '---']), ...rows.map((row) => line([row.what.trim(), span(row.expected), count(row.found), row.agrees ? 'agrees' : '**differs**']))].join('\n')}
`;
}

import type { FaultRun, OpcUaFaultsResult } from '../opcua-faults/index.ts';
import type { Machine } from './machine.ts';
import { count, megabytes, met, ms, table } from './page.ts';

const VALUES = 5_000;
const CASES = 500;

const calm = ({ runs }: OpcUaFaultsResult): FaultRun | undefined => runs.find(({ name }) => name === 'nothing');

/** Everything due is a case or lies in a recorded gap, nothing twice, and one session with one subscription is left. */
function isSound({ unsaid, doubled, notDue, outOfOrder, sessionsEnd, subscriptionsEnd }: FaultRun): boolean {
  return unsaid + doubled + notDue + outOfOrder === 0 && sessionsEnd === 1 && subscriptionsEnd === 1;
}

export function opcUaFaultsTargets(figures: OpcUaFaultsResult | undefined): string[][] {
  if (figures === undefined) return [];
  const run = calm(figures);
  const { runs } = figures;
  const sum = (read: (run: FaultRun) => number): number => runs.reduce((all, one) => all + read(one), 0);
  return [
    ...(run === undefined ? [] : [[
      'value changes of an OPC UA server (open62541) watched, and filtered to cases', `${count(VALUES)}/s to ${CASES}/s`, `${count(run.values / run.seconds)}/s to ${count(run.cases / run.seconds)}/s`,
      met(run.values / run.seconds > VALUES * 0.99 && run.cases / run.seconds > CASES * 0.99 && isSound(run)), '', '',
    ]]),
    [
      `— ${runs.length - 1} faults of line, server and process`, 'none lost unsaid, none doubled, in order, one session and subscription in the end',
      `of ${count(sum(({ due }) => due))} due ${count(sum(({ unsaid }) => unsaid))} lost unsaid, ${count(sum(({ said }) => said))} in recorded gaps, ${count(sum(({ doubled }) => doubled))} doubled, ${count(sum(({ outOfOrder }) => outOfOrder))} out of order`,
      met(runs.every(isSound)), '', '',
    ],
  ];
}

/** @param load average of the minute before, on `cores` */
export function opcUaFaultsSection(figures: OpcUaFaultsResult, { loadBefore: load, cores }: Pick<Machine, 'loadBefore' | 'cores'>): string {
  const { rate, tags, runs } = figures;
  const time = (value: number): string => (value < 1_000 ? ms(value) : `${(value / 1_000).toFixed(1)} s`);
  const spread = ({ delayMs }: FaultRun): string => `${time(delayMs.p50)} / ${time(delayMs.p99)} / ${time(delayMs.max)}`;
  return `## OPC UA over faults

A server of another stack (open62541 1.4, in C) changes ${tags} tags in turn, ${count(rate)} changes a second in all, each with a number of its own; one change in ten crosses the limit of its tag's trigger and is *due* to become a case, through \`plc in\` → \`case close\`. Server, line and Waybill (what \`npm start\` starts) are processes of their own on the same cores. A change that was due and is no case has to lie in a gap that the ledger names, from when to when; one outside of every gap is *unsaid*.${load > cores ? ` The machine was busy with other work (load ${load} on ${cores} cores), so delays and times say more about that than about Waybill; counts do not depend on it.` : ''}

${table(['What happened', 'Changes', 'Due', 'Cases', 'Unsaid', 'In a gap', 'Gaps recorded', 'Doubled', 'Out of order, of a tag / of any', 'Change → case p50 / p99 / max', 'Late after the fault for'], runs.map((run) => [
    run.name, count(run.changes), count(run.due), count(run.cases), count(run.unsaid), count(run.said), run.gaps.length === 0 ? 'none' : run.gaps.map(({ reason, seconds }) => `${reason}, ${seconds} s`).join('; '),
    count(run.doubled), `${run.outOfOrder} / ${run.outOfOrderAcrossTags}`, spread(run), `${run.behindSeconds} s`,
  ]))}
*Late* is more than two seconds after the change. Values that the server had not told when it restarted are gone with it: that is the gap. It begins when the server last said that it had no more to tell, so that nothing before it can be missing; where the server was behind, it also covers changes that became cases. A new subscription tells first how each tag is, one tag after the other, so a case of one tag can stand behind a later one of another tag.

${table(['What happened', 'Sessions at the server, most / end', 'Subscriptions, most / end', 'One of each again after', 'Event-loop delay p99', 'Cores used', 'Most resident memory'], runs.map((run) => [
    run.name, `${run.sessionsMax} / ${run.sessionsEnd}`, `${run.subscriptionsMax} / ${run.subscriptionsEnd}`, run.oneAfterSeconds === undefined ? '**never**' : run.oneAfterSeconds === 0 ? 'always' : `${run.oneAfterSeconds} s`,
    ms(run.process.loopDelayMs.p99), String(run.process.cpuCores), megabytes(run.rssMaxBytes),
  ]))}
After SIGKILL the new process goes on with the session that the old one had ([decision 60](decisions/0060-opcua-session-after-a-kill.md)). *One of each again* counts from the beginning of the fault, its length included. Event-loop delay and cores are of the process that ran last, from its start or the beginning of the load.`;
}

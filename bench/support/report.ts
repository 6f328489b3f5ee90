import type { DecisionsResult, DecisionsRun } from '../decisions.ts';
import type { FeedbackResult } from '../feedback.ts';
import type { FirstUseResult } from '../first-use.ts';
import type { GateFigures } from '../gate.ts';
import type { Gs1BenchResult } from '../gs1.ts';
import type { IntakeResult, Span } from '../intake.ts';
import type { LedgerBenchResult } from '../ledger.ts';
import type { OpcUaFaultsResult } from '../opcua-faults/index.ts';
import type { OpenApprovalsResult } from '../open-approvals.ts';
import type { ColdStart, OpenCasesResult } from '../open-cases.ts';
import type { KillsResult, ShopFloorResult } from '../shop-floor/index.ts';
import type { ServicesResult } from '../services/index.ts';
import type { StraightThroughResult, StraightThroughRun } from '../straight-through.ts';
import { daySection, dayTargets } from './day-report.ts';
import type { DayFigures } from './day-report.ts';
import { feedbackSection, feedbackTargets } from './feedback-report.ts';
import type { Machine } from './machine.ts';
import { servicesSection, servicesTargets } from './services-report.ts';
import { opcUaFaultsSection, opcUaFaultsTargets } from './opcua-faults-report.ts';
import { count, kilobytes, megabytes, met, ms, share, table, times } from './page.ts';

interface Measured<T> { readonly on: Machine; readonly figures: T }

/** What was measured so far; a bench that was never run is absent. */
export interface Results {
  readonly 'intake'?: Measured<IntakeResult>;
  readonly 'ledger'?: Measured<readonly LedgerBenchResult[]>;
  readonly 'straight-through'?: Measured<StraightThroughResult>;
  readonly 'open-cases'?: Measured<OpenCasesResult>;
  readonly 'open-approvals'?: Measured<OpenApprovalsResult>;
  readonly 'decisions'?: Measured<DecisionsResult>;
  readonly 'first-use'?: Measured<FirstUseResult>;
  readonly 'gate'?: Measured<readonly GateFigures[]>;
  readonly 'shop-floor'?: Measured<ShopFloorResult>;
  readonly 'feedback'?: Measured<FeedbackResult>;
  readonly 'opcua-faults'?: Measured<OpcUaFaultsResult>;
  readonly 'gs1'?: Measured<Gs1BenchResult>;
  readonly 'services'?: Measured<ServicesResult>;
  readonly 'day'?: Measured<DayFigures>;
}

function targets(results: Results): string {
  const rows: string[][] = [];
  const intake = results.intake?.figures;
  if (intake !== undefined) {
    const { intakeOnly, bare, intakeOnlyPaced, barePaced } = intake;
    const flow = Math.min(bare.rate, bare.processedRate ?? bare.rate);
    rows.push(['scan → durable case → PUBACK, sustained', '≥ 4,000/s', `${count(intakeOnly.rate)}/s`, met(intakeOnly.rate >= 4_000), `bare Node-RED, nothing durable: ${count(flow)}/s`, share(intakeOnly.rate, flow)]);
    rows.push(['publish → PUBACK at 1,000/s, p99', '< 50 ms', ms(intakeOnlyPaced.latencyMs.p99), met(intakeOnlyPaced.latencyMs.p99 < 50), `bare Node-RED: ${ms(barePaced.latencyMs.p99)}`, times(intakeOnlyPaced.latencyMs.p99, barePaced.latencyMs.p99)]);
  }
  for (const size of results.ledger?.figures ?? []) {
    rows.push([`ledger append, groups of ${size.groupSize}`, '≥ 60 % of a bare loop', `${count(size.ledgerEventsPerSecond)} events/s`, met(size.ratio >= 0.6), `same rows, bare loop: ${count(size.bareEventsPerSecond)} events/s`, `${Math.round(size.ratio * 100)} %`]);
    rows.push(['— event-loop delay of the main thread, p99', '< 20 ms', ms(size.loopDelayP99), met(size.loopDelayP99 < 20), '', '']);
  }
  const straight = results['straight-through']?.figures;
  if (straight !== undefined) {
    const { shortest, bareCallsPerSecond } = straight;
    rows.push(['straight-through case: scan, validate, call, close', '≥ 500/s', `${count(shortest.casesPerSecond)}/s`, met(shortest.casesPerSecond >= 500), `the call alone, bare client: ${count(bareCallsPerSecond)}/s`, share(shortest.casesPerSecond, bareCallsPerSecond)]);
  }
  const open = results['open-cases']?.figures;
  if (open !== undefined) {
    rows.push([`start to ready with ${count(open.cases)} open cases`, '< 10 s', `${open.clean.readySeconds.toFixed(1)} s`, met(open.clean.readySeconds < 10), `empty home: ${open.empty.readySeconds.toFixed(1)} s`, times(open.clean.readySeconds, open.empty.readySeconds)]);
    const rss = Math.max(open.clean.rssMaxBytes, open.killed.rssMaxBytes);
    rows.push(['— resident memory, the most in ten seconds after', '< 400 MB', megabytes(rss), met(rss < 400e6), `empty home: ${megabytes(open.empty.rssMaxBytes)}`, times(rss, open.empty.rssMaxBytes)]);
  }
  rows.push(...approvalTargets(results['open-approvals']?.figures));
  rows.push(...decisionTargets(results.decisions?.figures), ...firstUseTargets(results['first-use']?.figures), ...gateTargets(results.gate?.figures), ...shopFloorTargets(results['shop-floor']?.figures), ...feedbackTargets(results.feedback?.figures), ...opcUaFaultsTargets(results['opcua-faults']?.figures), ...gs1Targets(results.gs1?.figures), ...servicesTargets(results.services?.figures), ...dayTargets(results.day?.figures));
  return table(['What', 'Target', 'Measured', 'Met', 'Yardstick of the same run', 'Ratio'], rows);
}

function gateTargets(figures: readonly GateFigures[] | undefined): string[][] {
  const usual = figures?.find(({ nodes }) => nodes === 5_000);
  if (usual === undefined) return [];
  const { deployMs, jsonMs } = usual;
  return [[`a deploy of ${count(usual.nodes)} nodes through the gate takes longer by, p50`, '< 150 ms', ms(deployMs.p50), met(deployMs.p50 < 150), `the same flows to JSON and back: ${ms(jsonMs.p50)}`, times(deployMs.p50, jsonMs.p50)]];
}

function shopFloorTargets(figures: ShopFloorResult | undefined): string[][] {
  if (figures === undefined) return [];
  const { sustained, burst, kills, bareKills } = figures;
  const [full] = sustained;
  return [
    ...(full === undefined ? [] : [[`scans of QoS 1 through Mosquitto made durable and acknowledged, ${Math.round(full.seconds)} s`, `≥ ${count(full.asked)}/s`, `${count(full.rate)}/s`, met(full.durable === full.published && full.rate >= full.asked * 0.99), '', '']]),
    [`a burst of ${count(burst.scans)} that waited at the broker`, 'none lost', `${count(burst.scans - burst.durable)} lost`, met(burst.durable === burst.scans), '', ''],
    [`${count(kills.published)} scans, ${kills.brokerRestarts} restarts of the broker, ${kills.kills} kills`, 'none lost, none doubled, in order', `${kills.lost} lost, ${kills.doubled} doubled, ${kills.outOfOrder} out of order`, met(kills.lost + kills.doubled + kills.outOfOrder === 0), `bare Node-RED: ${count(bareKills.lost)} lost, ${count(bareKills.doubled)} doubled`, ''],
  ];
}

function shopFloorSection({ sustained, burst, kills, bareKills }: ShopFloorResult): string {
  const row = (name: string, run: KillsResult): string[] => [name, count(run.published), String(run.brokerRestarts), String(run.kills), count(run.lost), count(run.doubled), count(run.outOfOrder), megabytes(run.rssMaxBytes)];
  return `## Scans through Mosquitto

Mosquitto 2.0 with persistence, Node-RED with Waybill and the publisher on the same two cores; QoS 1 from eight connections, every scan a handling unit of its own. A scan is durable when its case, scan, step and token are on disk; Mosquitto gets its acknowledgement after that. *Durable meanwhile* counts while the publisher sends.

${table(['Asked', 'For', 'Published', 'Durable meanwhile', 'Durable in the end', 'Left after the end', 'Event-loop delay p99', 'Most resident memory', 'Cores used'], sustained.map((span) => [
    `${count(span.asked)}/s`, `${span.seconds} s`, count(span.published), `${count(span.rate)}/s`, count(span.durable), `${span.leftSeconds} s`, ms(span.process.loopDelayMs.p99), megabytes(span.rssMaxBytes), String(span.process.cpuCores),
  ]))}
${count(burst.scans)} scans that waited at the broker while the process was away: the last was durable ${burst.seconds} s after its start (${count(burst.rate)}/s), resident memory ${megabytes(burst.rssBeforeBytes)} before and ${megabytes(burst.rssMaxBytes)} at most.

${count(kills.published / kills.seconds)} scans a second for ${kills.seconds} s while the broker is restarted and the process is killed (SIGKILL) and started again. *Bare* is Node-RED's own \`mqtt in\` (QoS 1, a session that is kept) → \`file\`, under the same kills: what stands in its file counts as kept.

${table(['Process', 'Published', 'Restarts of the broker', 'Kills', 'Lost', 'Doubled', 'Out of order', 'Most resident memory'], [row('Waybill', kills), row('bare', bareKills)])}`;
}

function gs1Targets(figures: Gs1BenchResult | undefined): string[][] {
  const all = figures?.rows.find(({ what }) => what.startsWith('all'));
  if (all === undefined) return [];
  return [['GS1 element strings and Digital Links read, one core', '≥ 50,000/s', `${count(all.perSecond)}/s`, met(all.perSecond >= 50_000), `JSON.parse of what was read: ${count(all.json)}/s`, share(all.perSecond, all.json)]];
}

function gs1Section({ labels, rounds, rows }: Gs1BenchResult): string {
  return `## GS1 codes

${count(labels)} different labels of each kind over and over, on one core: check digits, dates, character sets and lengths are verified, measures become exact decimals. The yardstick is \`JSON.parse\` of the result of the same label (for the mapper: of the message), in turns in the same run; medians of ${rounds} rounds.

${table(['Label', 'Read', 'JSON.parse of the same', 'Ratio'], rows.map(({ what, perSecond, json }) => [what, `${count(perSecond)}/s`, `${count(json)}/s`, share(perSecond, json)]))}`;
}

function gateSection(figures: readonly GateFigures[]): string {
  const spread = ({ p50, p95, max }: GateFigures['judgeMs']): string => `${ms(p50)} / ${ms(p95)} / ${ms(max)}`;
  return `## Deploy gate

Flows made of the receiving flow, tab after tab, another deploy each time, with all rules at their default levels. *Judged* is reading the flows and running the rules against what runs; *deploy* is all that a deploy takes longer: judged, noted as pending, recorded in the ledger, copied. Yardstick: the same flows to JSON and back, which Node-RED does several times in a deploy.

${table(['Nodes', 'JSON', 'Judged p50 / p95 / max', 'Deploy p50 / p95 / max', 'Processor time of a deploy, p50', 'To JSON and back p50 / p95 / max', 'Deploy against that'], figures.map((size) => [count(size.nodes), megabytes(size.bytes), spread(size.judgeMs), spread(size.deployMs), ms(size.deployCpuMs), spread(size.jsonMs), times(size.deployMs.p50, size.jsonMs.p50)]))}`;
}

function approvalTargets(figures: OpenApprovalsResult | undefined): string[][] {
  if (figures === undefined) return [];
  const { approvals, rssBytes, emptyRssBytes, decisionMs, bareMs, decisionsPerSecond } = figures;
  return [
    [`${count(approvals)} open approvals with deadlines, memory more than without any`, '< 200 MB', megabytes(rssBytes - emptyRssBytes), met(rssBytes - emptyRssBytes < 200e6), `empty home: ${megabytes(emptyRssBytes)}`, times(rssBytes, emptyRssBytes)],
    [`— a decision at ${decisionsPerSecond}/s, p95`, '< 20 ms', ms(decisionMs.p95), met(decisionMs.p95 < 20), `bare Node-RED, nothing durable: ${ms(bareMs.p95)}`, times(decisionMs.p95, bareMs.p95)],
  ];
}

function decisionTargets(figures: DecisionsResult | undefined): string[][] {
  if (figures === undefined) return [];
  const { waybill, bare, approvers } = figures;
  return [
    [`decision answered, ${approvers} approvers at once, ${count(waybill.scansPerSecond)} scans/s, p95`, '< 150 ms', ms(waybill.decisionMs.p95), met(waybill.decisionMs.p95 < 150), `bare Node-RED, nothing durable: ${ms(bare.decisionMs.p95)}`, times(waybill.decisionMs.p95, bare.decisionMs.p95)],
    ['— scan PUBLISH until its task is on a phone, p95 / p99', '< 1 s', `${ms(waybill.visibleMs.p95)} / ${ms(waybill.visibleMs.p99)}`, met(waybill.visibleMs.p99 < 1_000), '', ''],
  ];
}

function firstUseTargets(figures: FirstUseResult | undefined): string[][] {
  if (figures === undefined) return [];
  const { firstStartSeconds, bareSeconds, pages } = figures;
  return [
    ['`npm start` with nothing built until usable', '< 15 s', `${firstStartSeconds.toFixed(1)} s`, met(firstStartSeconds < 15), `bare Node-RED: ${bareSeconds.toFixed(1)} s`, times(firstStartSeconds, bareSeconds)],
    ...pages.map((page) => [`scripts of the first page (${page.page}), compressed`, '< 150 kB', kilobytes(page.scriptBytes), met(page.scriptBytes < 150e3), '', '']),
  ];
}

function measuredOn(results: Results): string {
  const rows = Object.entries(results).map(([name, { on }]: [string, Measured<unknown>]) => [
    name, on.date, on.commit, `${on.processor}, ${on.cores} cores, ${on.memoryGiB} GiB`, on.system, String(on.loadBefore), Object.entries(on.versions).map(([what, version]) => `${what} ${version}`).join(', '),
  ]);
  return table(['Bench', 'Date', 'Commit', 'Machine', 'System', 'Load before', 'Versions'], rows);
}

function intakeSection({ intakeOnly, intakeOnlyPaced, withClose, withClosePaced, bare, barePaced }: IntakeResult): string {
  const row = (name: string, span: Span): string[] => [
    name, `${count(span.rate)}/s over ${Math.round(span.seconds)} s`, span.processedRate === undefined ? '' : `${count(span.processedRate)}/s`, span.settleSeconds === undefined ? '' : `${span.settleSeconds} s`,
    `${ms(span.latencyMs.p50)} / ${ms(span.latencyMs.p95)} / ${ms(span.latencyMs.p99)}`, ms(span.process.loopDelayMs.p99), megabytes(span.process.rssBytes), `${span.process.cpuCores} + ${span.publisherCores}`,
  ];
  return `## Intake

Embedded broker (aedes), Node-RED with Waybill and publisher on the same two cores, MQTT 3.1.1, QoS 1, 8 connections with at most 64 unacknowledged scans each; every scan is a handling unit of its own with a transport id. *Intake only* is \`scan in\` → a function node that keeps the message: each scan is a case with its scan event, completed intake step and token, on disk before its PUBACK, and nothing follows. *With close* is \`scan in\` → \`case close\`, two more commits a case. *Bare* is Node-RED without Waybill, \`mqtt in\` (QoS 1, parsed JSON) → a function that counts, with the same aedes in the same process; its PUBACK promises nothing.

${table(['Flow', 'Acknowledged', 'Processed meanwhile', 'Left after the end', 'publish → PUBACK p50 / p95 / p99', 'Event-loop delay p99', 'Resident memory', 'Cores used, process + publisher'], [
    row('intake only, as fast as it goes', intakeOnly), row('intake only, 1,000/s', intakeOnlyPaced), row('with close, as fast as it goes', withClose), row('with close, 1,000/s', withClosePaced),
    row('bare, as fast as it goes', bare), row('bare, 1,000/s', barePaced),
  ])}
As fast as it goes, the time to the PUBACK is what 512 unacknowledged scans wait for each other.
`;
}

function ledgerSection(sizes: readonly LedgerBenchResult[]): string {
  return `## Ledger

Commits of a straight-through case, as many cases at once as fill the groups; the bare loop inserts the same rows into the same tables of the same schema with the same \`synchronous=FULL\` and the same group size, on one connection, without conditions, tree and checkpoints. Medians of alternating rounds.

${table(['Group', 'Events', 'Rows', 'Ledger', 'Bare loop', 'Ratio', 'Event-loop delay p99'], sizes.map((size) => [
    String(size.groupSize), count(size.events), count(size.rows), `${count(size.ledgerEventsPerSecond)} events/s`, `${count(size.bareEventsPerSecond)} events/s`, `${Math.round(size.ratio * 100)} %`, ms(size.loopDelayP99),
  ]))}`;
}

function straightSection({ shortest, receiving, bareCallsPerSecond }: StraightThroughResult): string {
  const row = (name: string, run: StraightThroughRun): string[] => [
    name, count(run.cases), `${run.seconds} s`, `${count(run.casesPerSecond)}/s`, ms(run.process.loopDelayMs.p99), megabytes(run.process.rssBytes), `${run.process.cpuCores} + ${run.erpCores}`,
  ];
  return `## Straight-through cases

From the first scan to the last close, over MQTT, with the demo ERP in its own process on the same two cores. *Shortest* is \`scan in\` → \`validate\` (JSON Schema, reservation of the order line's quantity) → \`call\` (goods receipt under an idempotency key) → \`case close\`. *Receiving* is the flow of \`npm start\`: announcement and order line are asked for at the ERP first, so three calls a case. The bare client posts the same receipts to the same ERP, 32 at once, and does nothing else: ${count(bareCallsPerSecond)}/s.

${table(['Flow', 'Cases', 'Time', 'Cases', 'Event-loop delay p99', 'Resident memory', 'Cores used, process + ERP'], [row('shortest', shortest), row('receiving', receiving)])}`;
}

function openSection({ cases, ledgerBytes, clean, killed, empty }: OpenCasesResult): string {
  const row = (name: string, start: ColdStart): string[] => [name, `${start.readySeconds.toFixed(2)} s`, megabytes(start.rssReadyBytes), megabytes(start.rssMaxBytes), megabytes(start.rssBytes)];
  return `## Many open cases

${count(cases)} cases, each waiting for an approval (a ledger of ${megabytes(ledgerBytes)}), made by scans over MQTT. The process is what \`npm start\` starts, from its start to 200 of \`/waybill/readyz\`; the files may be in the system's cache.

${table(['Start', 'Ready', 'Resident when ready', 'Most in 10 s after', 'After 10 s'], [row('after an orderly stop', clean), row('after SIGKILL', killed), row('empty home', empty)])}`;
}

function decisionsSection({ approvers, rounds, waybill, bare }: DecisionsResult): string {
  const spread = ({ p50, p95, p99, max }: DecisionsRun['decisionMs']): string => `${ms(p50)} / ${ms(p95)} / ${ms(p99)} / ${ms(max)}`;
  const row = (name: string, run: DecisionsRun): string[] => [
    name, count(run.decisions), spread(run.decisionMs), `${count(run.scansPerSecond)}/s`, spread(run.pubackMs), ms(run.process.loopDelayMs.p99), megabytes(run.process.rssBytes), `${run.process.cpuCores} + ${run.approversCores}`,
  ];
  return `## Decisions

${approvers} approvers, each with a token, a live stream open and its list of tasks fetched again whenever the stream says that tasks changed (at most every 500 ms, as the inbox does). In ${rounds} rounds, two seconds apart, all of them decide at the same moment: one task each, over HTTP with \`Idempotency-Key\`, answered when it is on disk. 500 scans a second come in through the broker: 25 of them become the tasks, the others are cases that close. Waybill, broker, load and approvers share the two cores. *Bare* is Node-RED without Waybill under the same load: \`http in\` → function → \`http response\` with the same JSON, nothing kept.

${table(['Process', 'Decisions', 'Answered p50 / p95 / p99 / max', 'Load', 'PUBACK p50 / p95 / p99 / max', 'Event-loop delay p99', 'Resident memory', 'Cores used, process + approvers'], [row('Waybill', waybill), row('bare', bare)])}
From the PUBLISH of a scan until its task is in the list of a phone, fetched because the live stream said so: ${spread(waybill.visibleMs)} over ${count(waybill.seen)} sightings by five phones. Meanwhile the approvers fetched ${count(waybill.lists)} lists of at most 50 tasks: ${spread(waybill.listMs)}.
`;
}

function firstUseSection({ firstStartSeconds, secondStartSeconds, bareSeconds, pages }: FirstUseResult): string {
  return `## The first minutes

From \`npm start\` until \`/waybill/readyz\` and the inbox answer, in a new home: ${firstStartSeconds} s when nothing is built yet, ${secondStartSeconds} s when it is; a bare Node-RED with an empty flow takes ${bareSeconds} s until it has subscribed. \`npm ci\` comes before and depends on the network.

${table(['Page, in a new browser', 'Scripts over the wire', 'Files', 'Styles, data and the rest', 'Until it has its data'], pages.map((page) => [page.page, kilobytes(page.scriptBytes), String(page.scripts), kilobytes(page.otherBytes), `${page.readyMs} ms`]))}`;
}

function approvalsSection({ approvals, rssBytes, emptyRssBytes, rssAfterBytes, decided, decisionsPerSecond, decisionMs, bareMs }: OpenApprovalsResult): string {
  const spread = (latency: OpenApprovalsResult['decisionMs']): string => `${ms(latency.p50)} / ${ms(latency.p95)} / ${ms(latency.p99)} / ${ms(latency.max)}`;
  return `## Open approvals

${count(approvals)} cases wait for a decision, each with a deadline. Resident memory, the most in the ten seconds after a start: ${megabytes(rssBytes)}, without any case ${megabytes(emptyRssBytes)}; after ${count(decided)} decisions ${megabytes(rssAfterBytes)}. ${decisionsPerSecond} decisions a second come in evenly, whether or not the last was answered, and are counted from the moment they were due; the bench sends them from the same two cores.

${table(['Process', 'Answered p50 / p95 / p99 / max'], [['Waybill', spread(decisionMs)], ['bare', spread(bareMs)]])}`;
}

/** The page docs/benchmarks.md. */
export function report(results: Results): string {
  const { intake, ledger, 'straight-through': straight, 'open-cases': open, 'open-approvals': approvals, decisions, 'first-use': firstUse, gate, 'shop-floor': shopFloor, feedback, 'opcua-faults': opcUaFaults, gs1, services, day } = results;
  const parts = [
    `# Benchmarks

Written by \`npm run bench\`; figures of another machine mean little without the yardstick beside them, which was measured in the same run. The benches are in \`bench/\`; the measured process is what ships, watched through a preloaded probe.
`,
    `## Targets\n\n${targets(results)}`,
    `## Measured on\n\n${measuredOn(results)}`,
    ...(intake === undefined ? [] : [intakeSection(intake.figures)]),
    ...(ledger === undefined ? [] : [ledgerSection(ledger.figures)]),
    ...(straight === undefined ? [] : [straightSection(straight.figures)]),
    ...(open === undefined ? [] : [openSection(open.figures)]),
    ...(approvals === undefined ? [] : [approvalsSection(approvals.figures)]),
    ...(decisions === undefined ? [] : [decisionsSection(decisions.figures)]),
    ...(firstUse === undefined ? [] : [firstUseSection(firstUse.figures)]),
    ...(gate === undefined ? [] : [gateSection(gate.figures)]),
    ...(shopFloor === undefined ? [] : [shopFloorSection(shopFloor.figures)]),
    ...(feedback === undefined ? [] : [feedbackSection(feedback.figures, feedback.on)]),
    ...(opcUaFaults === undefined ? [] : [opcUaFaultsSection(opcUaFaults.figures, opcUaFaults.on)]),
    ...(gs1 === undefined ? [] : [gs1Section(gs1.figures)]),
    ...(services === undefined ? [] : [servicesSection(services.figures, services.on)]),
    ...(day === undefined ? [] : [daySection(day.figures)]),
  ];
  return `${parts.join('\n')}`;
}

/** What the simulator tells the person who started it. */
import type { ExpectedOutcome, ScanKind } from './planned-scan.ts';
import type { ShiftReport } from './publisher.ts';

/** Kinds in the order of the summary, with what should be seen for them. */
const KINDS: readonly (readonly [ScanKind, string, ExpectedOutcome])[] = [
  ['exact', 'handling units as ordered', 'straight-through'],
  ['short', 'short deliveries', 'straight-through'],
  ['short-final', 'short and final deliveries', 'straight-through'],
  ['over-within', 'over, within tolerance', 'straight-through'],
  ['mixed-pallet', 'mixed pallets', 'straight-through'],
  ['loose-goods', 'loose goods by GTIN', 'straight-through'],
  ['over-beyond', 'over, beyond tolerance', 'approval'],
  ['joint-over', 'two docks jointly over', 'joint-over'],
  ['no-asn', 'cartons without an ASN', 'exception-no-asn'],
  ['closed-line', 'deliveries for closed lines', 'exception-line-closed'],
  ['reversal', 'receipts taken back', 'reversal'],
  ['double-same-id', 'the same message twice', 'duplicate-transport'],
  ['double-new-id', 'the same unit scanned twice', 'duplicate-business'],
  ['dirty-check-digit', 'labels with a wrong check digit', 'quarantine'],
  ['dirty-truncated', 'labels read in part', 'quarantine'],
  ['dirty-binary', 'binary rubbish', 'quarantine'],
  ['dirty-json', 'broken JSON', 'quarantine'],
];

const WHAT_TO_SEE: Readonly<Record<ExpectedOutcome, string>> = {
  'straight-through': 'receipt in the ERP, case closed',
  'approval': 'task in the inbox',
  'joint-over': 'of each two one task in the inbox',
  'exception-no-asn': 'exception: no ASN',
  'exception-line-closed': 'exception: line closed',
  'reversal': 'negative receipt',
  'duplicate-transport': 'nothing new',
  'duplicate-business': 'recorded on the open case, no second receipt',
  'quarantine': 'quarantine',
};

/** One line while it runs. */
export function progressLine(report: ShiftReport, total: number, seconds: number): string {
  const rate = seconds > 0 ? Math.round((report.acknowledged / seconds) * 10) / 10 : 0;
  const away = report.disconnected ? ' · broker away, waiting' : '';
  return `${report.published} of ${total} published · ${report.acknowledged} acknowledged · ${rate}/s${away}`;
}

/** The table at the end. */
export function summary(report: ShiftReport, seconds: number): string {
  const rows = KINDS.flatMap(([kind, label, expected]) => {
    const counts = report.byKind.get(kind);
    return counts === undefined ? [] : [[label, String(counts.published), String(counts.acknowledged), WHAT_TO_SEE[expected]]];
  });
  rows.unshift(['', 'published', 'acknowledged', 'should lead to']);
  rows.push(['all', String(report.published), String(report.acknowledged), `${seconds.toFixed(1)} s`]);
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows.map(([label = '', published = '', acknowledged = '', see = '']) =>
    `${label.padEnd(widths[0] ?? 0)}  ${published.padStart(widths[1] ?? 0)}  ${acknowledged.padStart(widths[2] ?? 0)}  ${see}`.trimEnd()).join('\n');
}

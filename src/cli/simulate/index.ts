/** A seeded shift at receiving: the plan, the data behind it, and its way over MQTT. */
export type { ExpectedOutcome, PlannedScan, ScanKind, ShiftOptions } from './planned-scan.ts';
export { emptyReport, publishShift, type PublishOptions, type ShiftReport } from './publisher.ts';
export { shiftData, shiftPlan } from './shift-plan.ts';

/** Sparkplug 3.0 (ISO/IEC 20237): a host application, from bytes and sessions to cases. */
export { DATA_TYPES, interpret, type DataType } from './datatypes.ts';
export { HostLink, type HostLinkOptions, type HostPort, type ReportTaker } from './host-link.ts';
export type { OwnConnection } from './host-connection.ts';
export { defaultHostLimits, SparkplugHost } from './host.ts';
export type { DeviceView, EdgeNodeView, GapReason, HostCounters, HostEffect, HostLimits, HostOptions, MetricReport, MetricView } from './host-types.ts';
export { decodePayload, defaultPayloadLimits, type PayloadMetric, type SparkplugPayload } from './payload.ts';
export { edgeTopic, isSparkplugId, type EdgeTopic } from './topics.ts';
export { SparkplugPayloadError } from './errors.ts';
export type { ReportFilter } from './report-filter.ts';
export { ReportIntake, type ReportIntakeOptions, type ReportIntakePort, type ReportOutcome } from './report-intake.ts';
export { reportOpening, type ReportOpening, type ReportOpeningOptions } from './report-opening.ts';
export { ReportTrigger, type ReportEvent, type ReportTriggerKind, type ReportTriggerOptions } from './report-trigger.ts';
export { reportFilter } from './report-filter.ts';

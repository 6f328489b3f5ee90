import type { FlowNode } from './flows.ts';

/** Waybill's nodes that are no steps: settings that others use. */
const CONFIG_NODES: ReadonlySet<string> = new Set(['waybill-site', 'waybill-directory', 'waybill-calendar', 'waybill-broker', 'waybill-system', 'waybill-opcua-endpoint']);

/** Steps that open a case for what comes in: they need none. */
const OPENERS: ReadonlySet<string> = new Set(['waybill-scan-in', 'waybill-case-open', 'waybill-plc-in', 'waybill-sparkplug-in', 'waybill-event-in', 'waybill-file-in', 'waybill-queue-in', 'waybill-service-in']);

/** A step in whose place a person, a time or an event is waited for. */
const WAITING: ReadonlySet<string> = new Set(['waybill-approval', 'waybill-wait-for-event', 'waybill-wait-until', 'waybill-gather', 'waybill-exception', 'waybill-escalation']);

const isGovernedType = (type: string): boolean => type.startsWith('waybill-') && !CONFIG_NODES.has(type);

/** What reports events instead of waiting for one or opening a case works on no case. */
const isReporter = (node: FlowNode): boolean => (node.type === 'waybill-wait-for-event' && node['mode'] === 'event')
  || (node.type === 'waybill-event-in' && node['does'] === 'report') || (node.type === 'waybill-service-in' && node['does'] === 'tell');

/** A node that works on a case. */
export const isStep = (node: FlowNode): boolean => isGovernedType(node.type) && !isReporter(node);

export const isOpener = (node: FlowNode): boolean => OPENERS.has(node.type) && !isReporter(node);

/** A step that ends the case, or this site's part of it. */
export const isCloser = (node: FlowNode): boolean => node.type === 'waybill-case-close' || node.type === 'waybill-handoff';

export const waits = (node: FlowNode): boolean => (WAITING.has(node.type) && !isReporter(node)) || (node.type === 'waybill-audit' && Number(node['photos'] ?? 0) > 0);

import type { NodeAPI } from 'node-red';
import { eventReportNode } from '../../src/engine/node-red/event-report-node.ts';
import type { EventReportConfig } from '../../src/engine/node-red/event-report-node.ts';
import { governedNode } from '../../src/engine/node-red/governed-node.ts';
import type { GovernedConfig } from '../../src/engine/node-red/governed-node.ts';
import { waitForEventPattern } from '../../src/engine/patterns/wait-for-event.ts';
import type { WaitForEventConfig } from '../../src/engine/patterns/wait-for-event.ts';
import { migrateWaitForEvent } from './migrations.ts';

type Config = WaitForEventConfig & EventReportConfig & GovernedConfig;

export default function register(RED: NodeAPI): void {
  governedNode<Config>(RED, 'waybill-wait-for-event', {
    outputs: 2, migrate: migrateWaitForEvent as unknown as (config: Readonly<Record<string, unknown>>) => Config, pattern: waitForEventPattern, plain: eventReportNode, showsNext: true,
  });
}

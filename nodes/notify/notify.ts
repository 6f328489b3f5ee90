import type { NodeAPI } from 'node-red';
import { governedNode } from '../../src/engine/node-red/governed-node.ts';
import type { GovernedConfig } from '../../src/engine/node-red/governed-node.ts';
import { notifyPattern } from '../../src/engine/patterns/notify.ts';
import type { NotifyConfig } from '../../src/engine/patterns/notify.ts';
import { migrateNotify } from './migrations.ts';

export default function register(RED: NodeAPI): void {
  governedNode<NotifyConfig & GovernedConfig>(RED, 'waybill-notify', {
    outputs: 2, migrate: migrateNotify as unknown as (config: Readonly<Record<string, unknown>>) => NotifyConfig & GovernedConfig, pattern: notifyPattern,
    credentials: { teamsUrl: { type: 'password' }, slackUrl: { type: 'password' }, webhookUrl: { type: 'password' }, webhookSecret: { type: 'password' } },
  });
}

import { validatorsOf } from '../../src/editor/browser/validators.ts';
import { documentIntakeForm } from '../document-intake-form.ts';
import { migrateQueueIn } from './migrations.ts';
import type { QueueInConfig } from './migrations.ts';

const valid = validatorsOf('queue-in');
const form = documentIntakeForm('queue-in', migrateQueueIn);

RED.nodes.registerType<QueueInConfig>('waybill-queue-in', {
  icon: 'waybill-queue-in.svg',
  ...form,
  defaults: { ...form.defaults, prefetch: { value: 20, validate: valid.whole('prefetch', { min: 1, max: 500 }) } },
});

import { showMigrated } from '../../src/editor/browser/form.ts';
import { assignStepId, validateStepId } from '../../src/editor/browser/step-ids.ts';
import { ServiceChoice } from '../../src/editor/browser/systems/service-choice.ts';
import { textsOf } from '../../src/editor/browser/texts.ts';
import { validatorsOf } from '../../src/editor/browser/validators.ts';
import { migrateQueueIn } from './migrations.ts';
import type { QueueInConfig } from './migrations.ts';

const text = textsOf('queue-in');
const valid = validatorsOf('queue-in');

const chosen = (property: 'service' | 'operation') => (value: unknown, _options: unknown): true | string => (value === undefined || String(value) !== '' ? true : text(`error.${property}`));

RED.nodes.registerType<QueueInConfig>('waybill-queue-in', {
  category: 'waybill',
  color: '#6BA6CF',
  icon: 'waybill-queue-in.svg',
  defaults: {
    name: { value: '' },
    stepId: { value: '', validate: validateStepId },
    requires: { value: '' },
    site: { value: '', type: 'waybill-site', required: true, label: text('label.site') },
    systemNode: { value: '', type: 'waybill-system', required: true, label: text('label.systemNode') },
    service: { value: '', validate: chosen('service') },
    operation: { value: '', validate: chosen('operation') },
    prefetch: { value: 20, validate: valid.whole('prefetch', { min: 1, max: 500 }) },
    process: { value: 'procure-to-pay' },
    template: { value: 'receiving@1.0.0', validate: valid.nameVersion('template', true) },
    key: { value: '/number', validate: (value, _options) => (/^(\/([^~/]|~[01])*)*$/.test(String(value ?? '').trim()) ? true : text('error.pointer')) },
    keyName: { value: 'document' },
    uniqueScope: { value: '' },
    configVersion: { value: 1 },
  },
  inputs: 0,
  outputs: 1,
  paletteLabel: () => text('palette'),
  label: function () {
    return this.name || (this.operation ? text('untitled', { what: this.operation }) : text('palette'));
  },
  labelStyle: function () {
    return this.name ? 'node_label_italic' : '';
  },
  outputLabels: () => text('output.opened'),
  onadd: function () {
    assignStepId(this);
  },
  oneditprepare: function () {
    const migrated = migrateQueueIn(this);
    showMigrated(this, migrated);
    const kind = (): unknown => RED.nodes.node(String($('#node-input-systemNode').val() ?? ''))?.['kind'] ?? undefined;
    const choice = new ServiceChoice({
      prefix: 'waybill-queue-in', effect: 'reads', none: () => text('none', { kind: String(kind()) }),
      fits: () => (kind() === undefined ? undefined : ({ system, offered }) => system === String(kind()) && offered !== true),
    });
    $('#node-input-systemNode').on('change', () => { choice.update(); });
  },
  oneditsave: function () {
    Object.assign(this, { configVersion: migrateQueueIn(this).configVersion });
  },
});

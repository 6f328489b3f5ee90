import { showMigrated, showWhen } from '../../src/editor/browser/form.ts';
import { guardedInput } from '../../src/editor/browser/guarded-input.ts';
import { judgeSchema, SchemaField } from '../../src/editor/browser/schema-field.ts';
import { assignStepId, validateStepId } from '../../src/editor/browser/step-ids.ts';
import { textsOf } from '../../src/editor/browser/texts.ts';
import { typedInput } from '../../src/editor/browser/typed-inputs.ts';
import { onlyWhen, validatorsOf } from '../../src/editor/browser/validators.ts';
import { ENVIRONMENT_VARIABLE } from '../../src/editor/browser/value-forms.ts';
import { migrateEventOut } from './migrations.ts';
import type { EventOutNodeConfig } from './migrations.ts';

const text = textsOf('event-out');
const valid = validatorsOf('event-out');

const schema = new SchemaField();

const isTo = (way: string) => (): boolean => $('#node-input-to').val() === way;

const complaints = { form: () => text('error.schemaForm'), json: (reason: string) => text('error.schemaJson', { reason }) };

RED.nodes.registerType<EventOutNodeConfig>('waybill-event-out', {
  category: 'waybill',
  color: '#B79CDA',
  icon: 'waybill-event-out.svg',
  defaults: {
    name: { value: '' },
    stepId: { value: '', validate: validateStepId },
    requires: { value: '', validate: valid.milestones('requires') },
    system: { value: '', validate: valid.text('system') },
    to: { value: 'mqtt' },
    broker: {
      value: '', type: 'waybill-broker', required: false, label: text('label.broker'),
      validate: onlyWhen('to', valid.configNode('broker'), 'mqtt'),
    },
    topic: {
      value: '',
      validate: onlyWhen('to', function (value, options) {
        const topic = String(value ?? '');
        if (this['topicType'] === 'str' && (/[+#]/.test(topic) || topic.startsWith('$')) && !ENVIRONMENT_VARIABLE.test(topic)) return text('error.topic');
        return valid.typed('topic', 'topicType').call(this, value, options);
      }, 'mqtt'),
    },
    topicType: { value: 'str' },
    url: {
      value: '',
      validate: onlyWhen('to', function (value, options) {
        const address = String(value ?? '');
        if (this['urlType'] === 'str' && address !== '' && !/^https?:\/\/[^/@\s]+(?:[/?#]\S*)?$/.test(address) && !ENVIRONMENT_VARIABLE.test(address)) return text('error.url');
        return valid.typed('url', 'urlType').call(this, value, options);
      }, 'http'),
    },
    urlType: { value: 'str' },
    tokenVariable: { value: '', validate: (value, _options) => (/^([A-Za-z_][A-Za-z0-9_]*)?$/.test(String(value ?? '')) ? true : text('error.tokenVariable')) },
    mode: { value: 'structured' },
    eventType: { value: '', validate: (value, _options) => (value === undefined || /^\S{1,200}$/.test(String(value).trim()) ? true : text('error.eventType')) },
    source: { value: '', validate: (value, _options) => (/^\S*$/.test(String(value ?? '').trim()) ? true : text('error.source')) },
    subject: { value: '', validate: valid.typed('subject', 'subjectType', 'blank') },
    subjectType: { value: 'facts' },
    partitionKey: { value: '', validate: valid.typed('partitionKey', 'partitionKeyType', 'blank') },
    partitionKeyType: { value: 'facts' },
    sequence: { value: false },
    data: { value: 'payload', validate: valid.typed('data', 'dataType', 'blank') },
    dataType: { value: 'msg' },
    contract: { value: '', validate: valid.nameVersion('contract') },
    dataschema: { value: '', validate: (value, _options) => (/^$|^[A-Za-z][A-Za-z0-9+.-]*:\S+$/.test(String(value ?? '').trim()) ? true : text('error.dataschema')) },
    schema: { value: '', validate: (value, _options) => (String(value ?? '').trim() === '' ? true : judgeSchema(String(value), complaints)) },
    timeoutSeconds: { value: 30, validate: valid.decimal('timeoutSeconds', { min: 1, max: 3600 }) },
    maxAttempts: { value: 100, validate: valid.whole('maxAttempts', { min: 1, max: 1000 }) },
    maxMinutes: { value: 1440, validate: valid.decimal('maxMinutes', { min: 0.1, max: 525_600 }) },
    baseDelaySeconds: { value: 1, validate: valid.decimal('baseDelaySeconds', { min: 0.1, max: 86_400 }) },
    maxDelaySeconds: { value: 60, validate: valid.decimal('maxDelaySeconds', { min: 0.1, max: 86_400 }) },
    circuitFailures: { value: 0, validate: valid.whole('circuitFailures', { min: 0, max: 1000 }) },
    openSeconds: { value: 30, validate: valid.decimal('openSeconds', { min: 1, max: 86_400 }) },
    concurrency: { value: 0, validate: valid.whole('concurrency', { min: 0, max: 1000 }) },
    milestone: { value: '', validate: valid.milestones('milestone') },
    configVersion: { value: 1 },
  },
  credentials: {
    token: { type: 'password' },
  },
  inputs: 1,
  outputs: 2,
  paletteLabel: () => text('palette'),
  label: function () {
    return this.name || (this.eventType ? text('untitled', { type: this.eventType }) : text('palette'));
  },
  labelStyle: function () {
    return this.name ? 'node_label_italic' : '';
  },
  inputLabels: function () {
    return guardedInput(this, text('input'));
  },
  outputLabels: (index) => text(index === 0 ? 'output.sent' : 'output.refused'),
  onadd: function () {
    assignStepId(this);
  },
  oneditprepare: function () {
    const migrated = migrateEventOut(this);
    showMigrated(this, migrated);
    typedInput('topic', ['str', 'jsonata', 'env', 'facts', 'msg']);
    typedInput('url', ['str', 'jsonata', 'env', 'facts', 'msg']);
    typedInput('data', ['msg', 'jsonata', 'facts', 'json', 'epcis']);
    typedInput('subject', ['facts', 'msg', 'jsonata', 'str']);
    typedInput('partitionKey', ['facts', 'msg', 'jsonata', 'str']);
    schema.open(migrated.schema);
    showWhen('.waybill-mqtt', '#node-input-to', isTo('mqtt'));
    showWhen('.waybill-http', '#node-input-to', isTo('http'));
  },
  oneditcancel: () => { schema.close(); },
  oneditsave: function () {
    Object.assign(this, { schema: schema.close(), configVersion: migrateEventOut(this).configVersion });
  },
});

import { showMigrated, showWhen } from '../../src/editor/browser/form.ts';
import { judgeSchema, SchemaField } from '../../src/editor/browser/schema-field.ts';
import { assignStepId, validateStepId } from '../../src/editor/browser/step-ids.ts';
import { textsOf } from '../../src/editor/browser/texts.ts';
import { onlyWhen, validatorsOf } from '../../src/editor/browser/validators.ts';
import { hasFixedLevel, JSON_POINTER, listOf } from '../../src/editor/browser/value-forms.ts';
import { askAddress } from './editor/answers.ts';
import { openSenderList, readSenderList, showTokens } from './editor/sender-list.ts';
import { TryPanel } from './editor/try-panel.ts';
import { migrateEventIn } from './migrations.ts';
import type { EventInConfig, EventSenderConfig } from './migrations.ts';

const text = textsOf('event-in');
const valid = validatorsOf('event-in');

let panel: TryPanel | undefined;
const schema = new SchemaField();

const chosen = (property: string): string => String($(`#node-input-${property}`).val());

/** MQTT 5 §4.7.1. */
function isTopicFilter(filter: string): boolean {
  const levels = filter.split('/');
  return filter !== '' && levels.every((level, at) => level === '+' || (level === '#' && at === levels.length - 1) || /^[^+#]*$/.test(level));
}

const complaints = { form: () => text('error.schemaForm'), json: (reason: string) => text('error.schemaJson', { reason }) };

RED.nodes.registerType<EventInConfig>('waybill-event-in', {
  category: 'waybill',
  color: '#6BA6CF',
  icon: 'waybill-event-in.svg',
  defaults: {
    name: { value: '' },
    stepId: { value: '', validate: validateStepId },
    requires: { value: '' },
    site: { value: '', type: 'waybill-site', required: true, label: text('label.site') },
    from: { value: 'mqtt' },
    broker: {
      value: '', type: 'waybill-broker', required: false, label: text('label.broker'),
      validate: onlyWhen('from', valid.configNode('broker'), 'mqtt'),
    },
    topic: { value: 'events/#', validate: onlyWhen('from', (value, _options) => {
      const filter = String(value).trim();
      if (value !== undefined && !isTopicFilter(filter)) return text('error.topic');
      return value === undefined || hasFixedLevel(filter) ? true : text('error.topicWide');
    }, 'mqtt') },
    path: { value: '', validate: onlyWhen('from', (value, _options) => (value === undefined || /^[A-Za-z0-9][A-Za-z0-9.-]{0,63}$/.test(String(value).trim()) ? true : text('error.path')), 'http') },
    origins: { value: '' },
    perSecond: { value: 100, validate: onlyWhen('from', valid.whole('perSecond', { min: 1, max: 100_000 }), 'http') },
    sources: {
      value: [],
      validate: function (value, _options) {
        const senders = (value ?? []) as readonly EventSenderConfig[];
        if (senders.some(({ source }) => source.slice(0, -1).includes('*'))) return text('error.sources');
        if (this['from'] !== 'http') return true;
        return senders.length === 0 ? text('error.sourcesMissing') : senders.every(({ tokenHash }) => tokenHash !== '') ? true : text('error.tokens');
      },
    },
    devices: { value: 'any' },
    types: { value: '', validate: (value, _options) => (listOf(String(value ?? '')).some((type) => type.slice(0, -1).includes('*')) ? text('error.types') : true) },
    dataschema: { value: '', validate: (value, _options) => (/^$|^[A-Za-z][A-Za-z0-9+.-]*:\S+$/.test(String(value ?? '').trim()) ? true : text('error.dataschema')) },
    bySchema: { value: 'off' },
    contract: { value: '', validate: valid.nameVersion('contract') },
    schema: { value: '', validate: (value, _options) => (String(value ?? '').trim() === '' ? true : judgeSchema(String(value), complaints)) },
    maxBytes: { value: 65_536, validate: valid.whole('maxBytes', { min: 1, max: 268_435_455 }) },
    does: { value: 'open' },
    process: { value: 'procure-to-pay' },
    template: { value: 'receiving@1.0.0', validate: onlyWhen('does', valid.nameVersion('template', true), 'open') },
    key: {
      value: '/subject',
      validate: function (value, _options) {
        const pointer = String(value ?? '').trim();
        if (!JSON_POINTER.test(pointer)) return text('error.pointer');
        return value !== undefined && pointer === '' && this['does'] === 'report' ? text('error.keyMissing') : true;
      },
    },
    keyName: { value: 'event' },
    uniqueScope: { value: '' },
    eventName: { value: '', validate: onlyWhen('does', (value, _options) => (/^([A-Za-z0-9][A-Za-z0-9._-]{0,63})?$/.test(String(value ?? '').trim()) ? true : text('error.eventName')), 'report') },
    keep: { value: 7, validate: onlyWhen('does', valid.decimal('keep', { min: 0, max: 129_600 }), 'report') },
    keepUnit: { value: 'days' },
    broadcast: { value: false },
    configVersion: { value: 2 },
  },
  inputs: 0,
  outputs: 1,
  paletteLabel: () => text('palette'),
  label: function () {
    const what = this.types || (this.from === 'http' ? this.path : this.topic);
    return this.name || (what ? text('untitled', { what }) : text('palette'));
  },
  labelStyle: function () {
    return this.name ? 'node_label_italic' : '';
  },
  outputLabels: () => text('output.opened'),
  onadd: function () {
    assignStepId(this);
  },
  oneditprepare: function () {
    const migrated = migrateEventIn(this);
    showMigrated(this, migrated);
    const list = $('#node-input-sources-list');
    const overHttp = (): boolean => chosen('from') === 'http';
    openSenderList(list, migrated.sources, overHttp);
    schema.open(migrated.schema);
    panel = new TryPanel($('#waybill-event-in-try'), {
      nodeId: this.id,
      config: () => ({
        from: chosen('from'), sources: readSenderList(list), types: chosen('types'), dataschema: chosen('dataschema'), bySchema: chosen('bySchema'), contract: chosen('contract'), schema: schema.text(),
        maxBytes: Number(chosen('maxBytes')), does: chosen('does'), key: chosen('key'), keyName: chosen('keyName'), uniqueScope: chosen('uniqueScope'), eventName: chosen('eventName'),
      }),
    });
    showWhen('.waybill-mqtt', '#node-input-from', () => !overHttp());
    showWhen('.waybill-http', '#node-input-from', overHttp);
    showWhen('.waybill-open', '#node-input-does', () => chosen('does') !== 'report');
    showWhen('.waybill-report', '#node-input-does', () => chosen('does') === 'report');
    $('#node-input-from').on('change', () => { showTokens(list, overHttp()); });
    showAddress();
  },
  oneditcancel: () => {
    panel?.close();
    schema.close();
  },
  oneditsave: function () {
    panel?.close();
    Object.assign(this, { sources: readSenderList($('#node-input-sources-list')), schema: schema.close(), configVersion: migrateEventIn(this).configVersion });
  },
});

/** Says where the events are sent, as the path is typed. */
function showAddress(): void {
  askAddress().then(({ base }) => {
    const show = (): void => { $('#waybill-event-in-address').text(text('address', { address: `${base}${chosen('path') || '…'}` })); };
    $('#node-input-path').on('input', show);
    show();
  }, () => { $('#waybill-event-in-address').text(''); });
}

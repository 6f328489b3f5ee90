import { isTicked, showMigrated, showWhen } from '../../src/editor/browser/form.ts';
import { assignStepId, validateStepId } from '../../src/editor/browser/step-ids.ts';
import { textsOf } from '../../src/editor/browser/texts.ts';
import { validatorsOf, whenever } from '../../src/editor/browser/validators.ts';
import { openFactList, readFactList } from './editor/fact-list.ts';
import { SparkplugPanel } from './editor/panel.ts';
import { migrateSparkplugIn } from './migrations.ts';
import type { SparkplugInConfig } from './migrations.ts';

const text = textsOf('sparkplug-in');
const valid = validatorsOf('sparkplug-in');

/** One level of a topic, without wildcards (Sparkplug 3.0 §4.2). */
const IDS = /^[^+#/,]+(,[^+#/,]+)*$/;
const LIMITED = ['above', 'below'];
const BANDED = ['change', 'stable'];
const MOST = Number.MAX_SAFE_INTEGER;

let panel: SparkplugPanel | undefined;

const isLimited = (kind: unknown): boolean => LIMITED.includes(String(kind));

RED.nodes.registerType<SparkplugInConfig>('waybill-sparkplug-in', {
  category: 'waybill',
  color: '#6BA6CF',
  icon: 'waybill-sparkplug-in.svg',
  defaults: {
    name: { value: '' },
    stepId: { value: '', validate: validateStepId },
    requires: { value: '' },
    site: { value: '', type: 'waybill-site', required: true, label: text('label.site') },
    broker: { value: '', type: 'waybill-broker', required: true, label: text('label.broker') },
    hostId: {
      value: '',
      validate: function (value, _options) {
        return value === undefined || value === '' || /^[^+#/]{1,128}$/.test(String(value)) ? true : text('error.hostId');
      },
    },
    primary: { value: true },
    groups: {
      value: '',
      validate: function (value, _options) {
        return value === undefined || value === '' || IDS.test(String(value)) ? true : text('error.groups');
      },
    },
    edgeNodes: { value: '' },
    devices: { value: '' },
    register: { value: 'any' },
    metrics: {
      value: '',
      validate: function (value, _options) {
        return value === undefined || String(value).trim() !== '' ? true : text('error.metrics');
      },
    },
    trigger: { value: 'report' },
    limit: { value: 0, validate: whenever('trigger', isLimited, valid.decimal('limit', { min: -MOST, max: MOST })) },
    hysteresis: { value: 0, validate: whenever('trigger', isLimited, valid.decimal('hysteresis', { min: 0, max: MOST })) },
    deadband: { value: 0, validate: whenever('trigger', (kind) => BANDED.includes(String(kind)), valid.decimal('deadband', { min: 0, max: MOST })) },
    forSeconds: {
      value: 0,
      validate: function (value, options) {
        if (this['trigger'] === 'stable' && Number(value ?? 1) <= 0) return text('error.stable');
        return valid.decimal('forSeconds', { min: 0, max: 86_400 }).call(this, value, options);
      },
    },
    historical: { value: true },
    facts: {
      value: {},
      validate: function (value, _options) {
        const names = Object.keys((value ?? {}) as object);
        return names.every((name) => /^[A-Za-z_]\w{0,63}$/.test(name)) ? true : text('error.facts');
      },
    },
    keyFact: {
      value: '',
      validate: function (value, _options) {
        const known = ['value', 'metric', ...Object.keys((this['facts'] ?? {}) as object)];
        return value === undefined || value === '' || known.includes(String(value)) ? true : text('error.keyFact', { known: known.join(', ') });
      },
    },
    keyType: { value: '' },
    uniqueScope: { value: '' },
    title: { value: '' },
    process: { value: 'inventory-movement' },
    template: { value: 'shop-floor@1.0.0', validate: valid.nameVersion('template', true) },
    reorderMs: { value: 2_000, validate: valid.whole('reorderMs', { min: 0, max: 60_000 }) },
    maxEdgeNodes: { value: 200, validate: valid.whole('maxEdgeNodes', { min: 1, max: 10_000 }) },
    maxMetrics: { value: 20_000, validate: valid.whole('maxMetrics', { min: 1, max: 200_000 }) },
    configVersion: { value: 2 },
  },
  inputs: 0,
  outputs: 1,
  paletteLabel: () => text('palette'),
  label: function () {
    return this.name || (String(this.metrics ?? '') === '' ? text('palette') : text('untitled', { metrics: String(this.metrics) }));
  },
  labelStyle: function () {
    return this.name ? 'node_label_italic' : '';
  },
  outputLabels: () => text('output.opened'),
  onadd: function () {
    assignStepId(this);
  },
  oneditprepare: function () {
    const migrated = migrateSparkplugIn(this);
    showMigrated(this, migrated);
    const facts = $('#node-input-facts-list');
    openFactList(facts, migrated.facts, { name: text('placeholder.fact'), metric: text('placeholder.metric') });
    const field = (name: string): string => String($(`#node-input-${name}`).val() ?? '');
    panel = new SparkplugPanel($('#waybill-sparkplug-in-live'), {
      nodeId: this.id,
      config: () => ({
        site: field('site'), hostId: field('hostId'), groups: field('groups'), edgeNodes: field('edgeNodes'), devices: field('devices'), metrics: field('metrics'), trigger: field('trigger'),
        limit: Number(field('limit')), hysteresis: Number(field('hysteresis')), deadband: Number(field('deadband')), forSeconds: Number(field('forSeconds')), historical: isTicked('historical'),
        facts: readFactList(facts), keyFact: field('keyFact'), keyType: field('keyType'), uniqueScope: field('uniqueScope'), title: field('title'),
      }),
      choose: ({ group, edgeNode, device, metric }) => {
        $('#node-input-groups').val(group);
        $('#node-input-edgeNodes').val(edgeNode);
        $('#node-input-devices').val(device ?? '-');
        $('#node-input-metrics').val(metric).trigger('change');
      },
    });
    const kind = (): string => field('trigger');
    showWhen('.waybill-sparkplug-limit', '#node-input-trigger', () => isLimited(kind()));
    showWhen('.waybill-sparkplug-deadband', '#node-input-trigger', () => BANDED.includes(kind()));
    showWhen('.waybill-sparkplug-for', '#node-input-trigger', () => kind() !== 'report');
  },
  oneditcancel: () => { panel?.close(); },
  oneditsave: function () {
    panel?.close();
    Object.assign(this, { facts: readFactList($('#node-input-facts-list')), configVersion: migrateSparkplugIn(this).configVersion });
  },
});

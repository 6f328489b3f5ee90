import { isTicked, showMigrated, showWhen } from '../../src/editor/browser/form.ts';
import { openPointerList, readPointerList } from '../../src/editor/browser/pointer-list.ts';
import { assignStepId, validateStepId } from '../../src/editor/browser/step-ids.ts';
import { textsOf } from '../../src/editor/browser/texts.ts';
import { validatorsOf } from '../../src/editor/browser/validators.ts';
import { isTopicPattern } from '../../src/editor/browser/value-forms.ts';
import { TryPanel } from './editor/try-panel.ts';
import { migrateScanIn } from './migrations.ts';
import type { ScanInConfig } from './migrations.ts';

const text = textsOf('scan-in');
const valid = validatorsOf('scan-in');

let panel: TryPanel | undefined;

/** What the chosen site node names, for the variables of the topic. */
function siteOf(id: string): { readonly enterprise: string; readonly site: string } {
  const node = RED.nodes.node(id) as { readonly enterprise?: unknown; readonly siteId?: unknown } | null;
  const known = (value: unknown): string => (typeof value === 'string' ? value : '');
  return { enterprise: known(node?.enterprise), site: known(node?.siteId) };
}

RED.nodes.registerType<ScanInConfig>('waybill-scan-in', {
  category: 'waybill',
  color: '#6BA6CF',
  icon: 'waybill-scan-in.svg',
  defaults: {
    name: { value: '' },
    stepId: { value: '', validate: validateStepId },
    requires: { value: '' },
    site: { value: '', type: 'waybill-site', required: true, label: text('label.site') },
    broker: { value: '', type: 'waybill-broker', required: true, label: text('label.broker') },
    pattern: {
      value: '{enterprise}/{site}/{area}/{station}/scan',
      validate: function (value, _options) {
        return value === undefined || isTopicPattern(String(value)) ? true : text('error.pattern');
      },
    },
    preset: { value: 'auto' },
    pointers: {
      value: {},
      validate: function (value, _options) {
        const pointers = (value ?? {}) as Readonly<Record<string, string>>;
        if (this['preset'] === 'custom' && pointers['code'] === undefined) {
          return text('error.pointersCode');
        }
        return Object.values(pointers).every((pointer) => /^(\/([^~/]|~[01])*)*$/.test(pointer)) ? true : text('error.pointersForm');
      },
    },
    fnc1: { value: '' },
    maxBytes: { value: 65_536, validate: valid.whole('maxBytes', { min: 1, max: 268_435_455 }) },
    operatorRequired: { value: false },
    process: { value: 'procure-to-pay' },
    template: { value: 'receiving@1.0.0', validate: valid.nameVersion('template', true) },
    uniqueScope: { value: 'receiving' },
    displayTopic: {
      value: '{enterprise}/{site}/{area}/{station}/display',
      validate: function (value, _options) {
        return value === undefined || value === '' || isTopicPattern(String(value)) ? true : text('error.displayTopic');
      },
    },
    configVersion: { value: 1 },
  },
  inputs: 0,
  outputs: 1,
  paletteLabel: () => text('palette'),
  label: function () {
    // What all patterns of a site begin with says nothing; the station does.
    return this.name || text('untitled', { pattern: String(this.pattern ?? '').replace(/^\{enterprise\}\/\{site\}\//, '') });
  },
  labelStyle: function () {
    return this.name ? 'node_label_italic' : '';
  },
  outputLabels: () => text('output.opened'),
  onadd: function () {
    assignStepId(this);
  },
  oneditprepare: function () {
    const migrated = migrateScanIn(this);
    showMigrated(this, migrated);
    openPointerList($('#node-input-pointers-list'), migrated.pointers, {
      field: (name) => text(`field.${name}`),
      pointerPlaceholder: text('placeholder.pointer'),
    });
    const list = $('#node-input-pointers-list');
    panel = new TryPanel($('#waybill-scan-in-try'), {
      nodeId: this.id,
      config: () => ({
        ...siteOf(String($('#node-input-site').val())), pattern: String($('#node-input-pattern').val()), preset: $('#node-input-preset').val(), pointers: readPointerList(list), fnc1: $('#node-input-fnc1').val(),
        maxBytes: Number($('#node-input-maxBytes').val()), operatorRequired: isTicked('operatorRequired'), uniqueScope: $('#node-input-uniqueScope').val(),
      }),
      take: ({ preset, pointers, fnc1 }) => {
        $('#node-input-preset').val(preset).trigger('change');
        if (fnc1 !== undefined) $('#node-input-fnc1').val(fnc1);
        if (pointers === undefined) return;
        list.editableList('empty');
        Object.entries(pointers).forEach(([field, pointer]) => { list.editableList('addItem', { field, pointer }); });
      },
    });
    showWhen('.waybill-pointers', '#node-input-preset', () => $('#node-input-preset').val() === 'custom');
  },
  oneditcancel: () => { panel?.close(); },
  oneditsave: function () {
    panel?.close();
    const pointers = readPointerList($('#node-input-pointers-list'));
    Object.assign(this, { pointers, configVersion: migrateScanIn(this).configVersion });
  },
});

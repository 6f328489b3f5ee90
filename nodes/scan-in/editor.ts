import { isTicked, showMigrated, showWhen } from '../../src/editor/browser/form.ts';
import { openPointerList, readPointerList } from '../../src/editor/browser/pointer-list.ts';
import { assignStepId, validateStepId } from '../../src/editor/browser/step-ids.ts';
import { expressionInput } from '../../src/editor/browser/typed-inputs.ts';
import { textsOf } from '../../src/editor/browser/texts.ts';
import { validatorsOf } from '../../src/editor/browser/validators.ts';
import { hasFixedLevel, isTopicPattern, JSON_POINTER } from '../../src/editor/browser/value-forms.ts';
import { packagingProblems } from '../../src/governance/gate/rules/packaging-levels.ts';
import { PackagingPart, packagingText } from './editor/packaging-part.ts';
import { TryPanel } from './editor/try-panel.ts';
import { migrateScanIn } from './migrations.ts';
import type { PackagingRowConfig, ScanInConfig } from './migrations.ts';

const text = textsOf('scan-in');
const valid = validatorsOf('scan-in');
const expressionForm = valid.expression('expression');

/** A GLN, one with an extension, or a URI; variables of the topic anywhere behind the first characters of a URI. */
function epcisPlace(name: 'readPoint' | 'bizLocation') {
  return (value: unknown): true | string => (/^$|^(\d{13}|\{gln\})(\/\S+)?$|^(https?:\/\/|urn:|geo:)\S+$/.test(String(value ?? '').trim()) ? true : text(`error.${name}`));
}

let panel: TryPanel | undefined;
let packaging: PackagingPart | undefined;

/** What the chosen site node names, for the variables of the topic. */
function siteOf(id: string): { readonly enterprise: string; readonly site: string; readonly gln: string; readonly timeZone: string } {
  const node = RED.nodes.node(id) as { readonly enterprise?: unknown; readonly siteId?: unknown; readonly gln?: unknown; readonly timeZone?: unknown } | null;
  const known = (value: unknown): string => (typeof value === 'string' ? value : '');
  return { enterprise: known(node?.enterprise), site: known(node?.siteId), gln: known(node?.gln), timeZone: known(node?.timeZone) };
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
        const pattern = String(value);
        if (value !== undefined && !isTopicPattern(pattern)) return text('error.pattern');
        return value === undefined || hasFixedLevel(pattern) ? true : text('error.patternWide');
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
        return Object.values(pointers).every((pointer) => JSON_POINTER.test(pointer)) ? true : text('error.pointersForm');
      },
    },
    expression: {
      value: '',
      validate: function (value, options) {
        if (this['preset'] === 'jsonata' && String(value ?? '').trim() === '') return text('error.expressionMissing');
        return expressionForm.call(this, value, options);
      },
    },
    fnc1: { value: '' },
    maxBytes: { value: 65_536, validate: valid.whole('maxBytes', { min: 1, max: 268_435_455 }) },
    triggerWindowMs: { value: 0, validate: valid.whole('triggerWindowMs', { min: 0, max: 60_000 }) },
    operatorRequired: { value: false },
    devices: { value: 'any' },
    otherStation: { value: 'any' },
    packaging: {
      value: [],
      validate: (value, _options) => {
        const [problem] = packagingProblems((value ?? []) as readonly PackagingRowConfig[]);
        return problem === undefined ? true : packagingText(problem);
      },
    },
    unknownPacks: { value: 'leave' },
    process: { value: 'procure-to-pay' },
    template: { value: 'receiving@1.0.0', validate: valid.nameVersion('template', true) },
    uniqueScope: { value: 'receiving' },
    displayTopic: {
      value: '{enterprise}/{site}/{area}/{station}/display',
      validate: function (value, _options) {
        return value === undefined || value === '' || isTopicPattern(String(value)) ? true : text('error.displayTopic');
      },
    },
    feedback: { value: 'none' },
    feedbackTopic: {
      value: '',
      validate: function (value, _options) {
        return value === undefined || value === '' || isTopicPattern(String(value)) ? true : text('error.feedbackTopic');
      },
    },
    language: { value: 'en' },
    epcis: { value: false },
    bizStep: { value: 'receiving' },
    disposition: { value: 'in_progress' },
    readPoint: { value: '', validate: epcisPlace('readPoint') },
    bizLocation: { value: '', validate: epcisPlace('bizLocation') },
    companyPrefixes: { value: '', validate: (value, _options) => (/^(\d{6,12}([\s,;]+|$))*$/.test(String(value ?? '').trim()) ? true : text('error.companyPrefixes')) },
    configVersion: { value: 3 },
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
    const packs = new PackagingPart(migrated.packaging);
    packaging = packs;
    panel = new TryPanel($('#waybill-scan-in-try'), {
      nodeId: this.id,
      config: () => ({
        ...siteOf(String($('#node-input-site').val())), pattern: String($('#node-input-pattern').val()), preset: $('#node-input-preset').val(), pointers: readPointerList(list), expression: $('#node-input-expression').val(), fnc1: $('#node-input-fnc1').val(),
        maxBytes: Number($('#node-input-maxBytes').val()), operatorRequired: isTicked('operatorRequired'), uniqueScope: $('#node-input-uniqueScope').val(),
        packaging: packs.rows(), unknownPacks: $('#node-input-unknownPacks').val(),
        epcis: isTicked('epcis'), ...Object.fromEntries(['bizStep', 'disposition', 'readPoint', 'bizLocation', 'companyPrefixes'].map((field) => [field, $(`#node-input-${field}`).val()])),
      }),
      take: ({ preset, pointers, fnc1 }) => {
        $('#node-input-preset').val(preset).trigger('change');
        if (fnc1 !== undefined) $('#node-input-fnc1').val(fnc1);
        if (pointers === undefined) return;
        list.editableList('empty');
        Object.entries(pointers).forEach(([field, pointer]) => { list.editableList('addItem', { field, pointer }); });
      },
    });
    expressionInput('expression');
    showWhen('.waybill-expression', '#node-input-preset', () => $('#node-input-preset').val() === 'jsonata');
    showWhen('.waybill-epcis', '#node-input-epcis', () => isTicked('epcis'));
    showWhen('.waybill-feedback', '#node-input-feedback', () => $('#node-input-feedback').val() !== 'none');
    showWhen('.waybill-pointers', '#node-input-preset', () => $('#node-input-preset').val() === 'custom');
  },
  oneditcancel: () => {
    panel?.close();
    packaging?.close();
  },
  oneditsave: function () {
    panel?.close();
    packaging?.close();
    const pointers = readPointerList($('#node-input-pointers-list'));
    Object.assign(this, { pointers, packaging: packaging?.rows() ?? this.packaging, configVersion: migrateScanIn(this).configVersion });
  },
});

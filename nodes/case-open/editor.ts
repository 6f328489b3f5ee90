import { isTicked, showMigrated, showWhen } from '../../src/editor/browser/form.ts';
import { guardedInput } from '../../src/editor/browser/guarded-input.ts';
import { assignStepId, validateStepId } from '../../src/editor/browser/step-ids.ts';
import { textsOf } from '../../src/editor/browser/texts.ts';
import { typedInput } from '../../src/editor/browser/typed-inputs.ts';
import { validatorsOf } from '../../src/editor/browser/validators.ts';
import { migrateCaseOpen } from './migrations.ts';
import type { CaseOpenConfig } from './migrations.ts';

const text = textsOf('case-open');
const valid = validatorsOf('case-open');

RED.nodes.registerType<CaseOpenConfig>('waybill-case-open', {
  category: 'waybill',
  color: '#7DB87A',
  icon: 'waybill-case-open.svg',
  defaults: {
    name: { value: '' },
    stepId: { value: '', validate: validateStepId },
    requires: { value: '' },
    site: { value: '', type: 'waybill-site', required: true, label: text('label.site') },
    process: { value: 'procure-to-pay' },
    template: { value: 'receiving@1.0.0', validate: valid.nameVersion('template', true) },
    keyName: {
      value: '',
      validate: function (value, _options) {
        if (value === undefined || value === '') {
          return this['key'] === undefined || this['key'] === '' ? true : text('error.keyName');
        }
        return /^[a-z][a-z0-9-]{0,39}$/i.test(String(value)) ? true : text('error.keyName');
      },
    },
    key: { value: '', validate: valid.typed('key', 'keyType', 'blank') },
    keyType: { value: 'msg' },
    unique: { value: false },
    uniqueScope: { value: '' },
    facts: { value: 'payload', validate: valid.typed('facts', 'factsType') },
    factsType: { value: 'msg' },
    title: { value: '', validate: valid.typed('title', 'titleType', 'blank') },
    titleType: { value: 'str' },
    operator: { value: '', validate: valid.typed('operator', 'operatorType', 'blank') },
    operatorType: { value: 'msg' },
    transportId: { value: '', validate: valid.typed('transportId', 'transportIdType', 'blank') },
    transportIdType: { value: 'msg' },
    reversalsOf: { value: '', validate: valid.milestones('reversalsOf') },
    configVersion: { value: 1 },
  },
  inputs: 1,
  outputs: 2,
  paletteLabel: () => text('palette'),
  label: function () {
    return this.name || text('untitled', { template: String(this.template || '?').replace(/@.*$/, '') });
  },
  labelStyle: function () {
    return this.name ? 'node_label_italic' : '';
  },
  inputLabels: function () {
    return guardedInput(this, text('input'));
  },
  outputLabels: (index) => text(index === 0 ? 'output.opened' : 'output.repeat'),
  onadd: function () {
    assignStepId(this);
  },
  oneditprepare: function () {
    showMigrated(this, migrateCaseOpen(this));
    typedInput('title', ['str', 'msg', 'jsonata']);
    typedInput('facts', ['msg', 'jsonata', 'json']);
    typedInput('key', ['msg', 'jsonata', 'str']);
    typedInput('transportId', ['msg', 'jsonata']);
    typedInput('operator', ['msg', 'jsonata', 'str', 'env']);
    showWhen('.waybill-unique', '#node-input-unique', () => isTicked('unique'));
  },
  oneditsave: function () {
    Object.assign(this, { configVersion: migrateCaseOpen(this).configVersion });
  },
});

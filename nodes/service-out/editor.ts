import { showMigrated, showWhen } from '../../src/editor/browser/form.ts';
import { guardedInput } from '../../src/editor/browser/guarded-input.ts';
import { assignStepId, validateStepId } from '../../src/editor/browser/step-ids.ts';
import { textsOf } from '../../src/editor/browser/texts.ts';
import { typedInput } from '../../src/editor/browser/typed-inputs.ts';
import { onlyWhen, validatorsOf } from '../../src/editor/browser/validators.ts';
import { migrateServiceOut } from './migrations.ts';
import type { ServiceOutNodeConfig } from './migrations.ts';

const text = textsOf('service-out');
const valid = validatorsOf('service-out');

const says = (what: string) => (): boolean => $('#node-input-says').val() === what;

RED.nodes.registerType<ServiceOutNodeConfig>('waybill-service-out', {
  category: 'waybill',
  color: '#B79CDA',
  icon: 'waybill-service-out.svg',
  defaults: {
    name: { value: '' },
    stepId: { value: '', validate: validateStepId },
    requires: { value: '', validate: valid.milestones('requires') },
    says: { value: 'answer' },
    httpStatus: {
      value: 200,
      validate: function (value, _options) {
        const status = Number(value);
        if (value === undefined) return true;
        if (this['says'] === 'refusal') return Number.isInteger(status) && status >= 400 && status <= 599 ? true : text('error.refusalStatus');
        return Number.isInteger(status) && status >= 200 && status <= 299 && status !== 202 ? true : text('error.status');
      },
    },
    body: { value: 'payload', validate: onlyWhen('says', valid.typed('body', 'bodyType', 'blank'), 'answer') },
    bodyType: { value: 'msg' },
    code: { value: '', validate: onlyWhen('says', (value, _options) => (value === undefined || /^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(String(value)) ? true : text('error.code')), 'refusal') },
    detail: { value: '', validate: onlyWhen('says', valid.typed('detail', 'detailType'), 'refusal') },
    detailType: { value: 'str' },
    configVersion: { value: 1 },
  },
  inputs: 1,
  outputs: 1,
  align: 'right',
  paletteLabel: () => text('palette'),
  label: function () {
    return this.name || (this.says === 'refusal' && this.code ? text('refuses', { code: this.code }) : text('palette'));
  },
  labelStyle: function () {
    return this.name ? 'node_label_italic' : '';
  },
  inputLabels: function () {
    return guardedInput(this, text('input'));
  },
  outputLabels: () => text('output.answered'),
  onadd: function () {
    assignStepId(this);
  },
  oneditprepare: function () {
    showMigrated(this, migrateServiceOut(this));
    typedInput('body', ['msg', 'jsonata', 'facts', 'json']);
    typedInput('detail', ['str', 'jsonata', 'facts', 'msg']);
    showWhen('.waybill-answer', '#node-input-says', says('answer'));
    showWhen('.waybill-refusal', '#node-input-says', says('refusal'));
    $('#node-input-says').on('change', () => {
      const status = $('#node-input-httpStatus');
      const fits = says('refusal')() === Number(status.val()) >= 400;
      if (!fits) status.val(says('refusal')() ? 409 : 200).trigger('change');
    });
  },
  oneditsave: function () {
    Object.assign(this, { configVersion: migrateServiceOut(this).configVersion });
  },
});

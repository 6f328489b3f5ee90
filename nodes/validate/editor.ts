import { isTicked, showMigrated, showWhen } from '../../src/editor/browser/form.ts';
import { guardedInput } from '../../src/editor/browser/guarded-input.ts';
import { offerContracts } from '../../src/editor/browser/mapping/contract-names.ts';
import { judgeSchema, SchemaField } from '../../src/editor/browser/schema-field.ts';
import { assignStepId, validateStepId } from '../../src/editor/browser/step-ids.ts';
import { textsOf } from '../../src/editor/browser/texts.ts';
import { typedInput } from '../../src/editor/browser/typed-inputs.ts';
import { onlyWhen, validatorsOf } from '../../src/editor/browser/validators.ts';
import { migrateValidate } from './migrations.ts';
import type { ValidateNodeConfig } from './migrations.ts';

const text = textsOf('validate');
const valid = validatorsOf('validate');

const schema = new SchemaField();

const complaints = { form: () => text('error.schemaForm'), json: (reason: string) => text('error.schemaJson', { reason }) };

RED.nodes.registerType<ValidateNodeConfig>('waybill-validate', {
  category: 'waybill',
  color: '#DDA35A',
  icon: 'waybill-validate.svg',
  defaults: {
    name: { value: '' },
    stepId: { value: '', validate: validateStepId },
    requires: { value: '', validate: valid.milestones('requires') },
    contract: { value: '', validate: valid.nameVersion('contract', true) },
    schema: {
      value: '{\n  "type": "object"\n}',
      validate: function (value, _options) {
        const written = value === undefined ? '' : String(value);
        // blank: the contract of the catalogue that is named, which the server knows
        return written.trim() !== '' ? judgeSchema(written, complaints) : /@\d+\.\d+\.\d+$/.test(String(this.contract ?? '')) ? true : text('error.schemaMissing');
      },
    },
    subject: { value: 'payload', validate: valid.typed('subject', 'subjectType') },
    subjectType: { value: 'msg' },
    record: { value: false },
    recordAs: { value: '', validate: onlyWhen('record', valid.path('recordAs', true)) },
    reserve: { value: false },
    reserveScope: { value: '', validate: onlyWhen('reserve', valid.text('reserveScope')) },
    reserveKey: { value: '', validate: onlyWhen('reserve', valid.typed('reserveKey', 'reserveKeyType')) },
    reserveKeyType: { value: 'jsonata' },
    reserveQuantity: { value: '', validate: onlyWhen('reserve', valid.typed('reserveQuantity', 'reserveQuantityType')) },
    reserveQuantityType: { value: 'jsonata' },
    reserveLimit: { value: '', validate: onlyWhen('reserve', valid.typed('reserveLimit', 'reserveLimitType', 'blank')) },
    reserveLimitType: { value: 'jsonata' },
    milestone: { value: 'validated', validate: valid.milestones('milestone') },
    configVersion: { value: 1 },
  },
  inputs: 1,
  outputs: 2,
  paletteLabel: () => text('palette'),
  label: function () {
    return this.name || (this.contract ? text('untitled', { contract: this.contract }) : text('palette'));
  },
  labelStyle: function () {
    return this.name ? 'node_label_italic' : '';
  },
  inputLabels: function () {
    return guardedInput(this, text('input'));
  },
  outputLabels: (index) => text(index === 0 ? 'output.valid' : 'output.invalid'),
  onadd: function () {
    assignStepId(this);
  },
  oneditprepare: function () {
    const migrated = migrateValidate(this);
    showMigrated(this, migrated);
    typedInput('subject', ['msg', 'facts', 'jsonata']);
    typedInput('reserveKey', ['jsonata', 'facts', 'msg', 'str']);
    typedInput('reserveQuantity', ['jsonata', 'facts', 'msg', 'num']);
    typedInput('reserveLimit', ['jsonata', 'facts', 'msg', 'num']);
    schema.open(migrated.schema);
    offerContracts($('#node-input-contract'));
    showWhen('.waybill-record', '#node-input-record', () => isTicked('record'));
    showWhen('.waybill-reserve', '#node-input-reserve', () => isTicked('reserve'));
  },
  oneditsave: function () {
    Object.assign(this, { schema: schema.close(), configVersion: migrateValidate(this).configVersion });
  },
  oneditcancel: function () {
    schema.close();
  },
});

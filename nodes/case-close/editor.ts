import { showMigrated } from '../../src/editor/browser/form.ts';
import { guardedInput } from '../../src/editor/browser/guarded-input.ts';
import { assignStepId, validateStepId } from '../../src/editor/browser/step-ids.ts';
import { textsOf } from '../../src/editor/browser/texts.ts';
import { typedInput } from '../../src/editor/browser/typed-inputs.ts';
import { validatorsOf } from '../../src/editor/browser/validators.ts';
import { migrateCaseClose } from './migrations.ts';
import type { CaseCloseConfig } from './migrations.ts';

const text = textsOf('case-close');
const valid = validatorsOf('case-close');

RED.nodes.registerType<CaseCloseConfig>('waybill-case-close', {
  category: 'waybill',
  color: '#7DB87A',
  icon: 'waybill-case-close.svg',
  defaults: {
    name: { value: '' },
    stepId: { value: '', validate: validateStepId },
    requires: { value: '', validate: valid.milestones('requires') },
    outcome: { value: 'done', validate: valid.typed('outcome', 'outcomeType') },
    outcomeType: { value: 'str' },
    cancelOpen: { value: false },
    compensate: { value: 'auto' },
    configVersion: { value: 1 },
  },
  inputs: 1,
  outputs: 0,
  align: 'right',
  paletteLabel: () => text('palette'),
  label: function () {
    return this.name || (this.outcome && this.outcomeType === 'str' ? text('untitled', { outcome: this.outcome }) : text('palette'));
  },
  labelStyle: function () {
    return this.name ? 'node_label_italic' : '';
  },
  inputLabels: function () {
    return guardedInput(this, text('input'));
  },
  onadd: function () {
    assignStepId(this);
  },
  oneditprepare: function () {
    showMigrated(this, migrateCaseClose(this));
    typedInput('outcome', ['str', 'jsonata', 'facts']);
  },
  oneditsave: function () {
    Object.assign(this, { configVersion: migrateCaseClose(this).configVersion });
  },
});

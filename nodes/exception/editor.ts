import { showMigrated } from '../../src/editor/browser/form.ts';
import { assignStepId, validateStepId } from '../../src/editor/browser/step-ids.ts';
import { textsOf } from '../../src/editor/browser/texts.ts';
import { typedInput } from '../../src/editor/browser/typed-inputs.ts';
import { validatorsOf } from '../../src/editor/browser/validators.ts';
import { ROLE } from '../../src/editor/browser/value-forms.ts';
import { migrateException } from './migrations.ts';
import type { ExceptionNodeConfig } from './migrations.ts';

const text = textsOf('exception');
const valid = validatorsOf('exception');

RED.nodes.registerType<ExceptionNodeConfig>('waybill-exception', {
  category: 'waybill',
  color: '#DDA35A',
  icon: 'waybill-exception.svg',
  defaults: {
    name: { value: '' },
    stepId: { value: '', validate: validateStepId },
    requires: { value: '', validate: valid.milestones('requires') },
    severity: { value: 'medium' },
    queue: { value: '', validate: valid.form('queue', ROLE, 'role', true) },
    code: { value: '', validate: valid.form('code', /^[a-z0-9-]{2,40}$/, 'code', true) },
    message: { value: '', validate: valid.typed('message', 'messageType') },
    messageType: { value: 'str' },
    place: { value: '', validate: valid.typed('place', 'placeType', 'blank') },
    placeType: { value: 'str' },
    configVersion: { value: 1 },
  },
  inputs: 1,
  outputs: 1,
  paletteLabel: () => text('palette'),
  label: function () {
    return this.name || (this.queue ? text('untitled', { what: this.code || text('palette'), queue: this.queue }) : text('palette'));
  },
  labelStyle: function () {
    return this.name ? 'node_label_italic' : '';
  },
  inputLabels: () => text('input'),
  outputLabels: () => text('output.resolved'),
  onadd: function () {
    assignStepId(this);
  },
  oneditprepare: function () {
    showMigrated(this, migrateException(this));
    typedInput('message', ['str', 'jsonata', 'facts', 'msg']);
    typedInput('place', ['str', 'jsonata', 'facts', 'env']);
  },
  oneditsave: function () {
    Object.assign(this, { configVersion: migrateException(this).configVersion });
  },
});

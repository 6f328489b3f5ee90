import { showMigrated } from '../../src/editor/browser/form.ts';
import { assignStepId, validateStepId } from '../../src/editor/browser/step-ids.ts';
import { textsOf } from '../../src/editor/browser/texts.ts';
import { typedInput } from '../../src/editor/browser/typed-inputs.ts';
import { validatorsOf } from '../../src/editor/browser/validators.ts';
import { migrateAudit } from './migrations.ts';
import type { AuditNodeConfig } from './migrations.ts';

const text = textsOf('audit');
const valid = validatorsOf('audit');

RED.nodes.registerType<AuditNodeConfig>('waybill-audit', {
  category: 'waybill',
  color: '#DDA35A',
  icon: 'waybill-audit.svg',
  defaults: {
    name: { value: '' },
    stepId: { value: '', validate: validateStepId },
    requires: { value: '', validate: valid.milestones('requires') },
    what: { value: '', validate: valid.typed('what', 'whatType') },
    whatType: { value: 'str' },
    why: { value: '', validate: valid.typed('why', 'whyType', 'blank') },
    whyType: { value: 'str' },
    evidence: { value: 'payload', validate: valid.typed('evidence', 'evidenceType', 'blank') },
    evidenceType: { value: 'msg' },
    redact: { value: '', validate: valid.paths('redact') },
    configVersion: { value: 1 },
  },
  inputs: 1,
  outputs: 1,
  paletteLabel: () => text('palette'),
  label: function () {
    return this.name || (this.what && this.whatType === 'str' ? text('untitled', { what: this.what }) : text('palette'));
  },
  labelStyle: function () {
    return this.name ? 'node_label_italic' : '';
  },
  inputLabels: () => text('input'),
  outputLabels: () => text('output.recorded'),
  onadd: function () {
    assignStepId(this);
  },
  oneditprepare: function () {
    showMigrated(this, migrateAudit(this));
    typedInput('what', ['str', 'jsonata', 'msg']);
    typedInput('why', ['str', 'jsonata', 'msg']);
    typedInput('evidence', ['msg', 'facts', 'jsonata']);
  },
  oneditsave: function () {
    Object.assign(this, { configVersion: migrateAudit(this).configVersion });
  },
});

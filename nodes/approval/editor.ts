import { showMigrated } from '../../src/editor/browser/form.ts';
import { assignStepId, validateStepId } from '../../src/editor/browser/step-ids.ts';
import { textsOf } from '../../src/editor/browser/texts.ts';
import { expressionInput, typedInput } from '../../src/editor/browser/typed-inputs.ts';
import { validatorsOf } from '../../src/editor/browser/validators.ts';
import { ROLE } from '../../src/editor/browser/value-forms.ts';
import { migrateApproval } from './migrations.ts';
import type { ApprovalNodeConfig } from './migrations.ts';

const OUTPUTS = ['approved', 'rejected', 'rework', 'expired'] as const;

const text = textsOf('approval');
const valid = validatorsOf('approval');

RED.nodes.registerType<ApprovalNodeConfig>('waybill-approval', {
  category: 'waybill',
  color: '#DDA35A',
  icon: 'waybill-approval.svg',
  defaults: {
    name: { value: '' },
    stepId: { value: '', validate: validateStepId },
    requires: { value: '', validate: valid.milestones('requires') },
    question: { value: '', validate: valid.typed('question', 'questionType') },
    questionType: { value: 'str' },
    role: { value: '', validate: valid.form('role', ROLE, 'role', true) },
    quorum: { value: 1, validate: valid.whole('quorum', { min: 1, max: 20 }) },
    covers: { value: '', validate: valid.paths('covers', true) },
    autoApprove: { value: '', validate: valid.expression('autoApprove') },
    ruleId: { value: '', validate: valid.form('ruleId', /^[a-z0-9][a-z0-9._@-]{0,79}$/i, 'ruleId') },
    deadline: { value: 4, validate: valid.decimal('deadline', { min: 0, max: 525_600 }) },
    deadlineUnit: { value: 'hours' },
    onExpiry: { value: 'reject' },
    unknownOperatorRole: { value: 'site-manager', validate: valid.form('unknownOperatorRole', ROLE, 'role', true) },
    milestone: { value: 'approved', validate: valid.milestones('milestone') },
    matrix: { value: [] },
    configVersion: { value: 1 },
  },
  inputs: 1,
  outputs: 4,
  paletteLabel: () => text('palette'),
  label: function () {
    return this.name || (this.role ? text('untitled', { role: this.role }) : text('palette'));
  },
  labelStyle: function () {
    return this.name ? 'node_label_italic' : '';
  },
  inputLabels: () => text('input'),
  outputLabels: (index) => text(`output.${OUTPUTS[index] ?? 'approved'}`),
  onadd: function () {
    assignStepId(this);
  },
  oneditprepare: function () {
    showMigrated(this, migrateApproval(this));
    typedInput('question', ['str', 'jsonata']);
    expressionInput('autoApprove');
  },
  oneditsave: function () {
    Object.assign(this, { configVersion: migrateApproval(this).configVersion });
  },
});

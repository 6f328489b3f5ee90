import { isTicked, showMigrated, showWhen } from '../../src/editor/browser/form.ts';
import { guardedInput } from '../../src/editor/browser/guarded-input.ts';
import { assignStepId, validateStepId } from '../../src/editor/browser/step-ids.ts';
import { textsOf } from '../../src/editor/browser/texts.ts';
import { expressionInput, typedInput } from '../../src/editor/browser/typed-inputs.ts';
import { onlyWhen, validatorsOf, whenever } from '../../src/editor/browser/validators.ts';
import { EXCEPTION_CODE, isConfigNode, ROLE } from '../../src/editor/browser/value-forms.ts';
import { judgeCodes, judgeRules, openCodeList, openRuleList, readCodeList, readRuleList } from './editor/lists.ts';
import { migrateException } from './migrations.ts';
import type { ExceptionNodeConfig, PriorityRuleConfig, ResolutionConfig } from './migrations.ts';

const text = textsOf('exception');
const valid = validatorsOf('exception');

function said(problem: ReturnType<typeof judgeCodes>): true | string {
  return problem === undefined ? true : text(problem.key, problem.values);
}

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
    code: { value: '', validate: valid.form('code', EXCEPTION_CODE, 'code', true) },
    message: { value: '', validate: valid.typed('message', 'messageType') },
    messageType: { value: 'str' },
    place: { value: '', validate: valid.typed('place', 'placeType', 'blank') },
    placeType: { value: 'str' },
    category: { value: '', validate: valid.form('category', EXCEPTION_CODE, 'code') },
    amount: { value: '', validate: valid.typed('amount', 'amountType', 'blank') },
    amountType: { value: 'facts' },
    currency: { value: '', validate: whenever('amount', (amount) => amount !== undefined && amount !== '', valid.typed('currency', 'currencyType')) },
    currencyType: { value: 'str' },
    priorityBy: { value: 'severity' },
    priorityRules: {
      value: [],
      validate: function (value, _options) {
        return this['priorityBy'] === 'rules' ? said(judgeRules((value ?? []) as readonly PriorityRuleConfig[])) : true;
      },
    },
    priorityExpression: { value: '', validate: onlyWhen('priorityBy', valid.expression('priorityExpression'), 'expression') },
    due: { value: 0, validate: valid.decimal('due', { min: 0, max: 525_600 }) },
    dueUnit: { value: 'hours' },
    dueWorking: { value: false },
    calendar: {
      value: '', type: 'waybill-calendar', required: false,
      validate: function (value, _options) {
        const needed = this['dueWorking'] === true && Number(this['due']) > 0;
        return !needed || isConfigNode(value) ? true : text('error.calendar');
      },
    },
    resolutions: {
      value: [],
      validate: function (value, _options) {
        return said(judgeCodes((value ?? []) as readonly ResolutionConfig[]));
      },
    },
    configVersion: { value: 2 },
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
  inputLabels: function () {
    return guardedInput(this, text('input'));
  },
  outputLabels: () => text('output.resolved'),
  onadd: function () {
    assignStepId(this);
  },
  oneditprepare: function () {
    const migrated = migrateException(this);
    showMigrated(this, migrated);
    typedInput('message', ['str', 'jsonata', 'facts', 'msg']);
    typedInput('place', ['str', 'jsonata', 'facts', 'env']);
    typedInput('amount', ['facts', 'jsonata', 'msg', 'num']);
    typedInput('currency', ['str', 'facts', 'jsonata', 'msg']);
    expressionInput('priorityExpression');
    openRuleList($('#waybill-exception-rules'), migrated.priorityRules, text);
    openCodeList($('#waybill-exception-codes'), migrated.resolutions, text);
    const priorityBy = (): unknown => $('#node-input-priorityBy').val();
    showWhen('.waybill-rules', '#node-input-priorityBy', () => priorityBy() === 'rules');
    showWhen('.waybill-expression', '#node-input-priorityBy', () => priorityBy() === 'expression');
    showWhen('.waybill-calendar', '#node-input-dueWorking', () => isTicked('dueWorking'));
  },
  oneditsave: function () {
    Object.assign(this, {
      priorityRules: readRuleList($('#waybill-exception-rules')), resolutions: readCodeList($('#waybill-exception-codes')), configVersion: migrateException(this).configVersion,
    });
  },
});

import { isTicked, showMigrated, showWhen } from '../../src/editor/browser/form.ts';
import { guardedInput } from '../../src/editor/browser/guarded-input.ts';
import { assignStepId, validateStepId } from '../../src/editor/browser/step-ids.ts';
import { textsOf } from '../../src/editor/browser/texts.ts';
import { typedInput } from '../../src/editor/browser/typed-inputs.ts';
import { onlyWhen, validatorsOf } from '../../src/editor/browser/validators.ts';
import { ROLE } from '../../src/editor/browser/value-forms.ts';
import { migrateNotify } from './migrations.ts';
import type { NotifyNodeConfig } from './migrations.ts';

const text = textsOf('notify');
const valid = validatorsOf('notify');

const isChosen = (property: string, value: string) => (): boolean => $(`#node-input-${property}`).val() === value;

RED.nodes.registerType<NotifyNodeConfig>('waybill-notify', {
  category: 'waybill',
  color: '#B79CDA',
  icon: 'waybill-notify.svg',
  defaults: {
    name: { value: '' },
    stepId: { value: '', validate: validateStepId },
    requires: { value: '', validate: valid.milestones('requires') },
    mail: {
      value: true,
      validate: function (value, _options) {
        return value !== false || this.teams || this.slack || this.webhook ? true : text('error.nobody');
      },
    },
    teams: { value: false },
    slack: { value: false },
    webhook: { value: false },
    to: { value: 'role' },
    role: { value: '', validate: onlyWhen('mail', onlyWhen('to', valid.form('role', ROLE, 'role', true), 'role')) },
    person: { value: '', validate: onlyWhen('mail', onlyWhen('to', valid.typed('person', 'personType'), 'person')) },
    personType: { value: 'str' },
    address: { value: '', validate: onlyWhen('mail', onlyWhen('to', valid.typed('address', 'addressType'), 'address')) },
    addressType: { value: 'str' },
    subject: { value: '', validate: valid.typed('subject', 'subjectType') },
    subjectType: { value: 'str' },
    text: { value: '', validate: valid.typed('text', 'textType', 'blank') },
    textType: { value: 'str' },
    link: { value: true },
    maxAttempts: { value: 12, validate: valid.whole('maxAttempts', { min: 1, max: 1000 }) },
    maxMinutes: { value: 1440, validate: valid.decimal('maxMinutes', { min: 0.1, max: 525_600 }) },
    configVersion: { value: 1 },
  },
  credentials: {
    teamsUrl: { type: 'password' },
    slackUrl: { type: 'password' },
    webhookUrl: { type: 'password' },
    webhookSecret: { type: 'password' },
  },
  inputs: 1,
  outputs: 2,
  paletteLabel: () => text('palette'),
  label: function () {
    return this.name || (this.mail && this.to === 'role' && this.role ? text('untitled', { role: this.role }) : text('palette'));
  },
  labelStyle: function () {
    return this.name ? 'node_label_italic' : '';
  },
  inputLabels: function () {
    return guardedInput(this, text('input'));
  },
  outputLabels: (index) => text(index === 0 ? 'output.told' : 'output.gaveUp'),
  onadd: function () {
    assignStepId(this);
  },
  oneditprepare: function () {
    showMigrated(this, migrateNotify(this));
    typedInput('person', ['str', 'facts', 'jsonata', 'msg']);
    typedInput('address', ['str', 'facts', 'jsonata', 'msg', 'env']);
    typedInput('subject', ['str', 'jsonata', 'facts', 'msg']);
    typedInput('text', ['str', 'jsonata', 'facts', 'msg']);
    showWhen('.waybill-mail', '#node-input-mail', () => isTicked('mail'));
    showWhen('.waybill-to-role', '#node-input-to', isChosen('to', 'role'));
    showWhen('.waybill-to-person', '#node-input-to', isChosen('to', 'person'));
    showWhen('.waybill-to-address', '#node-input-to', isChosen('to', 'address'));
    showWhen('.waybill-teams', '#node-input-teams', () => isTicked('teams'));
    showWhen('.waybill-slack', '#node-input-slack', () => isTicked('slack'));
    showWhen('.waybill-webhook', '#node-input-webhook', () => isTicked('webhook'));
  },
  oneditsave: function () {
    Object.assign(this, { configVersion: migrateNotify(this).configVersion });
  },
});

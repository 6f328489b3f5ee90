import { isTicked, showMigrated, showWhen } from '../../src/editor/browser/form.ts';
import { guardedInput } from '../../src/editor/browser/guarded-input.ts';
import { assignStepId, validateStepId } from '../../src/editor/browser/step-ids.ts';
import { textsOf } from '../../src/editor/browser/texts.ts';
import { typedInput } from '../../src/editor/browser/typed-inputs.ts';
import { onlyWhen, validatorsOf } from '../../src/editor/browser/validators.ts';
import { isConfigNode } from '../../src/editor/browser/value-forms.ts';
import { migrateWaitForEvent } from './migrations.ts';
import type { WaitForEventNodeConfig } from './migrations.ts';

const text = textsOf('wait-for-event');
const valid = validatorsOf('wait-for-event');
const EVENT_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** A calendar is needed by a timeout in its time. */
function judgeCalendar(mode: unknown, working: unknown, timeout: unknown, value: unknown): true | string {
  const needed = mode !== 'event' && working === true && Number(timeout) > 0;
  return !needed || isConfigNode(value) ? true : text('error.calendar');
}

RED.nodes.registerType<WaitForEventNodeConfig>('waybill-wait-for-event', {
  category: 'waybill',
  color: '#DDA35A',
  icon: 'waybill-wait-for-event.svg',
  defaults: {
    name: { value: '' },
    stepId: { value: '', validate: validateStepId },
    requires: { value: '', validate: onlyWhen('mode', valid.milestones('requires'), 'wait') },
    mode: { value: 'wait' },
    site: { value: '', type: 'waybill-site', required: false },
    eventName: {
      value: '',
      validate: function (value, _options) {
        return value === undefined || EVENT_NAME.test(String(value)) ? true : text('error.eventName');
      },
    },
    key: { value: '', validate: valid.typed('key', 'keyType') },
    keyType: { value: 'facts' },
    timeout: { value: 0, validate: onlyWhen('mode', valid.decimal('timeout', { min: 0, max: 525_600 }), 'wait') },
    timeoutUnit: { value: 'hours' },
    working: { value: false },
    calendar: {
      value: '', type: 'waybill-calendar', required: false,
      validate: function (value, _options) {
        return judgeCalendar(this['mode'], this['working'], this['timeout'], value);
      },
    },
    recordAs: { value: '', validate: onlyWhen('mode', valid.path('recordAs'), 'wait') },
    data: { value: 'payload', validate: onlyWhen('mode', valid.typed('data', 'dataType', 'blank'), 'event') },
    dataType: { value: 'msg' },
    eventId: { value: '', validate: onlyWhen('mode', valid.typed('eventId', 'eventIdType', 'blank'), 'event') },
    eventIdType: { value: 'msg' },
    keep: { value: 7, validate: onlyWhen('mode', valid.decimal('keep', { min: 0, max: 129_600 }), 'event') },
    keepUnit: { value: 'days' },
    broadcast: { value: false },
    configVersion: { value: 1 },
  },
  inputs: 1,
  outputs: 2,
  paletteLabel: () => text('palette'),
  label: function () {
    if (this.name || !this.eventName) return this.name || text('palette');
    return text(this.mode === 'event' ? 'untitled.event' : 'untitled.wait', { event: this.eventName });
  },
  labelStyle: function () {
    return this.name ? 'node_label_italic' : '';
  },
  inputLabels: function () {
    return guardedInput(this, text('input'));
  },
  outputLabels: function (index) {
    // Asked of the type alone, there is no node.
    const { mode } = (this as { readonly mode?: unknown } | undefined) ?? {};
    return text(`output.${mode === 'event' ? 'event' : 'wait'}.${index}`);
  },
  onadd: function () {
    assignStepId(this);
  },
  oneditprepare: function () {
    showMigrated(this, migrateWaitForEvent(this));
    typedInput('key', ['facts', 'jsonata', 'msg', 'str']);
    typedInput('data', ['msg', 'jsonata', 'json']);
    typedInput('eventId', ['msg', 'jsonata']);
    const isEvent = (): boolean => $('#node-input-mode').val() === 'event';
    showWhen('.waybill-wait', '#node-input-mode', () => !isEvent());
    showWhen('.waybill-event', '#node-input-mode', isEvent);
    showWhen('.waybill-calendar', '#node-input-mode, #node-input-working', () => !isEvent() && isTicked('working'));
  },
  oneditsave: function () {
    Object.assign(this, { configVersion: migrateWaitForEvent(this).configVersion });
  },
});

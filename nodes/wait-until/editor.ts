import { isTicked, showMigrated, showWhen } from '../../src/editor/browser/form.ts';
import { guardedInput } from '../../src/editor/browser/guarded-input.ts';
import { assignStepId, validateStepId } from '../../src/editor/browser/step-ids.ts';
import { textsOf } from '../../src/editor/browser/texts.ts';
import { typedInput } from '../../src/editor/browser/typed-inputs.ts';
import { onlyWhen, validatorsOf } from '../../src/editor/browser/validators.ts';
import { isConfigNode, isDecimal } from '../../src/editor/browser/value-forms.ts';
import { migrateWaitUntil } from './migrations.ts';
import type { WaitUntilNodeConfig } from './migrations.ts';

const text = textsOf('wait-until');
const valid = validatorsOf('wait-until');

/** A calendar is needed by what counts in its time. */
function judgeCalendar(mode: unknown, working: unknown, value: unknown): true | string {
  const needed = mode === 'opening' || (mode === 'duration' && working === true);
  return !needed || isConfigNode(value) ? true : text('error.calendar');
}

RED.nodes.registerType<WaitUntilNodeConfig>('waybill-wait-until', {
  category: 'waybill',
  color: '#DDA35A',
  icon: 'waybill-wait-until.svg',
  defaults: {
    name: { value: '' },
    stepId: { value: '', validate: validateStepId },
    requires: { value: '', validate: valid.milestones('requires') },
    mode: { value: 'duration' },
    until: { value: '', validate: onlyWhen('mode', valid.typed('until', 'untilType'), 'time') },
    untilType: { value: 'facts' },
    duration: { value: '2', validate: onlyWhen('mode', valid.typed('duration', 'durationType'), 'duration') },
    durationType: { value: 'num' },
    durationUnit: { value: 'hours' },
    working: { value: false },
    calendar: {
      value: '', type: 'waybill-calendar', required: false,
      validate: function (value, _options) {
        return judgeCalendar(this['mode'], this['working'], value);
      },
    },
    whenPast: { value: 'go-on' },
    configVersion: { value: 1 },
  },
  inputs: 1,
  outputs: 1,
  paletteLabel: () => text('palette'),
  label: function () {
    if (this.name) return this.name;
    if (this.mode === 'duration' && isDecimal(this.duration, 0, 1e6)) return text('untitled', { time: `${this.duration} ${text(`unit.${this.durationUnit}`)}` });
    return this.mode === 'opening' ? text('opening') : text('palette');
  },
  labelStyle: function () {
    return this.name ? 'node_label_italic' : '';
  },
  inputLabels: function () {
    return guardedInput(this, text('input'));
  },
  outputLabels: () => text('output.due'),
  onadd: function () {
    assignStepId(this);
  },
  oneditprepare: function () {
    showMigrated(this, migrateWaitUntil(this));
    typedInput('until', ['facts', 'jsonata', 'msg', 'str']);
    typedInput('duration', ['num', 'facts', 'jsonata', 'msg']);
    const mode = (): unknown => $('#node-input-mode').val();
    showWhen('.waybill-time', '#node-input-mode', () => mode() === 'time');
    showWhen('.waybill-duration', '#node-input-mode', () => mode() === 'duration');
    showWhen('.waybill-calendar', '#node-input-mode, #node-input-working', () => mode() === 'opening' || (mode() === 'duration' && isTicked('working')));
  },
  oneditsave: function () {
    Object.assign(this, { configVersion: migrateWaitUntil(this).configVersion });
  },
});

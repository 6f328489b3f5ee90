import { isTicked, showMigrated, showWhen } from '../../src/editor/browser/form.ts';
import { guardedInput } from '../../src/editor/browser/guarded-input.ts';
import { assignStepId, validateStepId } from '../../src/editor/browser/step-ids.ts';
import { textsOf } from '../../src/editor/browser/texts.ts';
import { typedInput } from '../../src/editor/browser/typed-inputs.ts';
import { onlyWhen, validatorsOf } from '../../src/editor/browser/validators.ts';
import { isConfigNode, ROLE } from '../../src/editor/browser/value-forms.ts';
import { migrateCompensate } from './migrations.ts';
import type { CompensateNodeConfig } from './migrations.ts';

const text = textsOf('compensate');
const valid = validatorsOf('compensate');

const onRegister = (validator: ReturnType<typeof valid.text>): ReturnType<typeof valid.text> => onlyWhen('mode', validator, 'register');
const onTask = (validator: ReturnType<typeof valid.text>): ReturnType<typeof valid.text> => onRegister(onlyWhen('how', validator, 'task'));

/** Onwards, and the undo path when the flow undoes; the end of an undo path leads nowhere. */
function outputsOf(mode: unknown, how: unknown): number {
  return mode === 'done' ? 0 : how === 'task' ? 1 : 2;
}

RED.nodes.registerType<CompensateNodeConfig>('waybill-compensate', {
  category: 'waybill',
  color: '#C98B8B',
  icon: 'waybill-compensate.svg',
  defaults: {
    name: { value: '' },
    stepId: { value: '', validate: validateStepId },
    requires: { value: '', validate: valid.milestones('requires') },
    mode: { value: 'register' },
    undoName: { value: '', validate: onRegister(valid.typed('undoName', 'undoNameType')) },
    undoNameType: { value: 'str' },
    how: { value: 'flow' },
    role: { value: '', validate: onTask(valid.form('role', ROLE, 'role', true)) },
    question: { value: '', validate: onTask(valid.typed('question', 'questionType')) },
    questionType: { value: 'str' },
    photos: { value: 0, validate: onTask(valid.whole('photos', { min: 0, max: 20 })) },
    deadline: { value: 0, validate: onTask(valid.decimal('deadline', { min: 0, max: 525_600 })) },
    deadlineUnit: { value: 'hours' },
    working: { value: false },
    calendar: {
      value: '', type: 'waybill-calendar', required: false,
      validate: function (value, _options) {
        const needed = this['mode'] === 'register' && this['how'] === 'task' && this['working'] === true && Number(this['deadline']) > 0;
        return !needed || isConfigNode(value) ? true : text('error.calendar');
      },
    },
    outputs: { value: 2 },
    configVersion: { value: 1 },
  },
  inputs: 1,
  outputs: 2,
  paletteLabel: () => text('palette'),
  label: function () {
    if (this.name) return this.name;
    if (this.mode === 'done') return text('undone');
    return this.undoName && this.undoNameType === 'str' ? text('untitled', { name: this.undoName }) : text('palette');
  },
  labelStyle: function () {
    return this.name ? 'node_label_italic' : '';
  },
  inputLabels: function () {
    return guardedInput(this, text('input'));
  },
  outputLabels: (index) => text(index === 0 ? 'output.onwards' : 'output.undo'),
  onadd: function () {
    assignStepId(this);
  },
  oneditprepare: function () {
    showMigrated(this, migrateCompensate(this));
    typedInput('undoName', ['str', 'jsonata']);
    typedInput('question', ['str', 'jsonata']);
    const mode = (): unknown => $('#node-input-mode').val();
    const how = (): unknown => $('#node-input-how').val();
    const byHand = (): boolean => mode() === 'register' && how() === 'task';
    const timed = (): boolean => byHand() && Number($('#node-input-deadline').val()) > 0;
    showWhen('.waybill-register', '#node-input-mode', () => mode() === 'register');
    showWhen('.waybill-task', '#node-input-mode, #node-input-how', byHand);
    showWhen('.waybill-working', '#node-input-mode, #node-input-how, #node-input-deadline', timed);
    showWhen('.waybill-calendar', '#node-input-mode, #node-input-how, #node-input-deadline, #node-input-working', () => timed() && isTicked('working'));
    const count = (): void => {
      $('#node-input-outputs').val(String(outputsOf(mode(), how())));
    };
    $('#node-input-mode, #node-input-how').on('change', count);
    count();
  },
  oneditsave: function () {
    Object.assign(this, { configVersion: migrateCompensate(this).configVersion });
  },
});

import { isTicked, showMigrated, showWhen } from '../../src/editor/browser/form.ts';
import { guardedInput } from '../../src/editor/browser/guarded-input.ts';
import { assignStepId, governedNodes, validateStepId } from '../../src/editor/browser/step-ids.ts';
import { textsOf } from '../../src/editor/browser/texts.ts';
import { onlyWhen, validatorsOf } from '../../src/editor/browser/validators.ts';
import { isConfigNode } from '../../src/editor/browser/value-forms.ts';
import { STEP_ID } from '../../src/editor/browser/step-id-names.ts';
import { migrateGather } from './migrations.ts';
import type { GatherNodeConfig } from './migrations.ts';

const OUTPUTS = ['complete', 'partial'] as const;

const text = textsOf('gather');
const valid = validatorsOf('gather');

/** What the node waits for, in one sentence, from the dialog as it stands. */
function inWords(): string {
  const value = (property: string): string => String($(`#node-input-${property}`).val() ?? '');
  const waits = value('waitFor') === 'count' ? text('words.count', { count: value('count') }) : text('words.all');
  if (!(Number(value('deadline')) > 0)) return `${waits} ${text('words.forEver')}`;
  const time = `${value('deadline')} ${text(`unit.${value('deadlineUnit')}`)}`;
  return `${waits} ${text(isTicked('working') ? 'words.working' : 'words.deadline', { time })} ${text(`words.${value('others')}`)}`;
}

RED.nodes.registerType<GatherNodeConfig>('waybill-gather', {
  category: 'waybill',
  color: '#87A980',
  icon: 'waybill-gather.svg',
  defaults: {
    name: { value: '' },
    stepId: { value: '', validate: validateStepId },
    requires: { value: '', validate: valid.milestones('requires') },
    waitFor: { value: 'all' },
    count: { value: 1, validate: onlyWhen('waitFor', valid.whole('count', { min: 1, max: 10 }), 'count') },
    deadline: { value: 0, validate: valid.decimal('deadline', { min: 0, max: 525_600 }) },
    deadlineUnit: { value: 'hours' },
    working: { value: false },
    calendar: {
      value: '', type: 'waybill-calendar', required: false,
      validate: function (value, _options) {
        const needed = this['working'] === true && Number(this['deadline']) > 0;
        return !needed || isConfigNode(value) ? true : text('error.calendar');
      },
    },
    others: { value: 'cancel' },
    merge: { value: 'object' },
    parallel: { value: '', validate: valid.form('parallel', STEP_ID, 'stepId') },
    configVersion: { value: 1 },
  },
  inputs: 1,
  outputs: 2,
  paletteLabel: () => text('palette'),
  label: function () {
    if (this.name) return this.name;
    return this.waitFor === 'count' ? text('untitled', { count: this.count }) : text('all');
  },
  labelStyle: function () {
    return this.name ? 'node_label_italic' : '';
  },
  inputLabels: function () {
    return guardedInput(this, text('input'));
  },
  outputLabels: (index) => text(`output.${OUTPUTS[index] ?? 'complete'}`),
  onadd: function () {
    assignStepId(this);
  },
  oneditprepare: function () {
    showMigrated(this, migrateGather(this));
    const hasDeadline = (): boolean => Number($('#node-input-deadline').val()) > 0;
    showWhen('.waybill-count', '#node-input-waitFor', () => $('#node-input-waitFor').val() === 'count');
    showWhen('.waybill-working', '#node-input-deadline', hasDeadline);
    showWhen('.waybill-calendar', '#node-input-deadline, #node-input-working', () => hasDeadline() && isTicked('working'));
    const parallels = [...governedNodes()].filter((node) => node.type === 'waybill-parallel' && node.z === this.z);
    const chooser = $('#node-input-parallel');
    const chosen = this.parallel ?? '';
    for (const node of parallels) {
      const stepId = String(node['stepId'] ?? '');
      if (stepId !== '') $('<option>').val(stepId).text(node.name ? `${node.name} (${stepId})` : stepId).appendTo(chooser);
    }
    // One that stands on another tab, or is gone, stays chosen until somebody chooses another.
    if (chosen !== '' && !parallels.some((node) => node['stepId'] === chosen)) $('<option>').val(chosen).text(chosen).appendTo(chooser);
    chooser.val(chosen);
    const say = (): void => {
      $('#waybill-gather-words').text(inWords());
    };
    $('#node-input-waitFor, #node-input-count, #node-input-deadline, #node-input-deadlineUnit, #node-input-working, #node-input-others').on('change input', say);
    say();
  },
  oneditsave: function () {
    Object.assign(this, { configVersion: migrateGather(this).configVersion });
  },
});

import { showMigrated, showWhen } from '../../src/editor/browser/form.ts';
import { guardedInput } from '../../src/editor/browser/guarded-input.ts';
import { assignStepId, validateStepId } from '../../src/editor/browser/step-ids.ts';
import { textsOf } from '../../src/editor/browser/texts.ts';
import { expressionInput } from '../../src/editor/browser/typed-inputs.ts';
import { validatorsOf } from '../../src/editor/browser/validators.ts';
import { judgeRules, openRules, readRules } from './editor/rules.ts';
import { migrateRetry } from './migrations.ts';
import type { RetryNodeConfig } from './migrations.ts';

const text = textsOf('retry');
const valid = validatorsOf('retry');

type Filled = 'maxAttempts' | 'maxMinutes' | 'baseDelaySeconds' | 'maxDelaySeconds' | 'answerSeconds' | 'circuitFailures' | 'openSeconds';

/** What stands in the fields for the usual cases. */
const PRESETS: Readonly<Record<string, Readonly<Record<Filled, number>>>> = {
  api: { maxAttempts: 5, maxMinutes: 60, baseDelaySeconds: 2, maxDelaySeconds: 300, answerSeconds: 60, circuitFailures: 5, openSeconds: 30 },
  device: { maxAttempts: 10, maxMinutes: 15, baseDelaySeconds: 0.5, maxDelaySeconds: 20, answerSeconds: 10, circuitFailures: 10, openSeconds: 10 },
  shift: { maxAttempts: 1000, maxMinutes: 480, baseDelaySeconds: 5, maxDelaySeconds: 300, answerSeconds: 60, circuitFailures: 5, openSeconds: 60 },
};

/** A longest pause below the first one says two things at once. */
function judgePauses(first: unknown, longest: unknown): true | string {
  return Number(longest) < Number(first) ? text('error.pauses') : true;
}

const longest = valid.decimal('maxDelaySeconds', { min: 0.1, max: 86_400 });

RED.nodes.registerType<RetryNodeConfig>('waybill-retry', {
  category: 'waybill',
  color: '#B79CDA',
  icon: 'waybill-retry.svg',
  defaults: {
    name: { value: '' },
    stepId: { value: '', validate: validateStepId },
    requires: { value: '', validate: valid.milestones('requires') },
    preset: { value: 'api' },
    maxAttempts: { value: 5, validate: valid.whole('maxAttempts', { min: 1, max: 100_000 }) },
    maxMinutes: { value: 60, validate: valid.decimal('maxMinutes', { min: 0.1, max: 525_600 }) },
    baseDelaySeconds: { value: 2, validate: valid.decimal('baseDelaySeconds', { min: 0.01, max: 86_400 }) },
    maxDelaySeconds: {
      value: 300,
      validate: function (value, options) {
        const own = longest.call(this, value, options);
        return own === true ? judgePauses(this['baseDelaySeconds'], value) : own;
      },
    },
    answerSeconds: { value: 60, validate: valid.decimal('answerSeconds', { min: 0.1, max: 86_400 }) },
    failsWhen: { value: '', validate: valid.expression('failsWhen') },
    rules: {
      value: [],
      validate: function (value, _options) {
        return judgeRules(value, text);
      },
    },
    system: { value: '' },
    circuitFailures: { value: 5, validate: valid.whole('circuitFailures', { min: 0, max: 1000 }) },
    openSeconds: { value: 30, validate: valid.decimal('openSeconds', { min: 1, max: 86_400 }) },
    concurrency: { value: 32, validate: valid.whole('concurrency', { min: 0, max: 1000 }) },
    configVersion: { value: 1 },
  },
  inputs: 1,
  outputs: 2,
  paletteLabel: () => text('palette'),
  label: function () {
    return this.name || (this.system ? text('untitled', { system: this.system }) : text('palette'));
  },
  labelStyle: function () {
    return this.name ? 'node_label_italic' : '';
  },
  inputLabels: function () {
    return guardedInput(this, text('input'));
  },
  outputLabels: (index) => text(index === 0 ? 'output.attempts' : 'output.gaveUp'),
  onadd: function () {
    assignStepId(this);
  },
  oneditprepare: function () {
    const migrated = migrateRetry(this);
    showMigrated(this, migrated);
    expressionInput('failsWhen');
    openRules($('#node-input-rules-list'), migrated.rules, text);
    const preset = $('#node-input-preset');
    // The editor triggers `change` on every field when the dialog opens: only another choice fills in its settings.
    let chosen = String(preset.val());
    preset.on('change', () => {
      if (String(preset.val()) === chosen) return;
      chosen = String(preset.val());
      for (const [property, value] of Object.entries(PRESETS[String(preset.val())] ?? {})) $(`#node-input-${property}`).val(String(value));
    });
    // Whoever changes a field has settings of their own from then on.
    for (const property of Object.keys(PRESETS['api'] ?? {})) {
      $(`#node-input-${property}`).on('input', () => {
        chosen = 'own';
        preset.val(chosen);
      });
    }
    showWhen('.waybill-system', '#node-input-system', () => String($('#node-input-system').val() ?? '').trim() !== '');
    $('#node-input-system').on('input', function () { $(this).trigger('change'); });
  },
  oneditsave: function () {
    Object.assign(this, { rules: readRules($('#node-input-rules-list')), configVersion: migrateRetry(this).configVersion });
  },
});

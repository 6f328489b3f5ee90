import { showMigrated, showWhen } from '../../src/editor/browser/form.ts';
import { guardedInput } from '../../src/editor/browser/guarded-input.ts';
import { openRungList, readRungList } from '../../src/editor/browser/rung-list.ts';
import type { RungRow } from '../../src/editor/browser/rung-list.ts';
import { STEP_ID } from '../../src/editor/browser/step-id-names.ts';
import { assignStepId, validateStepId } from '../../src/editor/browser/step-ids.ts';
import { textsOf } from '../../src/editor/browser/texts.ts';
import { validatorsOf } from '../../src/editor/browser/validators.ts';
import { EXCEPTION_CODE, isConfigNode, isDecimal, isListOf, ROLE } from '../../src/editor/browser/value-forms.ts';
import { migrateEscalation } from './migrations.ts';
import type { EscalationNodeConfig, EscalationRung } from './migrations.ts';

const text = textsOf('escalation');
const valid = validatorsOf('escalation');

/** What is wrong with a rung, or undefined. */
function problemOf(rung: EscalationRung, watch: unknown): string | undefined {
  if (!isDecimal(rung.value, 0, 525_600)) return text('error.rungTime');
  const needsRole = rung.action === 'notify' || rung.action === 'reassign' || (rung.action === 'raise' && watch !== 'exception');
  if (needsRole && !ROLE.test(rung.role)) return text('error.rungRole');
  if (watch === 'exception' && (rung.action === 'reassign' || rung.action === 'reject')) return text('error.rungAction');
  if (rung.action !== 'exception') return undefined;
  return (rung.code === '' || EXCEPTION_CODE.test(rung.code)) && (rung.queue === '' || ROLE.test(rung.queue)) ? undefined : text('error.rungException');
}

function judgeRungs(value: unknown, watch: unknown): true | string {
  if (value === undefined) return true;
  const rungs = Array.isArray(value) ? (value as EscalationRung[]) : [];
  if (rungs.length === 0) return text('error.rungsMissing');
  for (const [index, rung] of rungs.entries()) {
    const problem = problemOf(rung, watch);
    if (problem !== undefined) return text('error.rung', { number: index + 1, problem });
  }
  return true;
}

function judgeCalendar(rungs: unknown, value: unknown): true | string {
  const needed = Array.isArray(rungs) && (rungs as EscalationRung[]).some((rung) => rung.working);
  return !needed || isConfigNode(value) ? true : text('error.calendar');
}

RED.nodes.registerType<EscalationNodeConfig>('waybill-escalation', {
  category: 'waybill',
  color: '#DDA35A',
  icon: 'waybill-escalation.svg',
  defaults: {
    name: { value: '' },
    stepId: { value: '', validate: validateStepId },
    requires: { value: '', validate: valid.milestones('requires') },
    watch: { value: 'task' },
    steps: {
      value: '',
      validate: function (value, _options) {
        return value === undefined || isListOf(String(value), STEP_ID) ? true : text('error.steps');
      },
    },
    until: { value: '', validate: valid.milestones('until') },
    calendar: {
      value: '', type: 'waybill-calendar', required: false,
      validate: function (value, _options) {
        return judgeCalendar(this['rungs'], value);
      },
    },
    rungs: {
      value: [{ value: 4, unit: 'hours', working: false, action: 'remind', role: '', code: '', queue: '', severity: 'high' }],
      validate: function (value, _options) {
        return judgeRungs(value, this['watch']);
      },
    },
    configVersion: { value: 1 },
  },
  inputs: 1,
  outputs: 2,
  paletteLabel: () => text('palette'),
  label: function () {
    return this.name || (this.until ? text('untitled', { until: this.until }) : text('palette'));
  },
  labelStyle: function () {
    return this.name ? 'node_label_italic' : '';
  },
  inputLabels: function () {
    return guardedInput(this, text('input'));
  },
  outputLabels: (index) => text(index === 0 ? 'output.armed' : 'output.rung'),
  onadd: function () {
    assignStepId(this);
  },
  oneditprepare: function () {
    const migrated = migrateEscalation(this);
    showMigrated(this, migrated);
    openRungList($('#node-input-rungs-list'), { rows: migrated.rungs as readonly RungRow[], text });
    showWhen('.waybill-steps', '#node-input-watch', () => $('#node-input-watch').val() !== 'case');
  },
  oneditsave: function () {
    Object.assign(this, { rungs: readRungList($('#node-input-rungs-list')), configVersion: migrateEscalation(this).configVersion });
  },
});

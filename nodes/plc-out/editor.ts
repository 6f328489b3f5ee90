import { showMigrated, showWhen } from '../../src/editor/browser/form.ts';
import { guardedInput } from '../../src/editor/browser/guarded-input.ts';
import { assignStepId, validateStepId } from '../../src/editor/browser/step-ids.ts';
import { textsOf } from '../../src/editor/browser/texts.ts';
import { typedInput } from '../../src/editor/browser/typed-inputs.ts';
import { onlyWhen, validatorsOf } from '../../src/editor/browser/validators.ts';
import { interlockProblems, NODE_ID, writeProblems } from '../../src/governance/gate/rules/plc-write.ts';
import type { WriteProblem } from '../../src/governance/gate/rules/plc-write.ts';
import { InterlockCards } from './editor/interlock-cards.ts';
import { browse } from './editor/parts.ts';
import { ValueCards } from './editor/value-cards.ts';
import { migratePlcOut } from './migrations.ts';
import type { PlcOutNodeConfig } from './migrations.ts';

const text = textsOf('plc-out');
const valid = validatorsOf('plc-out');

const says = ([problem]: readonly WriteProblem[]): true | string => (problem === undefined ? true : text(`problem.${problem.code}`, { row: problem.row + 1 }));
const isAnswer = (action: unknown): boolean => action === 'acknowledge' || action === 'confirm';
const chosen = (property: string): string => String($(`#node-input-${property}`).val() ?? '');

let values: ValueCards | undefined;
let interlocks: InterlockCards | undefined;
let closePicker: (() => void) | undefined;

function closeAll(): void {
  values?.close();
  interlocks?.close();
  closePicker?.();
  values = interlocks = closePicker = undefined;
}

RED.nodes.registerType<PlcOutNodeConfig>('waybill-plc-out', {
  category: 'waybill',
  color: '#B79CDA',
  icon: 'waybill-plc-out.svg',
  defaults: {
    name: { value: '' },
    stepId: { value: '', validate: validateStepId },
    requires: { value: '', validate: valid.milestones('requires') },
    endpoint: { value: '', type: 'waybill-opcua-endpoint', required: true, label: text('label.endpoint') },
    action: { value: 'write' },
    alarm: { value: 'plc', validate: valid.path('alarm') },
    comment: { value: '' },
    commentType: { value: 'str' },
    writes: {
      value: [],
      validate: function (value, _options) {
        if (isAnswer(this['action'])) return true;
        return value === undefined || value === null ? true : Array.isArray(value) ? says(writeProblems(value, this['action'] !== 'call')) : text('problem.unreadable', { row: 1 });
      },
    },
    objectId: { value: '', validate: onlyWhen('action', valid.form('objectId', NODE_ID, 'nodeId', true), 'call') },
    methodId: { value: '', validate: onlyWhen('action', valid.form('methodId', NODE_ID, 'nodeId', true), 'call') },
    interlocks: {
      value: [],
      validate: function (value, _options) {
        return value === undefined || value === null || isAnswer(this['action']) ? true : Array.isArray(value) ? says(interlockProblems(value)) : text('problem.unreadable', { row: 1 });
      },
    },
    onInterlock: { value: 'wait' },
    interlockSeconds: { value: 300, validate: valid.decimal('interlockSeconds', { min: 1, max: 86_400 }) },
    inOrder: { value: false },
    readBackSeconds: { value: 3, validate: valid.decimal('readBackSeconds', { min: 0.1, max: 300 }) },
    recovery: {
      value: 'read-back',
      validate: function (value, _options) {
        if (value !== 'read-back' || isAnswer(this['action'])) return true;
        if (this['action'] === 'call') return text('error.recoveryMethod');
        const writes = this['writes'];
        return !Array.isArray(writes) || writes.length === 0 || writes.some((write: { readonly readBack?: unknown }) => write.readBack === true) ? true : text('error.recoveryTags');
      },
    },
    maxAttempts: { value: 20, validate: valid.whole('maxAttempts', { min: 1, max: 1000 }) },
    maxMinutes: { value: 60, validate: valid.decimal('maxMinutes', { min: 0.1, max: 525_600 }) },
    baseDelaySeconds: { value: 1, validate: valid.decimal('baseDelaySeconds', { min: 0.1, max: 86_400 }) },
    maxDelaySeconds: { value: 30, validate: valid.decimal('maxDelaySeconds', { min: 0.1, max: 86_400 }) },
    circuitFailures: { value: 0, validate: valid.whole('circuitFailures', { min: 0, max: 1000 }) },
    openSeconds: { value: 30, validate: valid.decimal('openSeconds', { min: 1, max: 86_400 }) },
    recordAs: { value: '', validate: valid.path('recordAs') },
    milestone: { value: '', validate: valid.milestones('milestone') },
    configVersion: { value: 1 },
  },
  inputs: 1,
  outputs: 2,
  paletteLabel: () => text('palette'),
  label: function () {
    if (this.name) return this.name;
    if (isAnswer(this.action)) return text(`option.action.${String(this.action)}`);
    const what = this.action === 'call' ? String(this.methodId ?? '').replace(/^.*[=.]/, '') : (this.writes ?? []).map((write) => write.name).join(', ');
    return what === '' ? text('palette') : text(this.action === 'call' ? 'untitledCall' : 'untitledWrite', { what });
  },
  labelStyle: function () {
    return this.name ? 'node_label_italic' : '';
  },
  inputLabels: function () {
    return guardedInput(this, text('input'));
  },
  outputLabels: (index) => text(index === 0 ? 'output.done' : 'output.refused'),
  onadd: function () {
    assignStepId(this);
  },
  oneditprepare: function () {
    closeAll();
    const migrated = migratePlcOut(this);
    showMigrated(this, migrated);
    const forTags = (): boolean => chosen('action') === 'write';
    const cards = values = new ValueCards($('#waybill-plc-out-values'), migrated.writes, text, forTags);
    showWhen('.waybill-method', '#node-input-action', () => chosen('action') === 'call');
    showWhen('.waybill-given', '#node-input-action', () => !isAnswer(chosen('action')));
    showWhen('.waybill-answers', '#node-input-action', () => isAnswer(chosen('action')));
    typedInput('comment', ['str', 'facts', 'jsonata']);
    showWhen('.waybill-tags', '#node-input-action', forTags);
    interlocks = new InterlockCards($('#waybill-plc-out-interlocks'), migrated.interlocks, text, (count) => { $('.waybill-interlocked').toggle(count > 0); });
    showWhen('.waybill-waits', '#node-input-onInterlock', () => chosen('onInterlock') === 'wait');
    let drawn = chosen('action');
    $('#node-input-action').on('change', () => {
      if (chosen('action') === 'call' && chosen('recovery') === 'read-back') $('#node-input-recovery').val('person').trigger('change');
      $('#node-input-recovery option[value=read-back]').prop('disabled', chosen('action') === 'call');
      // Node-RED triggers `change` once a dialog has opened: cards are drawn anew only for another action, never under a hand that types
      if (chosen('action') === drawn) return;
      drawn = chosen('action');
      cards.draw();
    });
    $('#node-input-recovery option[value=read-back]').prop('disabled', chosen('action') === 'call');
    closePicker = browse($('#node-input-methodId'), 'method', ({ parentId, detail }) => {
      $('#node-input-objectId').val(parentId).trigger('change');
      cards.take((detail.arguments ?? []).map(({ name }) => name));
    });
  },
  oneditsave: function () {
    const migrated = migratePlcOut(this);
    Object.assign(this, { writes: values?.values() ?? migrated.writes, interlocks: interlocks?.interlocks() ?? migrated.interlocks, configVersion: migrated.configVersion });
    closeAll();
  },
  oneditcancel: closeAll,
});

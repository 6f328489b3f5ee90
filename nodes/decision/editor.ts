import { showMigrated, showWhen } from '../../src/editor/browser/form.ts';
import { guardedInput } from '../../src/editor/browser/guarded-input.ts';
import { assignStepId, validateStepId } from '../../src/editor/browser/step-ids.ts';
import { textsOf } from '../../src/editor/browser/texts.ts';
import { onlyWhen, validatorsOf } from '../../src/editor/browser/validators.ts';
import { ROLE } from '../../src/editor/browser/value-forms.ts';
import { TableEditor } from './editor/table-editor.ts';
import { tableMistake } from './editor/table-mistake.ts';
import { EMPTY_TABLE, migrateDecision } from './migrations.ts';
import type { DecisionNodeConfig, Table } from './migrations.ts';

const text = textsOf('decision');
const valid = validatorsOf('decision');

let open: TableEditor | undefined;

RED.nodes.registerType<DecisionNodeConfig>('waybill-decision', {
  category: 'waybill',
  color: '#DDA35A',
  icon: 'waybill-decision.svg',
  defaults: {
    name: { value: '' },
    stepId: { value: '', validate: validateStepId },
    requires: { value: '', validate: valid.milestones('requires') },
    tableName: { value: '', validate: valid.nameVersion('tableName', true) },
    table: {
      value: structuredClone(EMPTY_TABLE),
      validate: function (value, _options) {
        return value === undefined ? true : tableMistake(value as Table, text) ?? true;
      },
    },
    recordAs: { value: '', validate: valid.path('recordAs') },
    onNoRule: { value: 'exception' },
    queue: { value: 'clerk', validate: onlyWhen('onNoRule', valid.form('queue', ROLE, 'role', true), 'exception') },
    milestone: { value: '', validate: valid.milestones('milestone') },
    configVersion: { value: 1 },
  },
  inputs: 1,
  outputs: 2,
  paletteLabel: () => text('palette'),
  label: function () {
    return this.name || (this.tableName ? text('untitled', { table: this.tableName.split('@')[0] ?? '' }) : text('palette'));
  },
  labelStyle: function () {
    return this.name ? 'node_label_italic' : '';
  },
  inputLabels: function () {
    return guardedInput(this, text('input'));
  },
  outputLabels: (index) => text(index === 0 ? 'output.decided' : 'output.noRule'),
  onadd: function () {
    assignStepId(this);
  },
  oneditprepare: function () {
    const migrated = migrateDecision(this);
    showMigrated(this, migrated);
    showWhen('.waybill-queue', '#node-input-onNoRule', () => $('#node-input-onNoRule').val() === 'exception');
    open = new TableEditor($('#waybill-decision-table'), structuredClone(migrated.table), text, () => String($('#node-input-tableName').val() ?? ''));
  },
  oneditsave: function () {
    Object.assign(this, { table: open?.table() ?? this.table, configVersion: migrateDecision(this).configVersion });
    open = undefined;
  },
  oneditcancel: function () {
    open = undefined;
  },
});

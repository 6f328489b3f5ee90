import { showMigrated } from '../../src/editor/browser/form.ts';
import { guardedInput } from '../../src/editor/browser/guarded-input.ts';
import { assignStepId, validateStepId } from '../../src/editor/browser/step-ids.ts';
import { textsOf } from '../../src/editor/browser/texts.ts';
import { validatorsOf } from '../../src/editor/browser/validators.ts';
import { BranchList } from './editor/branch-list.ts';
import { branchMistake } from './editor/branch-mistake.ts';
import { migrateParallel, PARALLEL_DEFAULTS } from './migrations.ts';
import type { Branch, ParallelNodeConfig } from './migrations.ts';

const text = textsOf('parallel');
const valid = validatorsOf('parallel');

let open: BranchList | undefined;

RED.nodes.registerType<ParallelNodeConfig>('waybill-parallel', {
  category: 'waybill',
  color: '#87A980',
  icon: 'waybill-parallel.svg',
  defaults: {
    name: { value: '' },
    stepId: { value: '', validate: validateStepId },
    requires: { value: '', validate: valid.milestones('requires') },
    branches: {
      value: structuredClone(PARALLEL_DEFAULTS.branches),
      validate: function (value, _options) {
        return value === undefined ? true : branchMistake(value as readonly Branch[], text) ?? true;
      },
    },
    onNone: { value: 'raise' },
    outputs: { value: 2 },
    configVersion: { value: 1 },
  },
  inputs: 1,
  outputs: 2,
  paletteLabel: () => text('palette'),
  label: function () {
    return this.name || text('untitled', { count: migrateParallel(this).branches.length });
  },
  labelStyle: function () {
    return this.name ? 'node_label_italic' : '';
  },
  inputLabels: function () {
    return guardedInput(this, text('input'));
  },
  outputLabels: function (index) {
    // Asked of the type alone, there is no node.
    const { branches } = migrateParallel((this as Readonly<Record<string, unknown>> | undefined) ?? {});
    return branches[index]?.name ?? text('output.none');
  },
  onadd: function () {
    assignStepId(this);
  },
  oneditprepare: function () {
    const migrated = migrateParallel(this);
    showMigrated(this, migrated);
    const onNone = $('#node-input-onNone');
    open = new BranchList(
      $('#node-input-branches-list'), $('#node-input-outputs'), migrated.branches, { name: text('placeholder.name'), condition: text('placeholder.condition') },
      () => onNone.val() === 'output',
    );
    onNone.on('change', () => {
      open?.update();
    });
  },
  oneditsave: function () {
    Object.assign(this, { branches: open?.branches() ?? this.branches, configVersion: migrateParallel(this).configVersion });
    open = undefined;
  },
  oneditcancel: function () {
    open = undefined;
  },
});

import { showMigrated } from '../src/editor/browser/form.ts';
import { guardedInput } from '../src/editor/browser/guarded-input.ts';
import type { NodeDefinition } from '../src/editor/browser/node-definition.ts';
import { assignStepId, validateStepId } from '../src/editor/browser/step-ids.ts';
import { BusinessChoice } from '../src/editor/browser/systems/business-choice.ts';
import { textsOf } from '../src/editor/browser/texts.ts';
import { typedInput } from '../src/editor/browser/typed-inputs.ts';
import { validatorsOf } from '../src/editor/browser/validators.ts';
import { isConfigNode } from '../src/editor/browser/value-forms.ts';
import type { BusinessCallNodeConfig } from './business-call.ts';
import type { RawConfig } from './config-version.ts';

/** What *erp* and *wms* have in common in the editor: all but their name and icon. */
export function businessCallForm(node: 'erp' | 'wms', migrate: (config: RawConfig) => BusinessCallNodeConfig): Omit<NodeDefinition<BusinessCallNodeConfig>, 'icon'> {
  const text = textsOf(node);
  const valid = validatorsOf(node);
  return {
    category: 'waybill',
    color: '#B79CDA',
    defaults: {
      name: { value: '' },
      stepId: { value: '', validate: validateStepId },
      requires: { value: '', validate: valid.milestones('requires') },
      systemNode: { value: '', type: 'waybill-system', required: true, validate: (value, _options) => (value === undefined || isConfigNode(value) ? true : text('error.systemNode')) },
      business: { value: '', validate: (value, _options) => (value === undefined || String(value) !== '' ? true : text('error.business')) },
      service: { value: '', validate: (value, _options) => (value === undefined || String(value) !== '' ? true : text('error.service')) },
      operation: { value: '' },
      body: { value: 'payload', validate: valid.typed('body', 'bodyType', 'blank') },
      bodyType: { value: 'msg' },
      recordAs: { value: '', validate: valid.path('recordAs') },
      milestone: { value: '', validate: valid.milestones('milestone') },
      conflictOutput: { value: false },
      outputs: { value: 2 },
      configVersion: { value: 1 },
    },
    inputs: 1,
    outputs: 2,
    paletteLabel: () => text('palette'),
    label: function () {
      return this.name || (this.business === '' ? text('palette') : text(`business.${this.business}`));
    },
    labelStyle: function () {
      return this.name ? 'node_label_italic' : '';
    },
    inputLabels: function () {
      return guardedInput(this, text('input'));
    },
    outputLabels: (index) => text(index === 0 ? 'output.done' : index === 1 ? 'output.refused' : 'output.conflict'),
    onadd: function () {
      assignStepId(this);
    },
    oneditprepare: function () {
      const migrated = migrate(this);
      showMigrated(this, migrated);
      typedInput('body', ['msg', 'jsonata', 'facts', 'json']);
      const choice = new BusinessChoice(node, text, migrated);
      $('#node-input-systemNode').on('change', () => { choice.update(); });
    },
    oneditsave: function () {
      const conflicts = $('#node-input-conflictOutput').prop('checked') === true;
      Object.assign(this, { conflictOutput: conflicts, outputs: conflicts ? 3 : 2, configVersion: migrate(this).configVersion });
    },
  };
}

import { showMigrated } from '../src/editor/browser/form.ts';
import type { NodeDefinition } from '../src/editor/browser/node-definition.ts';
import { assignStepId, validateStepId } from '../src/editor/browser/step-ids.ts';
import { ServiceChoice } from '../src/editor/browser/systems/service-choice.ts';
import { textsOf } from '../src/editor/browser/texts.ts';
import { validatorsOf } from '../src/editor/browser/validators.ts';
import { JSON_POINTER } from '../src/editor/browser/value-forms.ts';
import type { RawConfig } from './config-version.ts';
import type { DocumentIntakeConfig } from './document-intake.ts';

/** What *file in* and *queue in* have in common in the editor: all but their name, icon and what is theirs alone. */
export function documentIntakeForm(node: 'file-in' | 'queue-in', migrate: (config: RawConfig) => DocumentIntakeConfig): Omit<NodeDefinition<DocumentIntakeConfig>, 'icon'> {
  const text = textsOf(node);
  const valid = validatorsOf(node);
  const chosen = (property: 'service' | 'operation') => (value: unknown, _options: unknown): true | string => (value === undefined || String(value) !== '' ? true : text(`error.${property}`));
  return {
    category: 'waybill',
    color: '#6BA6CF',
    defaults: {
      name: { value: '' },
      stepId: { value: '', validate: validateStepId },
      requires: { value: '' },
      site: { value: '', type: 'waybill-site', required: true, label: text('label.site') },
      systemNode: { value: '', type: 'waybill-system', required: true, label: text('label.systemNode') },
      service: { value: '', validate: chosen('service') },
      operation: { value: '', validate: chosen('operation') },
      process: { value: 'procure-to-pay' },
      template: { value: 'receiving@1.0.0', validate: valid.nameVersion('template', true) },
      key: { value: '/number', validate: (value, _options) => (JSON_POINTER.test(String(value ?? '').trim()) ? true : text('error.pointer')) },
      keyName: { value: 'document' },
      uniqueScope: { value: '' },
      configVersion: { value: 1 },
    },
    inputs: 0,
    outputs: 1,
    paletteLabel: () => text('palette'),
    label: function () {
      return this.name || (this.operation ? text('untitled', { what: this.operation }) : text('palette'));
    },
    labelStyle: function () {
      return this.name ? 'node_label_italic' : '';
    },
    outputLabels: () => text('output.opened'),
    onadd: function () {
      assignStepId(this);
    },
    oneditprepare: function () {
      const migrated = migrate(this);
      showMigrated(this, migrated);
      const kind = (): unknown => RED.nodes.node(String($('#node-input-systemNode').val() ?? ''))?.['kind'] ?? undefined;
      const choice = new ServiceChoice({
        prefix: 'waybill-reading', effect: 'reads', none: () => text('none', { kind: String(kind()) }),
        fits: () => (kind() === undefined ? undefined : ({ system, offered }) => system === String(kind()) && offered !== true),
      });
      $('#node-input-systemNode').on('change', () => { choice.update(); });
    },
    oneditsave: function () {
      Object.assign(this, { configVersion: migrate(this).configVersion });
    },
  };
}

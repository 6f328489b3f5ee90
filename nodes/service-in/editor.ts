import { isTicked, showMigrated, showWhen } from '../../src/editor/browser/form.ts';
import { assignStepId, validateStepId } from '../../src/editor/browser/step-ids.ts';
import { ServiceChoice } from '../../src/editor/browser/systems/service-choice.ts';
import { expressionInput } from '../../src/editor/browser/typed-inputs.ts';
import { textsOf } from '../../src/editor/browser/texts.ts';
import { onlyWhen, validatorsOf, whenever } from '../../src/editor/browser/validators.ts';
import { migrateServiceIn } from './migrations.ts';
import type { ServiceInConfig } from './migrations.ts';
import { JSON_POINTER } from '../../src/editor/browser/value-forms.ts';

const text = textsOf('service-in');
const valid = validatorsOf('service-in');

const needed = (property: 'service' | 'operation') => (value: unknown, _options: unknown): true | string => (value === undefined || String(value) !== '' ? true : text(`error.${property}`));

const DOES = ['open', 'tell', 'take'] as const;

/** What a request does goes by the service: documents as they are open cases, JSON opens one or is told to one. */
function fitDoes(documents: boolean): void {
  const does = $('#node-input-does');
  const fits = (value: unknown): boolean => (value === 'take') === documents;
  // jQuery gives no value of a choice that is disabled.
  const before = does.val();
  for (const each of DOES) does.children(`option[value="${each}"]`).prop('disabled', !fits(each));
  if (!fits(before)) does.val(DOES.find(fits) ?? '').trigger('change');
}

RED.nodes.registerType<ServiceInConfig>('waybill-service-in', {
  category: 'waybill',
  color: '#6BA6CF',
  icon: 'waybill-service-in.svg',
  defaults: {
    name: { value: '' },
    stepId: { value: '', validate: validateStepId },
    requires: { value: '' },
    site: { value: '', type: 'waybill-site', required: true, label: text('label.site') },
    service: { value: '', validate: needed('service') },
    operation: { value: '', validate: needed('operation') },
    process: { value: 'order-to-cash' },
    template: { value: 'service@1.0.0', validate: whenever('does', (does) => does !== 'tell', valid.nameVersion('template', true)) },
    key: {
      value: '',
      validate: function (value, _options) {
        const pointer = String(value ?? '').trim();
        if (!JSON_POINTER.test(pointer)) return text('error.pointer');
        return value !== undefined && pointer === '' && this['does'] === 'tell' ? text('error.keyMissing') : true;
      },
    },
    keyName: { value: '' },
    uniqueScope: { value: '' },
    does: { value: 'open' },
    eventName: { value: '', validate: onlyWhen('does', (value, _options) => (/^([A-Za-z0-9][A-Za-z0-9._-]{0,63})?$/.test(String(value ?? '').trim()) ? true : text('error.eventName')), 'tell') },
    mustMeet: { value: true },
    keep: { value: 7, validate: onlyWhen('does', valid.decimal('keep', { min: 0, max: 129_600 }), 'tell') },
    keepUnit: { value: 'days' },
    answer: { value: '' },
    configVersion: { value: 1 },
  },
  inputs: 0,
  outputs: 1,
  paletteLabel: () => text('palette'),
  label: function () {
    return this.name || (this.operation ? text('untitled', { operation: this.operation }) : text('palette'));
  },
  labelStyle: function () {
    return this.name ? 'node_label_italic' : '';
  },
  outputLabels: () => text('output.opened'),
  onadd: function () {
    assignStepId(this);
  },
  oneditprepare: function () {
    showMigrated(this, migrateServiceIn(this));
    expressionInput('answer');
    const chosen = (): string => String($('#node-input-does').val());
    const tells = (): boolean => chosen() === 'tell';
    for (const each of DOES) showWhen(`.waybill-does-${each}`, '#node-input-does', () => chosen() === each);
    showWhen('.waybill-open', '#node-input-does', () => !tells());
    showWhen('.waybill-tell', '#node-input-does', tells);
    showWhen('.waybill-keep', '#node-input-does, #node-input-mustMeet', () => tells() && !isTicked('mustMeet'));
    const address = $('#waybill-service-in-address');
    const announced = $('#waybill-service-in-media');
    new ServiceChoice({
      prefix: 'waybill-service-in', none: () => text('none'), fits: () => ({ offered }) => offered === true,
      chosen: (operation, service) => {
        address.text(operation?.address ?? '');
        announced.text(operation?.media === undefined ? '' : text('announced', { media: operation.media.join(', ') }));
        if (service !== undefined) fitDoes(service.documents === true);
      },
    });
  },
  oneditsave: function () {
    Object.assign(this, { configVersion: migrateServiceIn(this).configVersion });
  },
});

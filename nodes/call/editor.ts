import { showMigrated, showWhen } from '../../src/editor/browser/form.ts';
import { guardedInput } from '../../src/editor/browser/guarded-input.ts';
import { openPairList, readPairList } from '../../src/editor/browser/pair-list.ts';
import { assignStepId, validateStepId } from '../../src/editor/browser/step-ids.ts';
import { textsOf } from '../../src/editor/browser/texts.ts';
import { typedInput } from '../../src/editor/browser/typed-inputs.ts';
import { onlyWhen, validatorsOf } from '../../src/editor/browser/validators.ts';
import { HEADER_NAME } from '../../src/editor/browser/value-forms.ts';
import { migrateCall } from './migrations.ts';
import type { CallHeader, CallNodeConfig } from './migrations.ts';

const text = textsOf('call');
const valid = validatorsOf('call');

const isChosen = (property: string, value: string) => (): boolean => $(`#node-input-${property}`).val() === value;

RED.nodes.registerType<CallNodeConfig>('waybill-call', {
  category: 'waybill',
  color: '#B79CDA',
  icon: 'waybill-call.svg',
  defaults: {
    name: { value: '' },
    stepId: { value: '', validate: validateStepId },
    requires: { value: '', validate: valid.milestones('requires') },
    system: { value: '', validate: valid.text('system') },
    service: { value: '', validate: valid.nameVersion('service') },
    operation: { value: '' },
    method: { value: 'POST' },
    url: { value: '', validate: valid.typed('url', 'urlType') },
    urlType: { value: 'str' },
    headers: {
      value: [],
      validate: function (value, _options) {
        const headers = (value ?? []) as readonly CallHeader[];
        const bad = headers.find(({ name }) => !HEADER_NAME.test(name));
        if (bad !== undefined) {
          return text('error.header', { name: bad.name });
        }
        return headers.some(({ name }) => /^authorization$/i.test(name)) ? text('error.authorization') : true;
      },
    },
    body: { value: 'payload', validate: valid.typed('body', 'bodyType', 'blank') },
    bodyType: { value: 'msg' },
    tokenVariable: { value: '', validate: (value, _options) => (/^([A-Za-z_][A-Za-z0-9_]*)?$/.test(String(value ?? '')) ? true : text('error.tokenVariable')) },
    timeoutSeconds: { value: 30, validate: valid.decimal('timeoutSeconds', { min: 1, max: 3600 }) },
    idempotencyHeader: { value: 'Idempotency-Key', validate: onlyWhen('recovery', valid.form('idempotencyHeader', HEADER_NAME, 'headerName', true), 'same-key') },
    recovery: { value: 'same-key' },
    queryUrl: { value: '', validate: onlyWhen('recovery', valid.typed('queryUrl', 'queryUrlType'), 'query') },
    queryUrlType: { value: 'str' },
    maxAttempts: { value: 8, validate: valid.whole('maxAttempts', { min: 1, max: 1000 }) },
    maxMinutes: { value: 1440, validate: valid.decimal('maxMinutes', { min: 0.1, max: 525_600 }) },
    baseDelaySeconds: { value: 2, validate: valid.decimal('baseDelaySeconds', { min: 0.1, max: 86_400 }) },
    maxDelaySeconds: { value: 300, validate: valid.decimal('maxDelaySeconds', { min: 0.1, max: 86_400 }) },
    circuitFailures: { value: 0, validate: valid.whole('circuitFailures', { min: 0, max: 1000 }) },
    openSeconds: { value: 30, validate: valid.decimal('openSeconds', { min: 1, max: 86_400 }) },
    concurrency: { value: 0, validate: valid.whole('concurrency', { min: 0, max: 1000 }) },
    recordAs: { value: '', validate: valid.path('recordAs') },
    milestone: { value: '', validate: valid.milestones('milestone') },
    configVersion: { value: 1 },
  },
  credentials: {
    token: { type: 'password' },
  },
  inputs: 1,
  outputs: 2,
  paletteLabel: () => text('palette'),
  label: function () {
    const what = this.operation || this.service || this.system;
    return this.name || (what ? `${this.method} ${what}` : text('palette'));
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
    const migrated = migrateCall(this);
    showMigrated(this, migrated);
    typedInput('url', ['str', 'jsonata', 'env', 'facts', 'msg']);
    typedInput('body', ['msg', 'jsonata', 'facts', 'json']);
    typedInput('queryUrl', ['str', 'jsonata', 'env', 'facts', 'msg']);
    openPairList($('#node-input-headers-list'), {
      namePlaceholder: text('placeholder.headerName'),
      types: ['str', 'jsonata', 'facts', 'msg', 'env'],
      rows: migrated.headers,
    });
    showWhen('.waybill-body', '#node-input-method', () => !isChosen('method', 'GET')() && !isChosen('method', 'DELETE')());
    showWhen('.waybill-same-key', '#node-input-recovery', isChosen('recovery', 'same-key'));
    showWhen('.waybill-query', '#node-input-recovery', isChosen('recovery', 'query'));
  },
  oneditsave: function () {
    const headers = readPairList($('#node-input-headers-list'));
    Object.assign(this, { headers, configVersion: migrateCall(this).configVersion });
  },
});

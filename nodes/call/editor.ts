import { showMigrated, showWhen } from '../../src/editor/browser/form.ts';
import { guardedInput } from '../../src/editor/browser/guarded-input.ts';
import { MappingField, mappingValidator } from '../../src/editor/browser/mapping/mapping-field.ts';
import { openPairList, readPairList } from '../../src/editor/browser/pair-list.ts';
import { assignStepId, validateStepId } from '../../src/editor/browser/step-ids.ts';
import { textsOf } from '../../src/editor/browser/texts.ts';
import { typedInput } from '../../src/editor/browser/typed-inputs.ts';
import { requestOf } from '../../src/editor/browser/systems/known-services.ts';
import { ServiceChoice } from '../../src/editor/browser/systems/service-choice.ts';
import { onlyWhen, validatorsOf, whenever } from '../../src/editor/browser/validators.ts';
import { HEADER_NAME, isConfigNode } from '../../src/editor/browser/value-forms.ts';
import type { GivenSchema } from '../../src/editor/browser/mapping/mapping-editor.ts';
import type { Validator } from '../../src/editor/browser/node-definition.ts';
import { migrateCall } from './migrations.ts';
import type { CallHeader, CallNodeConfig } from './migrations.ts';

const text = textsOf('call');
const valid = validatorsOf('call');

/** The address stands in the node: no system is chosen. */
const isPlain = (systemNode: unknown): boolean => !isConfigNode(systemNode);
const whenPlain = (validator: Validator): Validator => whenever('systemNode', isPlain, validator);
const whenGoverned = (property: 'service' | 'operation'): Validator => whenever('systemNode', isConfigNode, (value, _options) => (value === undefined || String(value) !== '' ? true : text(`error.${property}`)));

const plainService = valid.nameVersion('service');
const governedService = whenGoverned('service');

const isChosen = (property: string, value: string) => (): boolean => $(`#node-input-${property}`).val() === value;

/** The two mappings of the one dialog that is open. */
let mappings: { readonly request: MappingField; readonly answer: MappingField } | undefined;

RED.nodes.registerType<CallNodeConfig>('waybill-call', {
  category: 'waybill',
  color: '#B79CDA',
  icon: 'waybill-call.svg',
  defaults: {
    name: { value: '' },
    stepId: { value: '', validate: validateStepId },
    requires: { value: '', validate: valid.milestones('requires') },
    systemNode: { value: '', type: 'waybill-system', required: false },
    system: { value: '', validate: whenPlain(valid.text('system')) },
    service: {
      value: '',
      validate: function (value, options) {
        const governed = governedService.call(this, value, options);
        return governed === true ? whenPlain(plainService).call(this, value, options) : governed;
      },
    },
    operation: { value: '', validate: whenGoverned('operation') },
    method: { value: 'POST' },
    url: { value: '', validate: whenPlain(valid.typed('url', 'urlType')) },
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
    mapRequest: { value: null, validate: mappingValidator(() => text('label.mapRequest'), (node) => (isPlain(node['systemNode']) ? undefined : requestOf(node))) },
    mapAnswer: { value: null, validate: mappingValidator(() => text('label.mapAnswer')) },
    conflictOutput: { value: false },
    outputs: { value: 2 },
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
    if (this.name) return this.name;
    if (!isPlain(this.systemNode)) return this.operation || this.service || text('palette');
    return what ? `${this.method} ${what}` : text('palette');
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
    mappings = undefined;
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
    const systemNode = (): string => String($('#node-input-systemNode').val() ?? '');
    const governed = (): boolean => !isPlain(systemNode());
    showWhen('.waybill-by-service', '#node-input-systemNode', governed);
    showWhen('.waybill-plain', '#node-input-systemNode', () => !governed());
    showWhen('.waybill-body', '#node-input-method, #node-input-systemNode', () => governed() || (!isChosen('method', 'GET')() && !isChosen('method', 'DELETE')()));
    // the editor answers null or undefined where there is no such node
    const kind = (): unknown => RED.nodes.node(systemNode())?.['kind'];
    const choice = new ServiceChoice({
      prefix: 'waybill-call', none: () => text('choose.none', { kind: String(kind()) }),
      fits: () => (kind() === undefined ? undefined : ({ system }) => system === String(kind())),
      chosen: () => { mappings?.request.refresh(); },
    });
    $('#node-input-systemNode').on('change', () => { choice.update(); });
    const known = (side: 'request' | 'answer'): GivenSchema | undefined => (governed() ? choice.schema(side) : undefined);
    mappings = {
      request: new MappingField($('#waybill-call-map-request'), { title: text('mapping.request'), value: migrated.mapRequest, given: () => { const target = known('request'); return target === undefined ? {} : { target }; } }),
      answer: new MappingField($('#waybill-call-map-answer'), { title: text('mapping.answer'), value: migrated.mapAnswer, given: () => { const source = known('answer'); return source === undefined ? {} : { source }; } }),
    };
    showWhen('.waybill-same-key', '#node-input-recovery', isChosen('recovery', 'same-key'));
    showWhen('.waybill-query', '#node-input-recovery', isChosen('recovery', 'query'));
  },
  oneditsave: function () {
    const headers = readPairList($('#node-input-headers-list'));
    const conflicts = !isPlain($('#node-input-systemNode').val()) && $('#node-input-conflictOutput').prop('checked') === true;
    Object.assign(this, { mapRequest: mappings?.request.value() ?? null, mapAnswer: mappings?.answer.value() ?? null, headers, conflictOutput: conflicts, outputs: conflicts ? 3 : 2, configVersion: migrateCall(this).configVersion });
  },
});

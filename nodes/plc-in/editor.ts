import { showMigrated, showWhen } from '../../src/editor/browser/form.ts';
import { assignStepId, validateStepId } from '../../src/editor/browser/step-ids.ts';
import { textsOf } from '../../src/editor/browser/texts.ts';
import { judgeTriggers, TriggerCards } from '../../src/editor/browser/trigger-cards.ts';
import { onlyWhen, validatorsOf } from '../../src/editor/browser/validators.ts';
import { eventProblems } from '../../src/governance/gate/rules/plc-event.ts';
import type { PlcEventProblem, PlcEventType } from '../../src/governance/gate/rules/plc-event.ts';
import { NODE_ID, tagProblems } from '../../src/governance/gate/rules/plc-tag.ts';
import type { PlcTag } from '../../src/governance/gate/rules/plc-tag.ts';
import { PlcPanel } from './editor/panel.ts';
import { EventTypeList } from './editor/event-type-list.ts';
import { browse } from './editor/parts.ts';
import { SourceList } from './editor/source-list.ts';
import { TagCards } from './editor/tag-cards.ts';
import { migratePlcIn } from './migrations.ts';
import type { PlcInConfig } from './migrations.ts';

const text = textsOf('plc-in');
const valid = validatorsOf('plc-in');
const HANDSHAKE = ['sequence', 'handlingUnit', 'position', 'acknowledge'] as const;
const MOST = Number.MAX_SAFE_INTEGER;

const nodeId = (property: (typeof HANDSHAKE)[number]): ReturnType<typeof valid.form> => onlyWhen('mode', valid.form(property, NODE_ID, 'nodeId', true), 'handshake');
/** What is wrong with one part of what is chosen of events; only where events are taken. */
const eventsSay = (codes: readonly PlcEventProblem['code'][]): (this: object, value: unknown) => true | string => function (value) {
  const node = this as PlcInConfig;
  if (node.mode !== 'events' || value === undefined) return true;
  const { notifier = '', eventTypes = [], sources: from = [], leastSeverity = 1, acknowledgeWhen = 'never', confirmWhen = 'never' } = node;
  if (!Array.isArray(eventTypes) || !Array.isArray(from)) return text('problem.unreadable-events');
  const first = eventProblems({ notifier, eventTypes: eventTypes as PlcEventType[], sources: from as string[], leastSeverity, acknowledgeWhen, confirmWhen }).find(({ code }) => codes.includes(code));
  return first === undefined ? true : text(`problem.${first.code}`, { row: first.row + 1 });
};
const tagsOf = (value: unknown): readonly PlcTag[] => (Array.isArray(value) ? value as PlcTag[] : []);

let tags: TagCards | undefined;
let triggers: TriggerCards | undefined;
let panel: PlcPanel | undefined;
let types: EventTypeList | undefined;
let sources: SourceList | undefined;
let closers: (() => void)[] = [];

function closeAll(): void {
  tags?.close();
  panel?.close();
  types?.close();
  sources?.close();
  for (const close of closers) close();
  tags = triggers = panel = types = sources = undefined;
  closers = [];
}

RED.nodes.registerType<PlcInConfig>('waybill-plc-in', {
  category: 'waybill',
  color: '#6BA6CF',
  icon: 'waybill-plc-in.svg',
  defaults: {
    name: { value: '' },
    stepId: { value: '', validate: validateStepId },
    requires: { value: '' },
    site: { value: '', type: 'waybill-site', required: true, label: text('label.site') },
    endpoint: { value: '', type: 'waybill-opcua-endpoint', required: true, label: text('label.endpoint') },
    device: { value: '' },
    mode: { value: 'values' },
    tags: {
      value: [],
      validate: function (value, _options) {
        if (value === undefined || value === null) return true;
        if (!Array.isArray(value)) return text('problem.unreadable-tag', { row: 1 });
        if (value.length === 0 && this['mode'] === 'values') return text('problem.no-tags');
        const [first] = tagProblems(value as PlcTag[]);
        return first === undefined ? true : text(`problem.${first.code}`, { row: first.row + 1 });
      },
    },
    triggers: {
      value: [],
      validate: function (value, _options) {
        if (this['mode'] !== 'values' || value === undefined || value === null) return true;
        if (Array.isArray(value) && value.length === 0) return text('problem.no-triggers');
        return judgeTriggers(value, tagsOf(this['tags']).map(({ name }) => name));
      },
    },
    sequence: { value: '', validate: nodeId('sequence') },
    handlingUnit: { value: '', validate: nodeId('handlingUnit') },
    position: { value: '', validate: nodeId('position') },
    acknowledge: {
      value: '',
      validate: function (value, options) {
        if (this['mode'] === 'handshake' && value !== '' && value !== undefined && value === this['sequence']) return text('problem.same-tag');
        return nodeId('acknowledge').call(this, value, options);
      },
    },
    largest: { value: 0, validate: onlyWhen('mode', valid.whole('largest', { min: 0, max: MOST }), 'handshake') },
    notifier: { value: '', validate: eventsSay(['bad-notifier']) },
    eventTypes: { value: [], validate: eventsSay(['bad-event-type', 'too-many-event-types']) },
    sources: { value: [], validate: eventsSay(['bad-source', 'too-many-sources']) },
    leastSeverity: { value: 1, validate: onlyWhen('mode', valid.whole('leastSeverity', { min: 1, max: 1_000 }), 'events') },
    suppressed: { value: false },
    acknowledgeWhen: { value: 'never', validate: eventsSay(['bad-answer']) },
    confirmWhen: { value: 'never', validate: eventsSay(['bad-answer']) },
    keyField: { value: '' },
    title: { value: '' },
    keyTag: {
      value: '',
      validate: function (value, _options) {
        if (this['mode'] !== 'values' || value === undefined || value === '') return true;
        return tagsOf(this['tags']).some(({ name }) => name === value) ? true : text('problem.key-tag');
      },
    },
    keyType: { value: '' },
    uniqueScope: { value: '' },
    process: { value: 'inventory-movement' },
    template: { value: 'shop-floor@1.0.0', validate: valid.nameVersion('template', true) },
    publishingMs: { value: 250, validate: valid.whole('publishingMs', { min: 50, max: 60_000 }) },
    outageSeconds: { value: 0, validate: valid.whole('outageSeconds', { min: 0, max: 86_400 }) },
    configVersion: { value: 1 },
  },
  inputs: 0,
  outputs: 1,
  paletteLabel: () => text('palette'),
  label: function () {
    if (this.name) return this.name;
    if (this.mode === 'events') {
      const named = (Array.isArray(this.eventTypes) ? this.eventTypes : []).map(({ name }) => name).join(', ');
      return text('untitled', { what: named === '' ? text('option.mode.events') : named });
    }
    const what = this.mode === 'handshake' ? String(this.sequence ?? '').replace(/^.*=/, '') : (Array.isArray(this.triggers) ? this.triggers : []).map(({ name }) => name).join(', ');
    return what === '' ? text('palette') : text('untitled', { what });
  },
  labelStyle: function () {
    return this.name ? 'node_label_italic' : '';
  },
  outputLabels: () => text('output.opened'),
  onadd: function () {
    assignStepId(this);
  },
  oneditprepare: function () {
    closeAll();
    const migrated = migratePlcIn(this);
    showMigrated(this, migrated);
    const mode = (): string => String($('#node-input-mode').val());
    const watched = (): boolean => mode() === 'values';
    const keyTag = $('#node-input-keyTag');
    let key = migrated.keyTag;
    keyTag.on('change', () => { key = String(keyTag.val() ?? ''); });
    const offerKeys = (names: readonly string[]): void => {
      keyTag.empty().append($('<option>').val('').text(text('keyTag.none')), [...new Set(key === '' || names.includes(key) ? names : [key, ...names])].map((name) => $('<option>').val(name).text(name)));
      keyTag.val(key);
    };
    const cards = tags = new TagCards($('#waybill-plc-in-tags'), migrated.tags, {
      text, watched,
      renamed: (from, to) => {
        triggers?.tagRenamed(from, to);
        if (key === from) key = to;
      },
      changed: () => {
        offerKeys(tags?.names() ?? migrated.tags.map(({ name }) => name));
        triggers?.tagsChanged();
      },
    });
    triggers = new TriggerCards($('#waybill-plc-in-triggers'), migrated.triggers, () => cards.names());
    showWhen('.waybill-plc-values', '#node-input-mode', watched);
    showWhen('.waybill-plc-handshake', '#node-input-mode', () => mode() === 'handshake');
    showWhen('.waybill-plc-events', '#node-input-mode', () => mode() === 'events');
    showWhen('.waybill-plc-tagged', '#node-input-mode', () => mode() !== 'events');
    showWhen('.waybill-plc-titled', '#node-input-mode', () => mode() !== 'handshake');
    const chosen = types = new EventTypeList($('#waybill-plc-in-types'), migrated.eventTypes, text, () => undefined);
    const from = sources = new SourceList($('#waybill-plc-in-sources'), migrated.sources, text, () => undefined);
    const field = (name: string): string => String($(`#node-input-${name}`).val() ?? '').trim();
    const events = triggers;
    panel = new PlcPanel($('#waybill-plc-in-live'), {
      nodeId: this.id,
      config: () => ({
        ...Object.fromEntries(['site', 'endpoint', 'mode', ...HANDSHAKE, 'device', 'title', 'keyTag', 'keyField', 'keyType', 'uniqueScope', 'notifier'].map((name) => [name, field(name)])),
        eventTypes: chosen.types(), sources: from.sources(), leastSeverity: Number(field('leastSeverity')), suppressed: $('#node-input-suppressed').prop('checked') === true,
        largest: Number(field('largest')), tags: cards.tags(), triggers: events.triggers(),
      }),
    });
    const shown = panel;
    // Node-RED triggers `change` once a dialog has opened: cards are drawn anew only for another mode, never under a hand that types
    let drawn = mode();
    $('#node-input-mode').on('change', () => {
      if (mode() === drawn) return;
      drawn = mode();
      cards.draw();
      shown.expect(drawn);
    });
    shown.expect(drawn);
    closers = [...HANDSHAKE.map((property) => browse($(`#node-input-${property}`), () => undefined)), browse($('#node-input-notifier'), () => undefined, ['object'])];
  },
  oneditsave: function () {
    const migrated = migratePlcIn(this);
    Object.assign(this, { tags: tags?.tags() ?? migrated.tags, triggers: triggers?.triggers() ?? migrated.triggers, eventTypes: types?.types() ?? migrated.eventTypes, sources: sources?.sources() ?? migrated.sources, configVersion: migrated.configVersion });
    closeAll();
  },
  oneditcancel: closeAll,
});

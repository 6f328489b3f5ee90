import { showMigrated, showWhen } from '../../src/editor/browser/form.ts';
import { guardedInput } from '../../src/editor/browser/guarded-input.ts';
import { assignStepId, validateStepId } from '../../src/editor/browser/step-ids.ts';
import { textsOf } from '../../src/editor/browser/texts.ts';
import { typedInput } from '../../src/editor/browser/typed-inputs.ts';
import { validatorsOf, whenever } from '../../src/editor/browser/validators.ts';
import { ROLE } from '../../src/editor/browser/value-forms.ts';
import { migrateAudit } from './migrations.ts';
import type { AuditNodeConfig } from './migrations.ts';

const text = textsOf('audit');
const valid = validatorsOf('audit');

/** What is hidden while no photos are asked for cannot be wrong. */
const whenAsked = (validator: Parameters<typeof whenever>[2]): ReturnType<typeof whenever> => whenever('photos', (photos) => Number(photos) > 0, validator);

RED.nodes.registerType<AuditNodeConfig>('waybill-audit', {
  category: 'waybill',
  color: '#DDA35A',
  icon: 'waybill-audit.svg',
  defaults: {
    name: { value: '' },
    stepId: { value: '', validate: validateStepId },
    requires: { value: '', validate: valid.milestones('requires') },
    what: { value: '', validate: valid.typed('what', 'whatType') },
    whatType: { value: 'str' },
    why: { value: '', validate: valid.typed('why', 'whyType', 'blank') },
    whyType: { value: 'str' },
    evidence: { value: 'payload', validate: valid.typed('evidence', 'evidenceType', 'blank') },
    evidenceType: { value: 'msg' },
    redact: { value: '', validate: valid.paths('redact') },
    photos: { value: 0, validate: valid.whole('photos', { min: 0, max: 10 }) },
    photoRole: { value: '', validate: whenAsked(valid.form('photoRole', ROLE, 'role', true)) },
    photoQuestion: { value: '', validate: whenAsked(valid.typed('photoQuestion', 'photoQuestionType')) },
    photoQuestionType: { value: 'str' },
    photoDeadline: { value: 4, validate: whenAsked(valid.decimal('photoDeadline', { min: 0, max: 525_600 })) },
    photoDeadlineUnit: { value: 'hours' },
    configVersion: { value: 2 },
  },
  inputs: 1,
  outputs: 2,
  paletteLabel: () => text('palette'),
  label: function () {
    return this.name || (this.what && this.whatType === 'str' ? text('untitled', { what: this.what }) : text('palette'));
  },
  labelStyle: function () {
    return this.name ? 'node_label_italic' : '';
  },
  inputLabels: function () {
    return guardedInput(this, text('input'));
  },
  outputLabels: (index) => text(index === 0 ? 'output.recorded' : 'output.withoutPhotos'),
  onadd: function () {
    assignStepId(this);
  },
  oneditprepare: function () {
    showMigrated(this, migrateAudit(this));
    typedInput('what', ['str', 'jsonata', 'msg']);
    typedInput('why', ['str', 'jsonata', 'msg']);
    typedInput('evidence', ['msg', 'facts', 'jsonata']);
    typedInput('photoQuestion', ['str', 'jsonata', 'facts']);
    showWhen('.waybill-photos', '#node-input-photos', () => Number($('#node-input-photos').val()) > 0);
  },
  oneditsave: function () {
    Object.assign(this, { configVersion: migrateAudit(this).configVersion });
  },
});

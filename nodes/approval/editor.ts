import { showMigrated, showWhen } from '../../src/editor/browser/form.ts';
import { guardedInput } from '../../src/editor/browser/guarded-input.ts';
import { assignStepId, validateStepId } from '../../src/editor/browser/step-ids.ts';
import { textsOf } from '../../src/editor/browser/texts.ts';
import { expressionInput, typedInput } from '../../src/editor/browser/typed-inputs.ts';
import { validatorsOf } from '../../src/editor/browser/validators.ts';
import { isConfigNode, ROLE } from '../../src/editor/browser/value-forms.ts';
import type { PlacedNode, Validator } from '../../src/editor/browser/node-definition.ts';
import { matrixProblems } from '../../src/governance/gate/rules/approval-matrix.ts';
import { MatrixEditor } from './editor/matrix-editor.ts';
import { problemText } from './editor/problem-text.ts';
import { APPROVAL_DEFAULTS, migrateApproval } from './migrations.ts';
import type { ApprovalNodeConfig } from './migrations.ts';

const OUTPUTS = ['approved', 'rejected', 'rework', 'expired'] as const;

const text = textsOf('approval');
const valid = validatorsOf('approval');

/** How the open dialog says who decides: one level, or a matrix. */
const MODE = '#waybill-approval-mode';
let open: MatrixEditor | undefined;

/** Whether the node asks by its matrix; the open dialog counts before what was saved. */
function usesMatrix(node: PlacedNode): boolean {
  if (open !== undefined && RED.editor.getEditStack?.().at(-1)?.id === node.id) return $(MODE).val() === 'matrix';
  return migrateApproval(node).matrix.rows?.length > 0;
}

/** A field of the one level: the matrix takes its place. */
function withoutMatrix(validator: Validator): Validator {
  return function (value, options) {
    return usesMatrix(this) || validator.call(this, value, options);
  };
}

/** Working time needs a calendar to be counted by. */
function judgeCalendar(node: PlacedNode, value: unknown): true | string {
  const needed = node['working'] === true && !usesMatrix(node);
  return !needed || isConfigNode(value) ? true : text('error.calendar');
}

const judgeMatrix: Validator = function (value, _options) {
  if (value === undefined || value === null) return true;
  const config = migrateApproval(this);
  if (!Array.isArray(config.matrix.rows)) return text('problem.unreadable');
  const [first] = matrixProblems(config.matrix, { hasCalendar: isConfigNode(config.calendar) });
  return first === undefined ? true : problemText(first, config.matrix, text);
};

RED.nodes.registerType<ApprovalNodeConfig>('waybill-approval', {
  category: 'waybill',
  color: '#DDA35A',
  icon: 'waybill-approval.svg',
  defaults: {
    name: { value: '' },
    stepId: { value: '', validate: validateStepId },
    requires: { value: '', validate: valid.milestones('requires') },
    question: { value: '', validate: valid.typed('question', 'questionType') },
    questionType: { value: 'str' },
    role: { value: '', validate: withoutMatrix(valid.form('role', ROLE, 'role', true)) },
    quorum: { value: 1, validate: valid.whole('quorum', { min: 1, max: 20 }) },
    quorumOf: { value: 'count' },
    covers: { value: '', validate: valid.paths('covers', true) },
    autoApprove: { value: '', validate: valid.expression('autoApprove') },
    ruleId: { value: '', validate: valid.form('ruleId', /^[a-z0-9][a-z0-9._@-]{0,79}$/i, 'ruleId') },
    deadline: { value: 4, validate: valid.decimal('deadline', { min: 0, max: 525_600 }) },
    deadlineUnit: { value: 'hours' },
    working: { value: false },
    onExpiry: { value: 'reject' },
    hold: { value: 0, validate: valid.whole('hold', { min: 0, max: 3_600 }) },
    directory: { value: '', type: 'waybill-directory', required: false },
    calendar: {
      value: '', type: 'waybill-calendar', required: false,
      validate: function (value, _options) {
        return judgeCalendar(this, value);
      },
    },
    requesters: { value: '', validate: valid.paths('requesters') },
    remind: { value: 0, validate: valid.decimal('remind', { min: 0, max: 525_600 }) },
    remindUnit: { value: 'hours' },
    bulk: { value: false },
    maxRounds: { value: 0, validate: valid.whole('maxRounds', { min: 0, max: 100 }) },
    unknownOperatorRole: { value: 'site-manager', validate: valid.form('unknownOperatorRole', ROLE, 'role', true) },
    milestone: { value: 'approved', validate: valid.milestones('milestone') },
    matrix: { value: APPROVAL_DEFAULTS.matrix, validate: judgeMatrix },
    configVersion: { value: 2 },
  },
  inputs: 1,
  outputs: 4,
  paletteLabel: () => text('palette'),
  label: function () {
    if (!this.name && this.matrix?.rows?.length > 0) return text('untitledMatrix', { n: this.matrix.rows.length });
    return this.name || (this.role ? text('untitled', { role: this.role }) : text('palette'));
  },
  labelStyle: function () {
    return this.name ? 'node_label_italic' : '';
  },
  inputLabels: function () {
    return guardedInput(this, text('input'));
  },
  outputLabels: (index) => text(`output.${OUTPUTS[index] ?? 'approved'}`),
  onadd: function () {
    assignStepId(this);
  },
  oneditprepare: function () {
    const migrated = migrateApproval(this);
    showMigrated(this, migrated);
    const editor = open = new MatrixEditor($('#waybill-approval-matrix'), migrated.matrix, text, () => isConfigNode($('#node-input-calendar').val()));
    const mode = (): unknown => $(MODE).val();
    const saved = migrated.matrix.rows.length > 0 ? 'matrix' : 'one';
    $(MODE).val(saved).on('change', () => {
      if (mode() === 'matrix') editor.begin();
    });
    $('#node-input-calendar').on('change', () => { editor.check(); });
    showWhen('.waybill-one', MODE, () => mode() !== 'matrix');
    showWhen('.waybill-many', MODE, () => mode() === 'matrix');
    showWhen('.waybill-quorum', '#node-input-quorumOf', () => $('#node-input-quorumOf').val() !== 'all');
    typedInput('question', ['str', 'jsonata']);
    expressionInput('autoApprove');
  },
  oneditsave: function () {
    const migrated = migrateApproval(this);
    const matrix = open === undefined ? migrated.matrix : $(MODE).val() === 'matrix' ? open.matrix() : { ...open.matrix(), rows: [] };
    Object.assign(this, { matrix, configVersion: migrated.configVersion });
    open = undefined;
  },
  oneditcancel: () => {
    open = undefined;
  },
});

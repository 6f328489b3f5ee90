import { showMigrated, showWhen } from '../../src/editor/browser/form.ts';
import { openRowList, readRowList } from '../../src/editor/browser/row-list.ts';
import type { Column } from '../../src/editor/browser/row-list.ts';
import { textsOf } from '../../src/editor/browser/texts.ts';
import { onlyWhen, validatorsOf } from '../../src/editor/browser/validators.ts';
import { ROLE } from '../../src/editor/browser/value-forms.ts';
import { migrateDirectory } from './migrations.ts';
import type { ConflictConfig, DirectoryNodeConfig, LimitConfig } from './migrations.ts';

const text = textsOf('directory');
const valid = validatorsOf('directory');

const ROLES = 'waybill-directory-roles';
const plain = { autocomplete: 'off' };
const ofRoles = { ...plain, list: ROLES };
const CONFLICT_COLUMNS: readonly Column[] = [{ property: 'one', attributes: ofRoles }, { property: 'other', attributes: ofRoles }];
const LIMIT_COLUMNS: readonly Column[] = [
  { property: 'role', attributes: ofRoles }, { property: 'amount', attributes: { ...plain, placeholder: '2500.00' } },
  { property: 'currency', attributes: { ...plain, placeholder: 'EUR' } }, { property: 'person', attributes: plain },
];

function judgeConflicts(value: unknown): true | string {
  for (const { one = '', other = '' } of (Array.isArray(value) ? value : []) as Partial<ConflictConfig>[]) {
    const wrong = [one, other].find((role) => !ROLE.test(role));
    if (wrong !== undefined) {
      return text('error.conflictRole', { role: wrong });
    }
    if (one === other) {
      return text('error.conflictSame', { role: one });
    }
  }
  return true;
}

function judgeLimits(value: unknown): true | string {
  const seen = new Set<string>();
  for (const { role = '', amount = '', currency = '', person = '' } of (Array.isArray(value) ? value : []) as Partial<LimitConfig>[]) {
    if (!ROLE.test(role)) {
      return text('error.limitRole', { role });
    }
    if (!/^\d{1,15}(\.\d{1,4})?$/.test(amount)) {
      return text('error.limitAmount', { role, amount });
    }
    if (!Intl.supportedValuesOf('currency').includes(currency.toUpperCase())) {
      return text('error.limitCurrency', { role, currency });
    }
    if (seen.has(`${role} ${person}`)) {
      return text('error.limitTwice', { role });
    }
    seen.add(`${role} ${person}`);
  }
  return true;
}

/** Offers the roles that people hold, and says how many people there are. */
function offerRoles(directory: string): void {
  $.ajax({ url: 'waybill-editor/roles', data: { directory }, dataType: 'json', timeout: 10_000 }).then(
    ({ roles, people, problem }: { readonly roles: readonly string[]; readonly people: number; readonly problem?: string }) => {
      const list = $(`#${ROLES}`).empty();
      roles.forEach((role) => {
        $('<option>').val(role).appendTo(list);
      });
      $('#waybill-directory-people').text(text('people', { count: people, roles: roles.join(', ') }));
      $('#waybill-directory-problem').text(problem ?? '');
    },
    () => {
      $('#waybill-directory-people').text(text('silent'));
    },
  );
}

RED.nodes.registerType<DirectoryNodeConfig>('waybill-directory', {
  category: 'config',
  color: '#A9B4BE',
  icon: 'waybill-directory.svg',
  defaults: {
    name: { value: '' },
    source: { value: 'accounts' },
    file: { value: '', validate: onlyWhen('source', valid.text('file'), 'file') },
    conflicts: {
      value: [],
      validate: function (value, _options) {
        return judgeConflicts(value);
      },
    },
    limits: {
      value: [],
      validate: function (value, _options) {
        return judgeLimits(value);
      },
    },
    longestDelegationDays: { value: 92, validate: valid.whole('longestDelegationDays', { min: 1, max: 366 }) },
    configVersion: { value: 1 },
  },
  paletteLabel: () => text('palette'),
  label: function () {
    return this.name || (this.source === 'file' && this.file ? this.file : text('palette'));
  },
  labelStyle: function () {
    return this.name ? 'node_label_italic' : '';
  },
  oneditprepare: function () {
    const migrated = migrateDirectory(this);
    showMigrated(this, migrated, 'node-config-input');
    showWhen('.waybill-directory-file', '#node-config-input-source', () => $('#node-config-input-source').val() === 'file');
    openRowList($('#waybill-directory-conflicts'), CONFLICT_COLUMNS, migrated.conflicts, text);
    openRowList($('#waybill-directory-limits'), LIMIT_COLUMNS, migrated.limits, text);
    offerRoles(this.id);
  },
  oneditsave: function () {
    Object.assign(this, {
      conflicts: readRowList<ConflictConfig>($('#waybill-directory-conflicts'), CONFLICT_COLUMNS),
      limits: readRowList<LimitConfig>($('#waybill-directory-limits'), LIMIT_COLUMNS).map((row) => ({ ...row, currency: row.currency.toUpperCase() })),
      configVersion: migrateDirectory(this).configVersion,
    });
  },
});

import { showMigrated } from '../../src/editor/browser/form.ts';
import { textsOf } from '../../src/editor/browser/texts.ts';
import { validatorsOf } from '../../src/editor/browser/validators.ts';
import { TOPIC_LEVEL } from '../../src/editor/browser/value-forms.ts';
import { migrateSite } from './migrations.ts';
import type { SiteConfig } from './migrations.ts';

const text = textsOf('site');
const valid = validatorsOf('site');

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch (error) {
    if (error instanceof RangeError) {
      return false;
    }
    throw error;
  }
}

/** Blank, or 13 digits with the check digit of GS1 General Specifications §7.9.1. */
function isGln(text: string): boolean {
  if (text === '') return true;
  return /^\d{13}$/.test(text) && [...text].reduce((sum, digit, at) => sum + Number(digit) * (at % 2 === 0 ? 1 : 3), 0) % 10 === 0;
}

RED.nodes.registerType<SiteConfig>('waybill-site', {
  category: 'config',
  color: '#A9B4BE',
  icon: 'waybill-site.svg',
  defaults: {
    name: { value: '' },
    siteId: { value: '', validate: valid.form('siteId', TOPIC_LEVEL, 'topicLevel', true) },
    enterprise: { value: '', validate: valid.form('enterprise', TOPIC_LEVEL, 'topicLevel') },
    legalEntity: { value: '' },
    gln: { value: '', validate: (value, _options) => (value === undefined || isGln(String(value).trim()) ? true : text('error.gln')) },
    timeZone: {
      value: '',
      validate: function (value, _options) {
        return value === undefined || value === '' || isTimeZone(String(value)) ? true : text('error.timeZone');
      },
    },
    stallSeconds: { value: 60, validate: valid.whole('stallSeconds', { min: 5, max: 86_400 }) },
    hopLimit: { value: 100, validate: valid.whole('hopLimit', { min: 10, max: 100_000 }) },
    configVersion: { value: 1 },
  },
  paletteLabel: () => text('palette'),
  label: function () {
    return this.name || this.siteId || text('palette');
  },
  labelStyle: function () {
    return this.name ? 'node_label_italic' : '';
  },
  oneditprepare: function () {
    showMigrated(this, migrateSite(this), 'node-config-input');
    const zones = $('#waybill-time-zones');
    Intl.supportedValuesOf('timeZone').forEach((zone) => {
      $('<option>').val(zone).appendTo(zones);
    });
  },
  oneditsave: function () {
    Object.assign(this, { configVersion: migrateSite(this).configVersion });
  },
});

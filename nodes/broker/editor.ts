import { showMigrated } from '../../src/editor/browser/form.ts';
import { textsOf } from '../../src/editor/browser/texts.ts';
import { validatorsOf } from '../../src/editor/browser/validators.ts';
import { migrateBroker } from './migrations.ts';
import type { BrokerConfig } from './migrations.ts';

const text = textsOf('broker');
const valid = validatorsOf('broker');

// No user and password in the address: it is shown in the workspace and stands in the flow file.
const BROKER_URL = /^(mqtts?|wss?):\/\/[^\s/@]+(\/\S*)?$/;

RED.nodes.registerType<BrokerConfig>('waybill-broker', {
  category: 'config',
  color: '#6BA6CF',
  icon: 'waybill-broker.svg',
  defaults: {
    name: { value: '' },
    url: { value: '', validate: valid.form('url', BROKER_URL, 'brokerUrl') },
    clientId: { value: '', validate: valid.form('clientId', /^[^\s+#/]{1,128}$/, 'clientId') },
    sessionExpirySeconds: { value: 604_800, validate: valid.whole('sessionExpirySeconds', { min: 0, max: 4_294_967_295 }) },
    configVersion: { value: 1 },
  },
  credentials: {
    user: { type: 'text' },
    password: { type: 'password' },
  },
  paletteLabel: () => text('palette'),
  label: function () {
    return this.name || this.url || text('untitled');
  },
  labelStyle: function () {
    return this.name ? 'node_label_italic' : '';
  },
  oneditprepare: function () {
    showMigrated(this, migrateBroker(this), 'node-config-input');
  },
  oneditsave: function () {
    Object.assign(this, { configVersion: migrateBroker(this).configVersion });
  },
});

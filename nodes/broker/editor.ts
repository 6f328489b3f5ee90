import { showMigrated, showWhen } from '../../src/editor/browser/form.ts';
import { textsOf } from '../../src/editor/browser/texts.ts';
import { validatorsOf } from '../../src/editor/browser/validators.ts';
import { showBrokerStanding } from './editor/standing-part.ts';
import { migrateBroker } from './migrations.ts';
import type { BrokerConfig } from './migrations.ts';

const text = textsOf('broker');
const valid = validatorsOf('broker');

// No user and password in the address: it is shown in the workspace and stands in the flow file.
const BROKER_URL = /^(mqtts?|wss?):\/\/[^\s/@]+(\/\S*)?$/;

let close = (): void => undefined;

const clientIdForm = valid.form('clientId', /^[^\s+#/]{1,128}$/, 'clientId');

RED.nodes.registerType<BrokerConfig>('waybill-broker', {
  category: 'config',
  color: '#6BA6CF',
  icon: 'waybill-broker.svg',
  defaults: {
    name: { value: '' },
    url: { value: '', validate: valid.form('url', BROKER_URL, 'brokerUrl') },
    clientId: {
      value: '',
      validate: function (value, options) {
        if (String(value ?? '') === '' && String(this['sharedGroup'] ?? '') !== '') return text('error.clientIdEach');
        return clientIdForm.call(this, value, options);
      },
    },
    sessionExpirySeconds: { value: 604_800, validate: valid.whole('sessionExpirySeconds', { min: 0, max: 4_294_967_295 }) },
    tls: { value: '', type: 'tls-config', required: false, label: text('label.tls') },
    protocol: { value: 'auto' },
    keepaliveSeconds: { value: 30, validate: valid.whole('keepaliveSeconds', { min: 0, max: 65_535 }) },
    sharedGroup: { value: '', validate: valid.form('sharedGroup', /^[^\s/+#]{1,64}$/, 'groupName') },
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
    showWhen('.waybill-tls', '#node-config-input-url', () => !/^(mqtt|ws):/.test(String($('#node-config-input-url').val())));
    close = showBrokerStanding($('#waybill-broker-live'), this.id, text);
  },
  oneditcancel: () => { close(); },
  oneditsave: function () {
    close();
    Object.assign(this, { configVersion: migrateBroker(this).configVersion });
  },
});

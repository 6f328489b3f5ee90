import { showMigrated, showWhen } from '../../src/editor/browser/form.ts';
import { SecretList } from '../../src/editor/browser/systems/secret-list.ts';
import { openODataTray } from '../../src/editor/browser/odata/odata-tray.ts';
import { systemInForm, SystemPanel } from '../../src/editor/browser/systems/system-panel.ts';
import { textsOf } from '../../src/editor/browser/texts.ts';
import { validatorsOf } from '../../src/editor/browser/validators.ts';
import { migrateSystem } from './migrations.ts';
import type { SystemNodeConfig } from './migrations.ts';

const text = textsOf('system');
const valid = validatorsOf('system');

const KIND = /^[a-z0-9]+(-[a-z0-9]+)*$/;
const KINDS = ['erp', 'wms', 'tms', 'carrier'];
// No user and password in an address: it is shown in the workspace and stands in the flow file.
const PROXY = /^https?:\/\/[^\s/@]+\/?$/i;
const ADDRESS = /^((https?|sftp|postgresql|mariadb|amqps?):\/\/[^\s/@?#]+(\/[^\s?#]*)?|file:\/\/\/[^\s?#]*)$/i;
const PIN = /^(SHA256:[A-Za-z0-9+/]{43}=?)?(\s+SHA256:[A-Za-z0-9+/]{43}=?)*$/;
/** A folder or an SFTP server, where a key alone is enough. */
const FILES = /^(file|sftp):/i;

const typedUrl = valid.typed('url', 'urlType');

let close = (): void => undefined;
let secrets: SecretList | undefined;

RED.nodes.registerType<SystemNodeConfig>('waybill-system', {
  category: 'config',
  color: '#B79CDA',
  icon: 'waybill-system.svg',
  defaults: {
    name: { value: '', required: true, validate: valid.text('name') },
    kind: { value: 'erp', validate: (value, _options) => (value === undefined || KIND.test(String(value)) ? true : text('error.kind')) },
    url: {
      value: '', required: true,
      validate: function (value, options) {
        const judged = typedUrl.call(this, value, options);
        if (judged !== true || this['urlType'] === 'env' || value === undefined) return judged;
        return ADDRESS.test(String(value).trim()) ? true : text('error.url');
      },
    },
    urlType: { value: 'str' },
    database: { value: '' },
    hostKey: { value: '', validate: (value, _options) => (value === undefined || PIN.test(String(value).trim()) ? true : text('error.hostKey')) },
    caFile: { value: '' },
    certFile: { value: '' },
    keyFile: { value: '', validate: function (value, _options) { return value === undefined || FILES.test(String(this['url'] ?? '')) || (String(value) === '') === (String(this['certFile'] ?? '') === '') ? true : text('error.keyFile'); } },
    proxy: { value: '', validate: (value, _options) => (value === undefined || String(value).trim() === '' || PROXY.test(String(value).trim()) ? true : text('error.proxy')) },
    proxyUser: { value: '' },
    secrets: { value: [] },
    configVersion: { value: 1 },
  },
  credentials: {
    user: { type: 'text' },
    password: { type: 'password' },
    token: { type: 'password' },
    apiKey: { type: 'password' },
    clientId: { type: 'text' },
    clientSecret: { type: 'password' },
    proxyPassword: { type: 'password' },
  },
  paletteLabel: () => text('palette'),
  label: function () {
    return this.name || text('untitled');
  },
  labelStyle: function () {
    return this.name ? 'node_label_italic' : '';
  },
  oneditprepare: function () {
    const migrated = migrateSystem(this);
    showMigrated(this, migrated, 'node-config-input');
    $('#waybill-system-kinds').append(KINDS.map((kind) => $('<option>').val(kind)));
    $('#node-config-input-url').typedInput({ default: 'str', types: ['str', 'env'], typeField: $('#node-config-input-urlType') });
    showWhen('.waybill-system-sftp', '#node-config-input-url', () => $('#node-config-input-url').typedInput('type') === 'env' || /^sftp:/i.test(String($('#node-config-input-url').typedInput('value')).trim()));
    showWhen('.waybill-system-proxy', '#node-config-input-proxy', () => String($('#node-config-input-proxy').val()).trim() !== '');
    const list = new SecretList($('#node-config-input-secrets-list'), migrated.secrets);
    secrets = list;
    const panel = new SystemPanel(this.id, () => list.read());
    close = () => { panel.close(); };
    $('#waybill-system-odata').on('click', () => { openODataTray(systemInForm(this.id, list.read())); });
  },
  oneditcancel: () => { close(); },
  oneditsave: function () {
    close();
    Object.assign(this, { secrets: secrets?.read() ?? this.secrets, configVersion: migrateSystem(this).configVersion });
  },
});

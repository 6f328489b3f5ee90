import { showMigrated, showWhen } from '../../src/editor/browser/form.ts';
import { DiscoveryPanel } from '../../src/editor/browser/opcua/discovery-panel.ts';
import { endpointInForm } from '../../src/editor/browser/opcua/endpoint.ts';
import { showOwnCertificate, StateLine } from '../../src/editor/browser/opcua/state-line.ts';
import { TagBrowser } from '../../src/editor/browser/opcua/tag-browser.ts';
import { TrustPanel } from '../../src/editor/browser/opcua/trust-panel.ts';
import { textsOf } from '../../src/editor/browser/texts.ts';
import { onlyWhen, validatorsOf } from '../../src/editor/browser/validators.ts';
import type { FormEndpoint } from '../../src/editor/browser/opcua/answers.ts';
import { migrateOpcUaEndpoint } from './migrations.ts';
import type { OpcUaEndpointConfig } from './migrations.ts';

const text = textsOf('opcua-endpoint');
const valid = validatorsOf('opcua-endpoint');

// No user and password in the address: it is shown in the workspace and stands in the flow file.
const OPC_UA_URL = /^opc\.tcp:\/\/[^\s/@]+(\/\S*)?$/i;
const FILE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

let close = (): void => undefined;

const urlForm = valid.form('url', OPC_UA_URL, 'opcUaUrl', true);

RED.nodes.registerType<OpcUaEndpointConfig>('waybill-opcua-endpoint', {
  category: 'config',
  color: '#6BA6CF',
  icon: 'waybill-opcua-endpoint.svg',
  defaults: {
    name: { value: '' },
    url: { value: '', required: true, validate: urlForm },
    securityMode: { value: 'signAndEncrypt' },
    securityPolicy: { value: 'auto' },
    identity: { value: 'anonymous' },
    userCertificate: { value: '', validate: onlyWhen('identity', valid.form('userCertificate', FILE_NAME, 'fileName', true), 'certificate') },
    outageSeconds: { value: 300, validate: valid.whole('outageSeconds', { min: 60, max: 86_400 }) },
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
    showMigrated(this, migrateOpcUaEndpoint(this), 'node-config-input');
    const value = (property: string): string => String($(`#node-config-input-${property}`).val());
    showWhen('.waybill-opcua-policy', '#node-config-input-securityMode', () => value('securityMode') !== 'none');
    showWhen('.waybill-opcua-open', '#node-config-input-securityMode', () => value('securityMode') === 'none');
    showWhen('.waybill-opcua-user', '#node-config-input-identity', () => value('identity') === 'user');
    showWhen('.waybill-opcua-certificate', '#node-config-input-identity', () => value('identity') === 'certificate');
    const endpoint = (): FormEndpoint => endpointInForm(this.id);
    const trust = new TrustPanel($('#waybill-opcua-trust'));
    new DiscoveryPanel($('#node-config-input-url'), $('#waybill-opcua-discovery'), {
      endpoint, trust, takeUrl: (url) => { $('#node-config-input-url').val(url).trigger('change'); },
      take: ({ securityMode, securityPolicy, signIns }) => {
        $('#node-config-input-securityMode').val(securityMode).trigger('change');
        $('#node-config-input-securityPolicy').val(securityPolicy === 'None' ? 'auto' : securityPolicy).trigger('change');
        if (!signIns.includes(value('identity'))) $('#node-config-input-identity').val(['anonymous', 'user', 'certificate'].find((each) => signIns.includes(each)) ?? 'anonymous').trigger('change');
      },
    });
    // trust is for the address that is deployed, and shown only as long as the form has no other
    const state = new StateLine($('#waybill-opcua-state'), this.id, (url, verdict) => { if (endpoint().url === url && !verdict.trusted) trust.show(url, verdict); });
    $('#node-config-input-url').on('change', () => { trust.clear(); });
    showOwnCertificate($('#waybill-opcua-own'));
    const tags = openTags($('#waybill-opcua-tags'), endpoint);
    close = (): void => {
      state.close();
      tags();
    };
  },
  oneditcancel: () => { close(); },
  oneditsave: function () {
    close();
    Object.assign(this, { configVersion: migrateOpcUaEndpoint(this).configVersion });
  },
});

/** The tags of the server, to look at; returns what closes them. */
function openTags(target: JQuery, endpoint: () => FormEndpoint): () => void {
  let browser: TagBrowser | undefined;
  const details = $('<details class="waybill-own">').append($('<summary>').text(text('browse.look'))).appendTo(target);
  details.on('toggle', () => {
    if (details.prop('open') === true) browser = new TagBrowser(details, { endpoint, kinds: [], pick: () => undefined });
    else browser?.close();
  });
  return () => { browser?.close(); };
}

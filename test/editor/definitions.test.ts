import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';

import { formOf, read, ROOT, nodesWithForm } from './support/sources.ts';
import { scriptedEditor } from './support/definitions.ts';
import type { Definition, Placed, ScriptedEditor } from './support/definitions.ts';

const CONFIG_NODES = ['site', 'broker', 'calendar', 'directory', 'opcua-endpoint', 'system'];

/** Contrast of two colours (WCAG 2.2, "contrast ratio"). */
function contrast(a: string, b: string): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5]
    .map((at) => parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

describe('node definitions', () => {
  let editor: ScriptedEditor;

  before(async function () {
    this.timeout(30_000);
    editor = await scriptedEditor();
  });

  const definition = (node: string): Definition => {
    const found = editor.definitions.get(`waybill-${node}`);
    assert.ok(found !== undefined, `waybill-${node} is registered`);
    return found;
  };

  /** A node as the editor makes it when it is dropped. */
  function dropped(node: string, properties: object = {}): Placed {
    const { defaults, onadd } = definition(node);
    const placed: Placed = {
      ...Object.fromEntries(Object.entries(defaults).map(([property, { value }]) => [property, structuredClone(value)])),
      id: `n${editor.nodes.length + 1}`,
      type: `waybill-${node}`,
      z: 'tab-1',
      ...properties,
    };
    onadd?.call(placed);
    editor.nodes.push(placed);
    return placed;
  }

  beforeEach(() => {
    editor.nodes.length = 0;
    editor.tabs.clear();
    editor.subflows.clear();
  });

  for (const node of nodesWithForm()) {
    it(`${node}: the editor's defaults are those of the migration`, async () => {
      const module = (await import(`../../nodes/${node}/migrations.ts`)) as Readonly<Record<string, unknown>>;
      const defaults = Object.entries(module).find(([name]) => name.endsWith('_DEFAULTS'))?.[1];
      const inEditor = Object.fromEntries(Object.entries(definition(node).defaults).map(([property, { value }]) => [property, value]));
      assert.deepEqual(JSON.parse(JSON.stringify(inEditor)), defaults);
    });

    it(`${node}: has its icon, its colour and a category`, () => {
      const { icon, color, category } = definition(node);
      assert.equal(category, CONFIG_NODES.includes(node) ? 'config' : 'waybill');
      assert.ok(existsSync(path.join(ROOT, 'icons', icon)), icon);
      assert.match(read('icons', icon), /^<svg [^>]*width="40" height="60" viewBox="0 0 40 60">/);
      // Labels of nodes are #333 in the light and #191919 in the dark theme; WCAG 2.2 AA asks for 4.5.
      assert.ok(contrast(color, '#333333') >= 4.5, `label on ${color}: ${contrast(color, '#333333').toFixed(2)}`);
      assert.ok(contrast(color, '#ffffff') >= 2, `icon on ${color}: ${contrast(color, '#ffffff').toFixed(2)}`);
    });

    it(`${node}: every property has an input, or is kept by the script`, () => {
      const prefix = CONFIG_NODES.includes(node) ? 'node-config-input' : 'node-input';
      const form = formOf(node);
      const kept = ['configVersion', 'matrix', 'pointers', 'headers', 'schema', 'table', 'weekly', 'closures', 'openings', 'conflicts', 'limits', 'rules', 'branches', 'rungs', 'sources', 'facts', 'writes', 'interlocks', 'packaging', 'tags', 'triggers', 'eventTypes'];
      const listed = ['priorityRules', 'resolutions', 'mapRequest', 'mapAnswer', 'outputs', 'secrets'];
      const intake = ['scan-in', 'event-in', 'case-open', 'sparkplug-in', 'plc-in', 'service-in', 'file-in', 'queue-in'].includes(node) ? ['requires'] : [];
      for (const property of Object.keys({ ...definition(node).defaults, ...definition(node).credentials })) {
        if (![...kept, ...listed, ...intake].includes(property)) {
          assert.ok(form.includes(`id="${prefix}-${property}"`), `${node}: no input for ${property}`);
        }
      }
    });

    it(`${node}: says something without a name, and its name with one`, () => {
      const { label, defaults } = definition(node);
      const blank = Object.fromEntries(Object.entries(defaults).map(([property, { value }]) => [property, value]));
      assert.match(label.call(blank), /\w/);
      assert.doesNotMatch(label.call(blank), /@waybill|undefined/);
      assert.equal(label.call({ ...blank, name: 'mine' }), 'mine');
    });

    it(`${node}: accepts what an older flow does not have`, () => {
      for (const [property, { validate }] of Object.entries(definition(node).defaults)) {
        if (validate !== undefined && !['stepId', 'schema'].includes(property)) {
          assert.equal(validate.call({ id: 'n1', type: `waybill-${node}`, z: 'tab-1' }, undefined, {}), true, property);
        }
      }
    });

    it(`${node}: names every output`, () => {
      const { outputs = 0, outputLabels } = definition(node);
      const labels = Array.from({ length: outputs }, (_, index) => outputLabels?.(index));
      assert.equal(new Set(labels).size, outputs);
      labels.forEach((text) => {
        assert.match(text ?? '', /^[a-z]/);
      });
    });
  }

  it('labels tell what a node is for', () => {
    const label = (node: string, properties: object): string => definition(node).label.call({ name: '', ...properties });
    assert.equal(label('scan-in', { pattern: '{enterprise}/{site}/{area}/{station}/scan' }), 'scan in: {area}/{station}/scan');
    assert.equal(label('approval', { role: 'receiving-supervisor' }), 'approve: receiving-supervisor');
    assert.equal(label('call', { method: 'POST', operation: 'goods-receipts', service: '', system: 'erp' }), 'POST goods-receipts');
    assert.equal(label('validate', { contract: 'goods-receipt@1' }), 'validate: goods-receipt@1');
    assert.equal(label('case-close', { outcome: 'rejected', outcomeType: 'str' }), 'close: rejected');
    assert.equal(label('case-close', { outcome: '$facts.x', outcomeType: 'jsonata' }), 'case close');
  });

  describe('step ids', () => {
    it('are proposed when a node is dropped', () => {
      assert.equal(dropped('approval')['stepId'], 'approval-1');
      assert.equal(dropped('approval')['stepId'], 'approval-2');
      assert.equal(dropped('case-close')['stepId'], 'case-close-1');
    });

    it('stay when a node is pasted elsewhere, and change when the original is still there', () => {
      const original = dropped('call', { stepId: 'post-receipt' });
      assert.equal(original['stepId'], 'post-receipt');
      assert.equal(dropped('call', { stepId: 'post-receipt' })['stepId'], 'post-receipt-2');
      assert.equal(dropped('call', { stepId: 'post-receipt' })['stepId'], 'post-receipt-3');
    });

    it('are judged over all tabs, disabled ones left out', () => {
      const validate = (node: Placed): true | string => definition('call').defaults['stepId']?.validate?.call(node, node['stepId'], {}) ?? true;
      const one = dropped('call', { stepId: 'post', name: 'one' });
      const two = dropped('call', { name: 'two', z: 'tab-2' });
      assert.equal(validate(two), true);
      two['stepId'] = 'post';
      assert.match(String(validate(two)), /“post” is also the id of “one”/);
      assert.match(String(validate(one)), /“two”/);
      editor.tabs.set('tab-2', { disabled: true });
      assert.equal(validate(one), true);
      editor.tabs.set('tab-2', { env: [{ name: 'WAYBILL_INSTANCE', value: 'dock-2' }] });
      assert.equal(validate(one), true, 'an instance of its own');
    });

    it('are judged inside a subflow apart from the tabs', () => {
      editor.subflows.add('subflow-1');
      dropped('call', { stepId: 'post' });
      assert.equal(dropped('call', { stepId: 'post', z: 'subflow-1' })['stepId'], 'post');
      assert.equal(dropped('call', { stepId: 'post', z: 'subflow-1' })['stepId'], 'post-2');
    });

    it('have a form', () => {
      const node = dropped('call');
      const validate = (value: unknown): true | string => definition('call').defaults['stepId']?.validate?.call(node, value, {}) ?? true;
      assert.equal(validate('Post_receipt.2'), true);
      for (const bad of ['', undefined, 'a b', '-a', 'a/b', 'x'.repeat(65)]) {
        assert.match(String(validate(bad)), /^Step id: /, String(bad));
      }
    });
  });

  describe('mistakes are said where they are', () => {
    const cases: readonly (readonly [node: string, property: string, value: unknown, says: RegExp | true, others?: object])[] = [
      ['approval', 'quorum', '0', /^Approvals by: must be a whole number from 1 to 20$/],
      ['approval', 'quorum', '2', true],
      ['approval', 'quorum', '${QUORUM}', true],
      ['approval', 'role', 'Receiving Supervisor', /^Role: /],
      ['approval', 'covers', 'receipt, scan.quantity', true],
      ['approval', 'covers', '', /^Covers: may not be blank$/],
      ['approval', 'covers', 'a..b', /^Covers: /],
      ['approval', 'deadline', '0.5', true],
      ['approval', 'requires', 'validated, Approved', /^Requires: /],
      ['call', 'service', 'goods-receipts', /^Service: must be name@version/],
      ['call', 'headers', [{ name: 'X Site', value: '1', valueType: 'str' }], /X Site/],
      ['call', 'headers', [{ name: 'authorization', value: '1', valueType: 'str' }], /token/],
      ['call', 'queryUrl', '', true, { recovery: 'same-key' }],
      ['call', 'queryUrl', '', /^Ask at: /, { recovery: 'query', queryUrlType: 'str' }],
      ['validate', 'schema', '{', /^JSON Schema: no valid JSON/],
      ['validate', 'schema', '[]', /^JSON Schema: must be an object/],
      ['validate', 'schema', 'true', true],
      ['validate', 'recordAs', '', true, { record: false }],
      ['validate', 'recordAs', '', /^Record as: /, { record: true }],
      ['validate', 'contract', 'goods-receipt@1', true],
      ['scan-in', 'pattern', '{enterprise}/{site}/#', /^Topics: /],
      ['scan-in', 'pattern', '{site}/{site}/scan', /^Topics: /],
      ['scan-in', 'pattern', 'acme/dc-1/dock/scan', true],
      ['scan-in', 'pointers', {}, /pointer to the code/, { preset: 'custom' }],
      ['scan-in', 'pointers', { code: 'data/barcode' }, /begins with \//, { preset: 'custom' }],
      ['scan-in', 'pointers', { code: '/data/barcode' }, true, { preset: 'custom' }],
      ['broker', 'url', 'mqtt://user:secret@broker', /hold no password/],
      ['broker', 'url', 'mqtts://broker.example.com:8883', true],
      ['broker', 'url', '', true],
      ['opcua-endpoint', 'url', 'opc.tcp://plc-4.example:4840/line', true],
      ['opcua-endpoint', 'url', 'http://plc-4.example', /opc.tcp/],
      ['opcua-endpoint', 'url', 'opc.tcp://me:secret@plc-4.example', /hold no password/],
      ['opcua-endpoint', 'userCertificate', '../../key', /^Certificate file: /, { identity: 'certificate' }],
      ['site', 'siteId', 'dc 1', /^Site id: /],
      ['site', 'timeZone', 'Europe/Berlin', true],
      ['site', 'timeZone', 'Mars/Olympus', /IANA/],
      ['exception', 'code', 'No ASN', /^Code: /],
      ['calendar', 'timeZone', '+02:00', /IANA/],
      ['calendar', 'weekly', { mon: [{ from: '22:00', to: '06:00' }], tue: [{ from: '05:00', to: '13:00' }] }, /^Monday: the shift 22:00–06:00 overlaps/],
      ['calendar', 'weekly', { sun: [{ from: '22:00', to: '06:00' }], mon: [{ from: '05:59', to: '13:00' }] }, /^Sunday: the shift 22:00–06:00 overlaps/],
      ['calendar', 'weekly', { sun: [{ from: '22:00', to: '06:00' }], mon: [{ from: '06:00', to: '13:00' }] }, true],
      ['calendar', 'weekly', { wed: [{ from: '8 till late', to: '' }] }, /^Wednesday: “8 till late/],
      ['calendar', 'weekly', {}, /has no working time/],
      ['calendar', 'weekly', {}, true, { openings: [{ date: '2026-12-19', from: '06:00', to: '12:00', name: '' }] }],
      ['calendar', 'closures', [{ from: '2026-08-14', to: '2026-08-01', start: '', end: '', name: '' }], /may not be before it/],
      ['calendar', 'closures', [{ from: '2026-12-24', to: '', start: '12:00', end: '', name: '' }], /give both times/],
      ['calendar', 'hoursPerDay', '25', /^A working day has: /],
      ['directory', 'file', '', /^File: may not be blank/, { source: 'file' }],
      ['directory', 'file', '', true, { source: 'accounts' }],
      ['directory', 'conflicts', [{ one: 'buyer', other: 'buyer' }], /conflicts with itself/],
      ['directory', 'limits', [{ role: 'buyer', amount: '-1', currency: 'EUR', person: '' }], /0 or more/],
      ['directory', 'limits', [{ role: 'buyer', amount: '1', currency: 'EUX', person: '' }], /is no currency/],
      ['directory', 'limits', [{ role: 'buyer', amount: '1', currency: 'EUR', person: '' }, { role: 'buyer', amount: '2', currency: 'EUR', person: '' }], /two limits/],
      ['directory', 'limits', [{ role: 'buyer', amount: '1', currency: 'EUR', person: '' }, { role: 'buyer', amount: '2', currency: 'EUR', person: 'anna' }], true],
    ];
    for (const [node, property, value, says, others] of cases) {
      it(`${node}.${property} = ${JSON.stringify(value)}${others === undefined ? '' : ` with ${JSON.stringify(others)}`}`, () => {
        const verdict = definition(node).defaults[property]?.validate?.call({ id: 'n1', type: `waybill-${node}`, z: 'tab-1', ...others }, value, {});
        if (says === true) {
          assert.equal(verdict, true);
        } else {
          assert.match(String(verdict), says);
        }
      });
    }
  });
});

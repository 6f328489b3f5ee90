import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { canonicalContent, codeListById, contractById, setSignedContent } from '../../../src/engine/mapping/canonical.ts';
import { noCatalogue } from '../../../src/engine/governance/no-catalogue.ts';
import { release } from '../../../src/governance/catalogue/publisher/release.ts';
import { stageCanonical } from '../../../src/governance/catalogue/publisher/stage-canonical.ts';
import type { Central } from './support/central.ts';
import { makeCentral, openSite, signAll } from './support/central.ts';

const contract = (version: string, more: object = {}): Buffer => Buffer.from(JSON.stringify({
  '$schema': 'https://json-schema.org/draft/2020-12/schema', '$id': `urn:acme:contract:delivery-window:${version}`, 'title': 'Delivery window', 'x-waybill': { contract: { name: 'delivery-window', version } },
  'type': 'object', 'required': ['dock'], 'properties': { dock: { type: 'string' } }, ...more,
}));
const list = (entries: readonly object[]): Buffer => Buffer.from(JSON.stringify({ name: 'items-berlin', version: '1.0.0', title: 'Items', owner: 'master-data', entries }));

describe('contracts and code lists in the catalogue', () => {
  let central: Central;
  before(async () => { central = await makeCentral(); });
  const stage = (bytes: Buffer): Promise<string> => stageCanonical(central.folder, bytes, Date.now());

  it('are signed by the board, and a site has them beside those of the package', async () => {
    assert.equal(await stage(contract('1.0.0')), 'contracts/delivery-window/1.0.0.json');
    assert.equal(await stage(list([{ site: '4711', central: '100-200' }])), 'code-lists/items-berlin/1.0.0.json');
    const site = await openSite(central);
    await signAll(central.folder, central.owners);
    await release(central.folder, central.online, Date.now());
    await site.refresh();
    assert.deepEqual([site.contracts(), site.codeLists()], [[], []], 'owners of a family give none');
    await signAll(central.folder, central.board);
    await release(central.folder, central.online, Date.now());
    await site.refresh();
    assert.deepEqual([site.state().state, site.contracts()[0]?.title, site.codeLists()[0]?.entries.length], ['fresh', 'Delivery window', 1]);
    setSignedContent(() => site);
    try {
      assert.equal(contractById('delivery-window@1.0.0')?.title, 'Delivery window');
      assert.equal(codeListById('items-berlin@1.0.0')?.owner, 'master-data');
      assert.equal(canonicalContent().contracts.length, 8);
    } finally {
      setSignedContent(() => noCatalogue);
    }
  });

  it('never change under a version, and are refused when they cannot be used', async () => {
    await assert.rejects(stage(contract('1.0.0')), /is published already, with this content/);
    await assert.rejects(stage(contract('1.0.0', { description: 'other' })), /what is published never changes\. Raise its version/);
    await assert.rejects(stage(contract('1.1.0', { properties: { dock: { $ref: 'https://example.org/dock.json' } } })), /leads out of the contract/);
    await assert.rejects(stage(contract('1.1.0', { properties: { dock: { type: 'nonsense' } } })), /is no JSON Schema/);
    await assert.rejects(stage(contract('latest')), /is no name of a contract/);
    await assert.rejects(stage(list([{ site: '1', central: 'a' }, { site: '1', central: 'b' }])), /a code of the site means one thing/);
    for (const file of ['contracts/receipt/1.0.0.json', 'code-lists/units-sap/1.0.0.json']) assert.equal(await stage(readFileSync(file)), file, 'those of the package could be published as they are');
    await assert.rejects(stage(Buffer.from('{"a":1}')), /neither a contract .* nor a code list/);
  });
});

import assert from 'node:assert/strict';

import { offerAsSource, refuseInCatalogue, withCatalogue } from '../../../src/editor/gate/library-folder.ts';
import { libraryEntry } from '../../../src/editor/governance/library.ts';
import { gateParts } from '../../../src/engine/governance/in-place.ts';
import { stageRevocation } from '../../../src/governance/catalogue/publisher/stage.ts';
import { release } from '../../../src/governance/catalogue/publisher/release.ts';
import type { SiteCatalogue } from '../../../src/governance/catalogue/site-catalogue.ts';
import { makeCentral, openSite, signAll } from '../../governance/catalogue/support/central.ts';
import { publishBlock, publishFlow } from '../support/governed-editor.ts';

describe('the catalogue in the import dialog', function () {
  this.timeout(60_000);

  let catalogue: SiteCatalogue;
  const { library } = gateParts();

  before(async () => {
    const central = await makeCentral();
    await publishBlock(central, '1.2.0');
    await publishBlock(central, '1.3.0');
    await publishFlow(central, '1.0.0');
    await stageRevocation(central.folder, { kind: 'template', id: 'procure-to-pay/over-receipt', version: '1.2.0' }, 'It lost a line.', Date.now());
    await signAll(central.folder, central.owners);
    await release(central.folder, central.online, Date.now());
    const site = await openSite(central);
    await site.refresh();
    catalogue = site;
    gateParts().library = (type, path) => libraryEntry(catalogue, type, path);
  });

  after(() => {
    if (library === undefined) delete gateParts().library;
    else gateParts().library = library;
  });

  it('has families, templates and versions, and none that is retired', () => {
    assert.deepEqual(libraryEntry(catalogue, 'flows', ''), ['procure-to-pay', 'returns']);
    assert.deepEqual(libraryEntry(catalogue, 'flows', '/procure-to-pay/'), ['over-receipt']);
    assert.deepEqual(libraryEntry(catalogue, 'flows', 'procure-to-pay/over-receipt'), [{ fn: '1.3.0' }]);
    assert.deepEqual(libraryEntry(catalogue, 'functions', ''), [], 'flows only');
  });

  it('gives the nodes of a version', () => {
    const nodes = JSON.parse(libraryEntry(catalogue, 'flows', 'procure-to-pay/over-receipt/1.3.0') as string) as { type: string }[];
    assert.deepEqual([nodes[0]?.type === 'subflow' || nodes.some(({ type }) => type === 'subflow'), nodes.at(-1)?.type.startsWith('subflow:')], [true, true]);
  });

  for (const path of ['procure-to-pay/over-receipt/1.2.0', 'procure-to-pay/nothing', 'returns/inbound/1.0.0/more', '../../etc/passwd']) {
    it(`has nothing at ${path}`, () => {
      assert.throws(() => libraryEntry(catalogue, 'flows', path), (error: { code?: string }) => error.code === 'not_found');
    });
  }

  it('stands in the local library where settings.js names it as no source of its own', async () => {
    const local = (): Promise<readonly unknown[]> => Promise.resolve(['mine', { fn: 'flow.json' }]);
    assert.deepEqual(await withCatalogue({}, 'flows', '/', local), ['waybill-catalogue', 'mine', { fn: 'flow.json' }]);
    assert.deepEqual(await withCatalogue({}, 'flows', 'waybill-catalogue/returns', local), ['inbound']);
    assert.deepEqual(await withCatalogue({}, 'flows', 'mine', local), ['mine', { fn: 'flow.json' }]);
    assert.deepEqual(await withCatalogue({}, 'functions', '/', local), ['mine', { fn: 'flow.json' }]);
    assert.deepEqual(await withCatalogue({ editorTheme: { library: { sources: [{ type: 'waybill-catalogue' }] } } }, 'flows', '/', local), ['mine', { fn: 'flow.json' }]);
  });

  it('becomes a source of the import dialog by itself, where the site has a catalogue and settings.js takes one', () => {
    const waybill = { home: '/nowhere', catalogue: '/somewhere' };
    const source = { id: 'waybill', type: 'waybill-catalogue', label: 'Waybill', icon: 'fa fa-archive' };
    const mine = { id: 'waybill', type: 'mine' };
    const after = (settings: object): unknown => {
      offerAsSource(settings as never);
      return (settings as { editorTheme?: unknown }).editorTheme;
    };
    assert.deepEqual(after({ waybill }), { library: { sources: [source] } });
    assert.deepEqual(after({ waybill, editorTheme: { tours: false, library: { sources: [mine] } } }), { tours: false, library: { sources: [mine, { ...source, id: 'waybill-catalogue' }] } });
    assert.deepEqual(after({ waybill, editorTheme: { library: { sources: [source] } } }), { library: { sources: [source] } }, 'it is there already');
    assert.deepEqual(after({ waybill, editorTheme: Object.freeze({}) }), {}, 'the folder of the local library is left');
    assert.equal(after({ waybill: { home: '/nowhere' } }), undefined, 'no catalogue, no source');
    assert.equal(after({ waybill: { home: '/nowhere', catalogue: '' } }), undefined, 'an expression that gave nothing is no catalogue either');
  });

  it('is only read there', () => {
    assert.throws(() => { refuseInCatalogue('flows', '/waybill-catalogue/mine.json'); }, /only read/);
    assert.doesNotThrow(() => { refuseInCatalogue('flows', '/mine.json'); });
  });
});

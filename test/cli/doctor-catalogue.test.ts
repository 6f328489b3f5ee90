import assert from 'node:assert/strict';
import path from 'node:path';
import { catalogue } from '../../src/cli/doctor/checks/catalogue.ts';
import { Findings } from '../../src/cli/doctor/finding.ts';
import type { Machine, NodeRedSettings } from '../../src/cli/doctor/machine.ts';
import { FAMILY, makeCentral, openSite, packedTemplate, publishTemplate, temporary } from '../governance/catalogue/support/central.ts';

describe('what the doctor says of the catalogue', () => {
  it('names what is kept, what is served and what Node-RED lacks', async () => {
    const central = await makeCentral();
    await publishTemplate(central, packedTemplate(`${FAMILY}/goods-receipt`, '1.0.0'));
    const { home, refresh } = await openSite(central).then((site) => ({ home: site.home, refresh: () => site.refresh() }));
    const look = async (machine: Partial<Machine>): Promise<readonly string[]> => {
      const findings = new Findings('catalogue', 'Catalogue');
      await catalogue.run({ home, site: 'dc-1', catalogue: undefined, catalogueRoot: undefined, ring: undefined, nodeRed: undefined, ...machine } as Machine, findings, AbortSignal.timeout(10_000));
      return findings.all.map(({ level, found }) => `${level} ${found}`);
    };
    assert.deepEqual(await look({}), ['ok none is named (WAYBILL_CATALOGUE), so this site is not governed']);
    const given = { catalogue: central.public, catalogueRoot: central.rootFile };
    assert.deepEqual(await look({ ...given, home: temporary('new') }), [`ok ${central.public}: 1 template, signed and in order`], 'before the first start');
    await refresh();
    assert.match((await look(given)).join('\n'), /^ok kept: 1 template, policy none, looked at on .* UTC\nok .*: 1 template, signed and in order$/);
    assert.match((await look({ catalogue: central.public, nodeRed: { storageModule: false } as NodeRedSettings })).join('\n'), /^fail Node-RED does not use the deploy gate, so governed steps do not run\nok kept: .*\nok /);
    assert.match((await look({})).join('\n'), /^warn kept: 1 template, policy none; WAYBILL_CATALOGUE is not set here$/);
    assert.match((await look({ ...given, catalogue: path.join(home, 'nowhere') })).join('\n'), /\nwarn There is no catalogue at .*nowhere: metadata\/timestamp\.json is missing\.$/);
    const other = await makeCentral();
    assert.match((await look({ catalogue: other.public })).join('\n'), /\nfail what is served is refused \(\w+\): /);
  });
});

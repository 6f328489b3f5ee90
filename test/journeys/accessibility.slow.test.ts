import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../../scripts/lib/paths.ts';
import { settled, signInByApi, type ViewportName } from '../../scripts/screenshots/browser.ts';
import { EVERY_COMBINATION } from '../support/every-combination.ts';
import { needs } from '../support/system-programs.ts';
import { axe } from './support/axe.ts';
import { beginJourney, fitsTheScreen, OVER_RECEIPT, type Device, type Journey } from './support/journey.ts';

interface Listed { readonly items: readonly Readonly<Record<string, string>>[] }

/** Every page that a person can come to; `{case}` and `{task}` are filled in. */
const PAGES = [
  '', 'tasks/{task}', 'tasks/00000000-0000-7000-8000-000000000000', 'cases', 'cases?q=nothing-like-it', 'cases/{case}', 'exceptions', 'dead-letters', 'quarantine', 'system',
  'account', 'accounts', 'nowhere',
] as const;

type Look = readonly [ViewportName, 'light' | 'dark', string];
/** Every second page takes the first look of each pair: so each is seen at both sizes, in both themes and languages, the longer words on the smaller screen. */
const PAIRS: readonly (readonly Look[])[] = [[['desk', 'light', 'en-GB'], ['desk', 'dark', 'en-GB']], [['phone', 'dark', 'de-DE'], ['phone', 'light', 'de-DE']]];
/** In the long form every page takes every look. */
const ALL: readonly Look[] = (['desk', 'phone'] as const).flatMap((size) => (['light', 'dark'] as const).flatMap((theme) => ['en-GB', 'de-DE'].map((language): Look => [size, theme, language])));
const LOOKS: readonly { readonly look: Look; readonly pages: readonly string[] }[] = EVERY_COMBINATION
  ? ALL.map((look) => ({ look, pages: PAGES }))
  : PAIRS.flatMap((pair) => pair.map((look, turn) => ({ look, pages: PAGES.filter((_page, at) => at % 2 === turn) })));

describe('journeys: accessibility of every page', function () {
  this.timeout(300_000);
  let journey: Journey | undefined;
  const report: { page: string; viewport: string; theme: string; language: string; passes: number; violations: readonly string[] }[] = [];

  before(async function () {
    journey = await beginJourney('accessibility', needs(this, 'chromium'));
    await journey.scan(OVER_RECEIPT);
    await journey.scan('not a label');
    await journey.publish(Buffer.from([0xff, 0xfe, 0x00, 0x3c, 0x62, 0x3e]));
    await journey.product.cli('simulate', '--url', journey.product.mqttUrl, '--count', '40', '--rate', '40');
  });
  after(async () => {
    mkdirSync(path.join(ROOT, 'test-results'), { recursive: true });
    writeFileSync(path.join(ROOT, 'test-results/axe.json'), `${JSON.stringify(report, null, 2)}\n`);
    await journey?.end();
  });

  async function first(device: Device, list: string, id: string): Promise<string> {
    const { items } = await (await device.context.request.get(`${journey!.product.url}/waybill/api/v1/${list}`)).json() as Listed;
    assert.ok(items[0]?.[id] !== undefined, `${list} has nothing to look at`);
    return items[0][id];
  }

  for (const { look: [viewport, theme, language], pages } of LOOKS) {
    it(`finds nothing at ${viewport}, ${theme}, ${language}`, async () => {
      const { product, device } = journey!;
      const person = await device({ viewport, theme, locale: language });
      const found: string[] = [];
      const look = async (address: string): Promise<void> => {
        // Before the pages have begun to draw, nothing is loading either.
        await person.page.getByRole('heading', { level: 1 }).first().waitFor();
        await settled(person.page);
        const { violations, passes } = await axe(person.page);
        report.push({ page: address, viewport, theme, language, passes, violations });
        await person.look(`${address.replace(/[^a-z]+/g, '-') || 'inbox'}-${theme}-${language.slice(0, 2)}`);
        found.push(...violations.map((violation) => `${address}: ${violation}`));
        assert.ok(passes > 10, `${address}: axe looked at a page`);
        await fitsTheScreen(person.page);
      };
      await person.page.goto(`${product.url}/waybill/sign-in`);
      await look('sign-in');
      await signInByApi(person.context, product.url, 'admin', product.passwords['admin']!);
      const ids = { task: await first(person, 'tasks', 'taskId'), case: await first(person, 'cases', 'caseId') };
      for (const address of pages) {
        await person.page.goto(`${product.url}/waybill/${address.replace('{task}', ids.task).replace('{case}', ids.case)}`);
        await look(address);
      }
      await person.context.close();
      assert.deepEqual(found, []);
    });
  }
});

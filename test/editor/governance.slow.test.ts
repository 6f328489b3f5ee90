import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';

import type { Page } from 'playwright-core';

import { needs } from '../support/system-programs.ts';
import { inOrder, dialogStands, openEditor, readyToDrag } from './support/editor-page.ts';
import type { EditorPage } from './support/editor-page.ts';
import { BLOCK, FLOW, publishBlock, startGovernedSite } from './support/governed-editor.ts';
import type { GovernedSite } from './support/governed-editor.ts';
import { ROOT } from './support/sources.ts';

interface LiveNode { readonly id: string; readonly z: string; readonly type: string; question?: string; changed?: boolean; env?: readonly { readonly name: string; readonly value: string }[] }

declare const RED: {
  readonly nodes: { eachNode(visit: (node: LiveNode) => void): void; eachSubflow(visit: (subflow: { id: string; meta?: { type?: string; version?: string } }) => void): void; eachWorkspace(visit: (tab: { id: string; label: string }) => void): void; node(id: string): LiveNode | null; dirty(state?: boolean): boolean };
  readonly sidebar: { show(id: string): void };
  readonly view: { selection(): { nodes?: LiveNode[] }; select(selection: { nodes: LiveNode[] }): void };
  readonly workspaces: { active(): string; show(id: string): void };
  readonly actions: { invoke(action: string): void };
  readonly editor: { edit(node: LiveNode): void };
};

const TAB = '.waybill-gov';

async function says(page: Page, text: RegExp): Promise<void> {
  await page.locator(TAB).first().filter({ hasText: text }).waitFor({ state: 'visible' });
}

async function segment(page: Page, name: string): Promise<void> {
  await page.locator('.waybill-gov-segments').getByRole('tab', { name: new RegExp(`^${name}`) }).click();
}

async function deploy(page: Page): Promise<number> {
  const answered = page.waitForResponse((response) => response.url().endsWith('/flows') && response.request().method() === 'POST');
  await page.locator('#red-ui-header-button-deploy').click();
  const status = (await answered).status();
  await page.locator('#red-ui-header-shade').waitFor({ state: 'hidden' });
  return status;
}

/** For who wants to look at them. */
async function shot(page: Page, version: string, name: string): Promise<void> {
  const folder = path.join(ROOT, 'test-results/editor');
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: path.join(folder, `${version}-${name}.png`) });
}

const blocks = (page: Page): Promise<readonly string[]> => page.evaluate(() => {
  const found: string[] = [];
  RED.nodes.eachSubflow(({ meta }) => { if (meta?.type !== undefined) found.push(`${meta.type}@${meta.version ?? ''}`); });
  return found;
});

for (const version of ['5.0.7', '4.1.15']) {
  describe(`templates in the editor of Node-RED ${version}`, function () {
    this.timeout(120_000);

    let site: GovernedSite;
    let editor: EditorPage;

    before(async function () {
      const executable = needs(this, 'chromium');
      execFileSync(process.execPath, ['scripts/build.ts', '--if-stale'], { cwd: ROOT, stdio: 'pipe' });
      site = await startGovernedSite(version);
      editor = await openEditor(executable, site.nodeRed.baseUrl);
      await editor.page.setViewportSize({ width: 1100, height: 900 });
      await editor.page.evaluate(() => { RED.sidebar.show('waybill-governance'); });
    });

    after(async () => {
      await editor?.close();
      await site?.stop();
    });

    inOrder();

    it('lists what the catalogue has, and nothing installed yet', async () => {
      await says(editor.page, /No template stands in these flows yet.*In the catalogue \(2\).*Inbound returns.*Over-receipt/s);
      await says(editor.page, /Services of systems \(1\)\s*Goods receipt in the ERP\s*procure-to-pay\/erp-receiving.*Central IT, ERP.*1\.0\.0\s*published\s*8 operations.*No node of the running flows calls it/s);
      await shot(editor.page, version, '1-templates');
    });

    it('inserts a block with its definition where the person looks, as it was published', async () => {
      const { page } = editor;
      await page.getByRole('button', { name: 'Insert Over-receipt' }).focus();
      await page.keyboard.press('Enter');
      await says(page, /In these flows \(1\).*as published/s);
      assert.deepEqual(await blocks(page), [`${BLOCK}@1.2.0`]);
      assert.equal(await page.evaluate(() => RED.view.selection().nodes?.[0]?.type.startsWith('subflow:')), true);
    });

    it('lets a block be dragged onto the canvas: a second instance without a second definition', async () => {
      const { page } = editor;
      const row = page.locator('.waybill-gov-item[draggable="true"]').filter({ hasText: BLOCK });
      await row.scrollIntoViewIfNeeded();
      await readyToDrag(row);
      const box = await row.boundingBox();
      assert.ok(box !== null);
      await page.mouse.move(box.x + 12, box.y + 10);
      await page.mouse.down();
      await page.mouse.move(box.x - 20, box.y + 14, { steps: 5 });
      await page.mouse.move(450, 600, { steps: 8 });
      await page.mouse.up();
      // It hangs on the mouse until it is put down.
      await page.mouse.move(460, 610);
      await page.mouse.click(460, 610);
      await page.waitForFunction(() => {
        let count = 0;
        RED.nodes.eachNode((node) => { if (node.type.startsWith('subflow:')) count += 1; });
        return count === 2;
      });
      assert.deepEqual(await blocks(page), [`${BLOCK}@1.2.0`]);
      await page.evaluate(() => { RED.actions.invoke('core:undo'); });
    });

    it('inserts a flow as tabs of its own, which undo takes out again', async () => {
      const { page } = editor;
      await page.getByRole('button', { name: 'Insert Inbound returns' }).click();
      // Its subflow belongs to it.
      await page.locator(`${TAB}-item:not([draggable])`).filter({ hasText: FLOW }).filter({ hasText: 'as published' }).waitFor();
      assert.equal(await page.locator(`${TAB}-item`).filter({ hasText: FLOW }).count(), 2);
      await page.evaluate(() => { RED.actions.invoke('core:undo'); });
      await says(page, /In these flows \(1\)/);
    });

    it('says at the field what is past a bound, shows what is set centrally, and keeps what is good', async () => {
      const { page } = editor;
      await page.locator(TAB).getByRole('button', { name: 'Parameters' }).first().click();
      await page.locator('#waybill-parameter-tolerance').fill('25');
      await page.getByText('25 % is not allowed for Tolerance: it may be from 0 to 10 %.').waitFor();
      assert.equal(await page.locator('#waybill-parameter-limit').isDisabled(), true);
      await shot(page, version, '2-parameters');
      await page.locator('#waybill-tray-save').click();
      assert.equal(await page.locator('.waybill-gov-tray').count(), 1, 'it does not close over what is wrong');
      await page.locator('#waybill-parameter-tolerance').fill('7');
      await page.locator('#waybill-parameter-key').fill('secret of the scale');
      await page.locator('#waybill-tray-save').click();
      await page.locator('.waybill-gov-tray').waitFor({ state: 'detached' });
      const env = await page.evaluate(() => {
        let found: LiveNode['env'];
        RED.nodes.eachNode((node) => { if (node.type.startsWith('subflow:')) found = node.env; });
        return found;
      });
      assert.deepEqual(env?.map(({ name, value }) => [name, value]), [['tolerance', '7'], ['key', '']]);
    });

    it('says in the dialog of Node-RED as well what is past a bound', async () => {
      const { page } = editor;
      await page.evaluate(() => {
        RED.nodes.eachNode((node) => { if (node.type.startsWith('subflow:')) RED.editor.edit(node); });
      });
      await dialogStands(page);
      await page.locator('.waybill-gov-native').getByText(`${BLOCK} 1.2.0`).waitFor();
      const hours = page.locator('#node-input-subflow-env-hours');
      await hours.fill('99');
      await page.getByText('99 h is not allowed for Time to decide: it may be from 1 to 24 h.').waitFor();
      await shot(page, version, '3-dialog');
      await page.locator('#node-dialog-cancel').click();
      await page.locator('.red-ui-tray').waitFor({ state: 'detached' });
    });

    it('deploys what is as published, and keeps the secret out of the flows', async () => {
      const { page } = editor;
      assert.equal(await deploy(page), 200);
      assert.doesNotMatch(JSON.stringify(await site.nodeRed.flows()), /secret of the scale/);
      assert.equal(site.nodeRed.events('TemplateInstalled').at(-1)?.['version'], '1.2.0');
      await segment(page, 'Findings');
      await says(page, /No finding|Warnings/);
    });

    it('says in words why a changed template is not deployed, and leads to it', async () => {
      const { page } = editor;
      await page.evaluate(() => {
        RED.nodes.eachNode((node) => {
          if (node.type === 'waybill-approval') {
            node.question = 'Take it <img src=x onerror=alert(1)>?';
            node.changed = true;
          }
        });
        RED.nodes.dirty(true);
      });
      assert.equal(await deploy(page), 422);
      const notice = page.locator('.red-ui-notification:visible').filter({ has: page.locator('.waybill-gov-notice') });
      await notice.filter({ hasText: /Not deployed: 1 in the way.*changed at this site/s }).waitFor();
      await page.locator('.red-ui-notification').filter({ hasText: '"remote"' }).waitFor({ state: 'detached' });
      await shot(page, version, '4-refused');
      await notice.getByRole('button', { name: 'Show findings' }).click();
      await says(page, /In the way of a deploy \(1\).*template-unchanged/s);
      await page.locator('.waybill-finding-error').first().hover();
      await page.locator('.red-ui-flow-port-tooltip').filter({ hasText: 'changed at this site' }).waitFor();
      await shot(page, version, '5-findings');
      await page.locator(TAB).getByRole('button', { name: 'template-unchanged' }).click();
      await page.locator('.waybill-gov-tray h4').first().waitFor();
      await page.locator('#waybill-tray-cancel').click();
      await page.locator('.waybill-gov-tray').waitFor({ state: 'detached' });
    });

    it('asks for a waiver from the finding, and lists it', async () => {
      const { page } = editor;
      await page.locator(TAB).getByRole('button', { name: 'Ask for a waiver' }).click();
      await page.locator('#waybill-tray-save').click();
      await page.getByText('Say why it is needed: the owners decide by it.').waitFor();
      await page.locator('#waybill-request-reason').fill('The scale is broken until Friday.');
      await shot(page, version, '6-waiver');
      await page.locator('#waybill-tray-save').click();
      await page.locator('.waybill-gov-tray').waitFor({ state: 'detached' });
      await segment(page, 'Changes');
      await says(page, /Asked for \(1\).*asked.*waiver/s);
      await shot(page, version, '7-changes');
    });

    it('puts a changed template back as it was published', async () => {
      const { page } = editor;
      await segment(page, 'Templates');
      await says(page, /changed here/);
      await page.locator(TAB).getByRole('button', { name: 'As published again' }).click();
      await page.getByText('What is put back (1)').waitFor();
      await shot(page, version, '8-put-back');
      await page.locator('#waybill-tray-save').click();
      await says(page, /as published/);
      assert.equal(await deploy(page), 200);
    });

    it('offers a new version, shows what changes, and puts it in with the parameters', async () => {
      const { page } = editor;
      await publishBlock(site.central, '1.3.0', {}, (flow) => flow.map((node) => ((node as { id: string }).id === 'ask' ? { ...node, question: 'Take it all the same?' } : node)));
      await segment(page, 'Site');
      await shot(page, version, '9-site');
      await page.getByRole('button', { name: 'Ask the source now' }).click();
      await segment(page, 'Templates');
      await says(page, /update: 1\.3\.0/);
      await page.getByRole('button', { name: 'Upgrade to 1.3.0' }).click();
      await page.getByText('What changes (1)').waitFor();
      await page.getByText('Tolerance stays 7').waitFor();
      await page.getByText('Take it? → Take it all the same?').waitFor();
      await shot(page, version, '10-upgrade');
      await page.locator('#waybill-tray-save').click();
      await page.waitForFunction(() => {
        const found: string[] = [];
        RED.nodes.eachSubflow(({ meta }) => { found.push(meta?.version ?? ''); });
        return found.join() === '1.3.0';
      });
      await page.locator('.red-ui-notification').getByRole('button', { name: 'Undo' }).click();
      assert.deepEqual(await blocks(page), [`${BLOCK}@1.2.0`], 'one step back');
      await page.evaluate(() => { RED.actions.invoke('core:redo'); });
      assert.deepEqual(await blocks(page), [`${BLOCK}@1.3.0`]);
      assert.equal(await deploy(page), 200);
      assert.deepEqual([site.nodeRed.events('TemplateRemoved').at(-1)?.['version'], site.nodeRed.events('TemplateInstalled').at(-1)?.['version']], ['1.2.0', '1.3.0']);
      assert.equal((await site.nodeRed.flows()).find(({ type }) => type.startsWith('subflow:'))?.['env'] !== undefined, true);
      await says(page, /as published.*Back to 1\.2\.0/s);
    });

    it('stays readable at 180 px in every segment', async () => {
      const { page } = editor;
      for (const name of ['Templates', 'Findings', 'Changes', 'Site']) {
        await segment(page, name);
        const overflow = await page.locator(TAB).first().evaluate((element) => {
          element.style.width = '180px';
          const over = [...element.querySelectorAll('*')].filter((part) => part.getBoundingClientRect().right > element.getBoundingClientRect().right + 1).map((part) => part.outerHTML.slice(0, 80));
          element.style.width = '';
          return over;
        });
        assert.deepEqual(overflow, [], name);
      }
    });

    it('has the catalogue in the import dialog', async () => {
      const families = await site.nodeRed.json('/library/waybill/flows/');
      assert.deepEqual(families, ['procure-to-pay', 'returns']);
      assert.deepEqual(await site.nodeRed.json('/library/waybill/flows/procure-to-pay/over-receipt'), [{ fn: '1.3.0' }, { fn: '1.2.0' }]);
      assert.match(await site.nodeRed.text('/library/waybill/flows/returns/inbound/1.0.0', 'application/json'), /WAYBILL_TEMPLATE/);
    });

    it('leaves the console of the browser clean', () => {
      // The browser itself notes the refused deploy.
      assert.deepEqual(editor.complaints.filter((line) => !line.includes('422')), []);
    });
  });
}

import assert from 'node:assert/strict';

import type { Page } from 'playwright-core';

import { EVERY_COMBINATION } from '../support/every-combination.ts';
import { startEditedNodeRed } from './support/edited-node-red.ts';
import type { EditedNodeRed } from './support/edited-node-red.ts';
import { closeDialogs, editorStands, openEditor, tourHasFocus } from './support/editor-page.ts';
import type { EditorPage } from './support/editor-page.ts';

interface LiveNode { readonly id: string; readonly z: string; readonly type: string; readonly stepId?: string }

declare const RED: {
  readonly nodes: { eachNode(visit: (node: LiveNode) => void): void; remove(id: string): void; dirty(state?: boolean): boolean };
  readonly view: { select(selection: { nodes: LiveNode[] }): void; importNodes(nodes: object[], options: object): void };
  readonly sidebar: { show(id: string): void };
  readonly workspaces: { show(id: string): void };
};

const SIDEBAR = '.waybill-here';
const TOUR = '.red-ui-tourGuide-popover';
const WORKSPACE_TABS = '#red-ui-workspace-tabs .red-ui-tab-label';

async function select(page: Page, wanted: { type?: string; stepId?: string } | undefined): Promise<void> {
  await page.evaluate((which) => {
    const found: LiveNode[] = [];
    RED.nodes.eachNode((node) => {
      if (which !== undefined && (node.stepId === which.stepId || node.type === which.type)) {
        found.push(node);
      }
    });
    if (found[0] !== undefined) {
      RED.workspaces.show(found[0].z);
    }
    RED.view.select({ nodes: found });
  }, wanted);
}

/** Waits until the sidebar says it; the test's own time limit ends the waiting. */
async function says(page: Page, text: RegExp): Promise<void> {
  await page.locator(SIDEBAR).filter({ hasText: text }).waitFor({ state: 'visible' });
}

async function step(page: Page, title: string): Promise<void> {
  await page.locator(TOUR).filter({ hasText: title }).waitFor({ state: 'visible' });
}

/** Goes on when the guide has given its button the focus: before that, 4.1 is still measuring the step. */
async function next(page: Page): Promise<void> {
  await tourHasFocus(page);
  await page.locator(`${TOUR} .red-ui-tourGuide-toolbar button`).click();
}

async function deploy(page: Page): Promise<void> {
  const answered = page.waitForResponse((response) => response.url().endsWith('/flows') && response.request().method() === 'POST');
  await page.locator('#red-ui-header-button-deploy').click();
  await answered;
}

const NEWEST = '5.0.7';

for (const version of [NEWEST, '4.1.15']) {
  describe(`the Waybill sidebar in Node-RED ${version}`, function () {
    this.timeout(180_000);

    let nodeRed: EditedNodeRed;
    let editor: EditorPage;

    before(async function () {
      nodeRed = await startEditedNodeRed(this, { version });
      editor = await openEditor(nodeRed.executable, nodeRed.baseUrl);
      await editor.page.evaluate(() => {
        RED.sidebar.show('waybill-here');
      });
    });

    after(async () => {
      await editor?.close();
      await nodeRed?.stop();
    });

    afterEach(() => closeDialogs(editor.page));

    it('says who this is, and what to do while there is no Waybill node', async () => {
      await says(editor.page, /acme \/ dc-1.*ready/s);
      await says(editor.page, /There is no Waybill node in these flows yet/);
      assert.deepEqual(await editor.page.locator(`${SIDEBAR} a`).evaluateAll((links) => links.map((link) => [link.getAttribute('href'), link.getAttribute('target')])).then((links) => links.filter(([href]) => href === '/waybill/').length > 0), true);
    });

    it('leads from the palette through a scan to the inbox', async () => {
      const { page, complaints } = editor;
      await page.getByRole('button', { name: 'Start the tour' }).click();
      await step(page, 'From a scan to a decision');
      await next(page);
      await step(page, 'The nodes');
      await next(page);
      await step(page, 'A first flow');
      await next(page);
      await step(page, 'Where a case waits');
      await next(page);
      await step(page, 'Press Deploy');
      await deploy(page);
      await step(page, 'Scan a carton');
      await page.getByRole('button', { name: 'Scan', exact: true }).click();
      await step(page, 'The case waits');
      await says(page, /more than ordered\?.*1 resting.*Carton \(00\)395210010100000017.*waits for a decision/s);
      await next(page);
      await step(page, 'Somebody decides');
      await next(page);
      await page.locator(TOUR).waitFor({ state: 'detached' });
      assert.deepEqual(complaints, []);
    });

    it('can be taken again with the keyboard, and Escape ends it', async () => {
      const { page, complaints } = editor;
      const tabs = await page.locator(WORKSPACE_TABS).count();
      await page.getByRole('button', { name: 'Start the tour' }).focus();
      await page.keyboard.press('Enter');
      for (const title of ['From a scan to a decision', 'The nodes', 'in your workspace already', 'Where a case waits', 'The flow runs already']) {
        await step(page, title);
        await tourHasFocus(page);
        await page.keyboard.press('Enter');
      }
      await step(page, 'Scan a carton');
      // This step has no button that gets the focus. The guide measures it after 100 ms; a timer of the page comes behind that one.
      await page.evaluate(() => new Promise((resolve) => { setTimeout(resolve, 150); }));
      await page.keyboard.press('Escape');
      await page.locator(TOUR).waitFor({ state: 'detached' });
      await page.locator('.red-ui-tourGuide-shade').waitFor({ state: 'detached' });
      assert.equal(await page.locator(WORKSPACE_TABS).count(), tabs, 'no second flow');
      assert.deepEqual(complaints, []);
    });

    it('follows the selection, and leads from a count to its node', async () => {
      const { page } = editor;
      await select(page, { stepId: 'first-scan-decide' });
      await says(page, /Cases here.*1 resting/s);
      const href = await page.locator(`${SIDEBAR} a.waybill-here-row`).getAttribute('href');
      assert.match(href ?? '', /^\/waybill\/cases\/[0-9a-f-]{36}$/);
      await select(page, { stepId: 'first-scan-open' });
      await says(page, /No case rests here\. Cases pass this node at once/);
      await select(page, { type: 'inject' });
      await says(page, /Plain nodes hold no cases/);
      await select(page, undefined);
      await says(page, /Cases in all flows.*more than ordered\?.*1 resting/s);
      await page.locator(`${SIDEBAR} button.waybill-here-row`).click();
      await says(page, /Cases here.*Carton/s);
    });

    it('says so for what is not deployed yet', async () => {
      const { page } = editor;
      await page.evaluate(() => {
        RED.view.importNodes([{ id: 'aaaaaaaaaaaaaaaa', type: 'tab', label: 'new' }, { id: 'bbbbbbbbbbbbbbbb', type: 'waybill-audit', z: 'aaaaaaaaaaaaaaaa', name: 'new', stepId: 'new', what: 'x', whatType: 'str', x: 200, y: 200, wires: [[]] }], { generateIds: false, touchImport: true, notify: false, importMap: {} });
      });
      await select(page, { stepId: 'new' });
      await says(page, /Not deployed yet\. Deploy first/);
    });

    it('shows what was left behind when a node with cases is deleted and deployed', async () => {
      const { page } = editor;
      await page.evaluate(() => {
        const gone: string[] = [];
        RED.nodes.eachNode((node) => {
          if (node.stepId === 'first-scan-decide') {
            gone.push(node.id);
          }
        });
        gone.forEach((id) => {
          RED.nodes.remove(id);
        });
        RED.nodes.dirty(true);
        RED.view.select({ nodes: [] });
      });
      await deploy(page);
      await says(page, /Left behind.*1 at “main\/first-scan-decide”/s);
    });

    it('opens the import dialog at our examples, and help', async () => {
      const { page, complaints } = editor;
      await page.getByRole('button', { name: 'Examples' }).click();
      await page.locator('#red-ui-clipboard-dialog').getByText('00-first-scan', { exact: true }).waitFor();
      await page.locator('#red-ui-clipboard-dialog-cancel').click();
      await page.locator(SIDEBAR).getByRole('button', { name: 'Help' }).click();
      const picture = page.locator('.waybill-help-picture img');
      await picture.waitFor({ state: 'visible' });
      assert.ok(await picture.evaluate((image) => (image as HTMLImageElement).complete && (image as HTMLImageElement).naturalWidth > 0), 'the picture is served');
      assert.deepEqual(complaints, []);
    });

    it('stays readable at 180 px', async () => {
      const { page } = editor;
      await page.evaluate(() => {
        RED.sidebar.show('waybill-here');
      });
      const overflow = await page.locator(SIDEBAR).evaluate((element) => {
        element.style.width = '180px';
        const over = [...element.querySelectorAll('*')].filter((part) => part.getBoundingClientRect().right > element.getBoundingClientRect().right + 1).length;
        element.style.width = '';
        return over;
      });
      assert.equal(overflow, 0);
    });

    it('speaks German to a German browser', async () => {
      const german = await openEditor(nodeRed.executable, nodeRed.baseUrl, 'de');
      try {
        await german.page.evaluate(() => {
          RED.sidebar.show('waybill-here');
        });
        await says(german.page, /Dieser Standort.*bereit/s);
        await german.page.getByRole('button', { name: 'Tour starten' }).click();
        await step(german.page, 'Vom Scan zur Entscheidung');
        await tourHasFocus(german.page);
        await german.page.keyboard.press('Escape');
        assert.doesNotMatch(await german.page.locator(SIDEBAR).innerText(), /@waybill|__\w+__|undefined/);
        assert.deepEqual(german.complaints, []);
      } finally {
        await german.close();
      }
    });

    // Its answers are the same whatever asks; the older line is looked at in the long form.
    for (const [status, said] of version !== NEWEST && !EVERY_COMBINATION ? [] : [[401, /You may not see cases/], [404, /runs without Waybill's engine/], [503, /ledger cannot be read now/], ['nothing', /Node-RED does not answer/]] as const) {
      it(`breaks nothing when its endpoint answers ${status}`, async () => {
        const { page, complaints } = editor;
        const before = complaints.length;
        await page.route('**/waybill-editor/**', (route) => (status === 'nothing' ? route.abort() : route.fulfill({ status, body: 'no' })));
        try {
          await page.goto('about:blank'); // what has been changed and not deployed is let go without a question
          await page.goto(nodeRed.baseUrl);
          await editorStands(page);
          await page.evaluate(() => {
            RED.sidebar.show('waybill-here');
          });
          await says(page, said);
          await select(page, { stepId: 'first-scan-open' });
          await page.getByRole('button', { name: 'Start the tour' }).waitFor();
          // The browser itself notes the answer; nothing of ours complains.
          assert.deepEqual(complaints.slice(before).filter((line) => !line.includes('Failed to load resource')), []);
        } finally {
          await page.unroute('**/waybill-editor/**');
        }
      });
    }
  });
}

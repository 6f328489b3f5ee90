import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Locator, Page } from 'playwright-core';
import { ROOT } from '../../scripts/lib/paths.ts';
import { signInByApi, signInByHand } from '../../scripts/screenshots/browser.ts';
import { readyToDrag, runningRevisions } from '../editor/support/editor-page.ts';
import { needs } from '../support/system-programs.ts';
import { beginJourney, type Device, type Journey } from './support/journey.ts';

const run = promisify(execFile);
const PASSPHRASES = { WAYBILL_PASSPHRASE: 'a long way round' };
const FAMILY = 'inventory-movement';

/** Central IT: a catalogue in a folder of its own, and the template as somebody works on it. */
class Central {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'waybill-central-'));
  readonly template = path.join(this.folder, 'second-look');

  async waybill(...args: string[]): Promise<string> {
    const { stdout } = await run(process.execPath, [path.join(ROOT, 'src/cli/waybill.ts'), ...args], { cwd: this.folder, env: { ...process.env, ...PASSPHRASES } });
    return stdout;
  }
  async begin(): Promise<void> {
    cpSync(path.join(ROOT, 'test/journeys/support/second-look'), this.template, { recursive: true });
    await this.waybill('catalogue', 'init', '--make-keys', 'keys', '--family', FAMILY);
    await this.release();
  }
  /** The one command of the publisher, and the signature of the owner. */
  async release(): Promise<void> {
    await this.waybill('catalogue', 'publish', this.template);
    await this.waybill('catalogue', 'sign', '--key', `keys/${FAMILY}.key`, '--online-key', 'keys/online.key');
  }
  /** The change that the site has asked for, as the next version, in which the step has another id as well. */
  takeOver(version: string): void {
    const manifest = JSON.parse(readFileSync(path.join(this.template, 'template.json'), 'utf8')) as { version: string; changelog: unknown[]; migrations?: unknown[] };
    manifest.version = version;
    manifest.changelog.unshift({ version, date: '2026-11-28', changes: ['There are five hours to decide unless a site says otherwise.'] });
    manifest.migrations = [{ from: '^1.0.0 <1.1.0', steps: { look: 'decide' } }];
    writeFileSync(path.join(this.template, 'template.json'), `${JSON.stringify(manifest, null, 2)}\n`);
    const flow = JSON.parse(readFileSync(path.join(this.template, 'flow.json'), 'utf8')) as { type: string; deadline?: string; stepId?: string }[];
    for (const node of flow) if (node.type === 'waybill-approval') Object.assign(node, { deadline: '5', stepId: 'decide' });
    writeFileSync(path.join(this.template, 'flow.json'), `${JSON.stringify(flow, null, 2)}\n`);
  }
  get env(): Readonly<Record<string, string>> {
    return { WAYBILL_CATALOGUE: path.join(this.folder, 'catalogue/public'), WAYBILL_CATALOGUE_ROOT: path.join(this.folder, 'catalogue/public/metadata/1.root.json'), WAYBILL_RING: 'test' };
  }
  end(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** What stands around the block: a button that opens a case, and its two ends. */
const AROUND = [
  { id: 'e2e0000000000001', type: 'tab', label: 'Pallets that moved', disabled: false, info: '', env: [{ name: 'WAYBILL_OWNER', type: 'str', value: 'Stock control' }, { name: 'WAYBILL_FAMILY', type: 'str', value: FAMILY }] },
  { id: 'e2e0000000000002', type: 'inject', z: 'e2e0000000000001', name: 'a pallet moved', props: [{ p: 'payload' }], repeat: '', crontab: '', once: false, onceDelay: 0.1, topic: '', payload: '', payloadType: 'date', x: 130, y: 140, wires: [['e2e0000000000003']] },
  { id: 'e2e0000000000003', type: 'waybill-case-open', z: 'e2e0000000000001', name: 'a move', stepId: 'open', requires: '', site: 'e2e0000000000006', process: FAMILY, template: 'pallet-moves@1.0.0', keyName: 'pallet', key: '$string(payload)', keyType: 'jsonata', unique: false, uniqueScope: '', facts: '{"pallet": $string(payload)}', factsType: 'jsonata', title: '"Pallet " & $string(payload)', titleType: 'jsonata', operator: '', operatorType: 'msg', transportId: '', transportIdType: 'msg', reversalsOf: '', configVersion: 1, x: 310, y: 140, wires: [[], []] },
  { id: 'e2e0000000000004', type: 'waybill-case-close', z: 'e2e0000000000001', name: 'counts', stepId: 'close-counts', requires: '', outcome: 'moved', outcomeType: 'str', cancelOpen: false, compensate: 'auto', configVersion: 1, x: 830, y: 100, wires: [] },
  { id: 'e2e0000000000005', type: 'waybill-case-close', z: 'e2e0000000000001', name: 'does not count', stepId: 'close-not', requires: '', outcome: 'moved back', outcomeType: 'str', cancelOpen: false, compensate: 'auto', configVersion: 1, x: 850, y: 200, wires: [] },
  { id: 'e2e0000000000006', type: 'waybill-site', name: 'Distribution centre 1', siteId: 'dc-1', enterprise: 'acme', legalEntity: 'ACME GmbH', timeZone: 'Europe/Berlin', stallSeconds: 60, hopLimit: 100, configVersion: 1 },
];

/** The password that the command has made. */
function passwordIn(said: string): string {
  const found = /\b[a-z]{5}(-[a-z]{5}){4}\b/.exec(said)?.[0];
  assert.ok(found !== undefined, said);
  return found;
}

async function tasks({ context, page }: Device): Promise<readonly { readonly taskId: string }[]> {
  const answer = await context.request.get(new URL('/waybill/api/v1/tasks', page.url()).href);
  return (await answer.json() as { items: { taskId: string }[] }).items;
}

async function outcomes({ context, page }: Device): Promise<readonly string[]> {
  const answer = await context.request.get(new URL('/waybill/api/v1/cases', page.url()).href);
  return (await answer.json() as { items: { outcome: string }[] }).items.map(({ outcome }) => outcome);
}

/** Opens a task from the inbox, approves it, and waits until that is recorded. */
async function decide({ page }: Device, taskId: string): Promise<void> {
  await page.goto(new URL(`/waybill/tasks/${taskId}`, page.url()).href);
  await page.getByRole('button', { name: 'Approve' }).first().click();
  const answered = page.waitForResponse((response) => response.url().endsWith('/decision') && response.request().method() === 'POST');
  await page.getByRole('dialog').getByRole('button', { name: 'Approve' }).click();
  assert.equal((await answered).status(), 200);
}

/** Tries until it holds, for at most 15 s. */
async function eventually(holds: () => Promise<void>): Promise<void> {
  for (const end = performance.now() + 15_000; ;) {
    try {
      return await holds();
    } catch (error) {
      if (performance.now() > end) throw error;
      await sleep(200);
    }
  }
}

describe('journeys: a template, from its release to its second version', function () {
  this.timeout(240_000);
  const central = new Central();
  let journey: Journey | undefined;

  before(async function () {
    const chromium = needs(this, 'chromium');
    await central.begin();
    journey = await beginJourney('template', chromium, central.env, []);
  });
  after(async () => {
    await journey?.end();
    central.end();
  });

  it('is published, dragged, refused past its bound, mended, refused when changed inside, asked for, released anew, and taken over by two open cases', async () => {
    const { product, device } = journey!;
    const olga = passwordIn(await product.cli('user', 'add', 'olga', '--role', `owner:${FAMILY}`, '--site', 'dc-1', '--generate'));
    const morgan = await device({ viewport: 'phone' });
    await signInByApi(morgan.context, product.url, 'morgan', product.passwords['morgan']!);
    await morgan.page.goto(`${product.url}/waybill/`);
    const engineer = await device({ viewport: 'wide' });
    const editor = new EditorDesk(engineer);
    await editor.open(product.url, product.passwords['erin']!);
    await editor.importText(AROUND);
    await editor.show('Templates');
    await editor.tab.getByText('Second look').first().waitFor();
    await engineer.look('published');

    await editor.dragTemplate('Second look', { x: 600, y: 140 });
    await editor.wire('a move', 0, 'Second look');
    await editor.wire('Second look', 0, 'counts');
    await editor.wire('Second look', 1, 'does not count');
    await engineer.look('dragged');

    await editor.setHours('12');
    await editor.deploy(422);
    await editor.page.getByText(/^Not deployed/).waitFor();
    await engineer.look('past-its-bound');
    await editor.page.getByRole('button', { name: 'Show findings' }).click();
    await editor.tab.getByText('parameters-in-bounds').first().waitFor();
    await engineer.look('finding');
    await editor.setHours('6');
    await editor.deploy(200);
    await engineer.look('deployed');

    for (const n of [1, 2]) {
      await editor.pressButton('a pallet moved');
      await eventually(async () => assert.equal((await tasks(morgan)).length, n));
    }
    await editor.changeInside('5');
    await editor.deploy(422);
    await editor.page.getByText(/^Not deployed/).waitFor();
    await engineer.look('changed-inside');
    await editor.show('Templates');
    await editor.tab.getByText('changed here').waitFor();
    await editor.askForChange('The night shift has one supervisor, who needs five hours.');
    await editor.show('Changes');
    await editor.tab.getByText('asked', { exact: true }).waitFor();
    await engineer.look('asked-for');

    const owner = await device({});
    await owner.page.goto(`${product.url}/waybill/changes`);
    await signInByHand(owner.page, 'olga', olga);
    await owner.page.getByText('Second look').first().click();
    await owner.page.getByText('five hours').first().waitFor();
    await owner.look('the-owner-reads');
    await owner.page.getByRole('radio').first().check();
    await owner.page.getByRole('textbox', { name: /version/i }).fill('1.1.0');
    await owner.page.locator('form button[type=submit].primary').click();
    await owner.page.getByText('The change comes with version 1.1.0.').waitFor();
    await owner.look('accepted');

    central.takeOver('1.1.0');
    await central.release();
    await editor.show('Templates');
    await editor.tab.getByRole('button', { name: 'As published again' }).click();
    await editor.page.getByText(/^What is put back/).waitFor();
    await editor.save('Put back');
    await editor.tab.getByText('as published', { exact: true }).waitFor();
    await editor.show('Site');
    await editor.tab.getByRole('button', { name: 'Ask the source now' }).click();
    await editor.show('Templates');
    await editor.tab.getByRole('button', { name: 'Upgrade to 1.1.0' }).click();
    await editor.page.getByText('go on at the step “second look”').waitFor();
    await engineer.look('upgrade');
    await editor.save('Change to 1.1.0');
    await editor.tab.getByText('1.1.0').first().waitFor();
    await engineer.look('upgraded');
    await editor.deploy(200);
    await engineer.look('runs');

    for (const { taskId } of await tasks(morgan)) await decide(morgan, taskId);
    await eventually(async () => assert.deepEqual(await outcomes(morgan), ['moved', 'moved']));
    await morgan.page.goto(`${product.url}/waybill/cases`);
    await morgan.page.getByText('Pallet').first().waitFor();
    await morgan.look('both-are-done');
  });
});

/** The editor as an engineer works in it. */
class EditorDesk {
  readonly #device: Device;
  readonly #runs: (rev: string) => Promise<void>;
  constructor(device: Device) {
    this.#device = device;
    this.#runs = runningRevisions(device.page);
  }
  get page(): Page {
    return this.#device.page;
  }
  get tab(): Locator {
    return this.page.locator('.waybill-gov');
  }

  async open(url: string, password: string): Promise<void> {
    await this.page.goto(`${url}/`);
    await signInByHand(this.page, 'erin', password);
    await this.page.locator('#red-ui-workspace-tabs .red-ui-tab-label').first().waitFor({ state: 'attached' });
    await this.page.locator('#red-ui-loading-progress').waitFor({ state: 'hidden' });
  }

  /** Presses the button of a tray that takes over what it holds, and waits until the tray is gone. */
  async save(button: string): Promise<void> {
    await this.page.getByRole('button', { name: button, exact: true }).click();
    await this.page.locator('.red-ui-tray').waitFor({ state: 'detached' });
  }

  async importText(nodes: readonly object[]): Promise<void> {
    await this.page.keyboard.press('Control+i');
    const field = this.page.locator('#red-ui-clipboard-dialog-import-text');
    await field.fill(JSON.stringify(nodes));
    // The dialog looks at what was typed, not at what a program has put in.
    await field.press('Control+End');
    await this.page.locator('#red-ui-clipboard-dialog-ok').click();
    await this.page.locator('#red-ui-workspace-tabs .red-ui-tab-label', { hasText: 'Pallets that moved' }).click();
    await this.node('a move').waitFor();
  }

  /** Opens one list of the tab "Waybill: templates". */
  async show(segment: 'Templates' | 'Findings' | 'Changes' | 'Site'): Promise<void> {
    if (!await this.tab.isVisible()) await this.page.locator('[data-tab-id=waybill-governance]').first().click();
    await this.tab.getByRole('tab', { name: segment }).click();
  }

  node(name: string): Locator {
    return this.page.locator('.red-ui-flow-node-group', { hasText: name }).first();
  }

  async dragTemplate(title: string, at: { readonly x: number; readonly y: number }): Promise<void> {
    const row = this.tab.locator('[draggable=true]', { hasText: title }).first();
    await readyToDrag(row);
    const chart = await this.page.locator('#red-ui-workspace-chart').boundingBox();
    assert.ok(chart !== null);
    const [x, y] = [chart.x + at.x, chart.y + at.y];
    await this.page.mouse.down();
    await this.page.mouse.move(x - 40, y, { steps: 8 });
    await this.page.mouse.move(x, y, { steps: 4 });
    await this.page.mouse.up();
    // The block hangs on the mouse until it is set down.
    await this.page.mouse.move(x, y + 1);
    await this.page.mouse.click(x, y);
    await this.node(title).waitFor();
  }

  /** Opens the parameters of the block and sets how long there is to decide. */
  async setHours(hours: string): Promise<void> {
    await this.node('Second look').dblclick();
    await this.page.locator('.red-ui-tray').waitFor();
    await this.#device.look('parameters');
    await this.page.locator('.red-ui-tray .ui-spinner-input').fill(hours);
    await this.save('Done');
  }

  async pressButton(name: string): Promise<void> {
    await this.node(name).locator('.red-ui-flow-node-button-button').click();
  }

  /** Opens what the block is made of, and changes its one node. */
  async changeInside(hours: string): Promise<void> {
    await this.node('Second look').dblclick();
    await this.save('Edit subflow template');
    await this.node('second look').dblclick();
    await this.page.locator('#node-input-deadline').fill(hours);
    await this.save('Done');
  }

  async askForChange(reason: string): Promise<void> {
    await this.tab.getByRole('button', { name: 'Ask for a change' }).click();
    await this.page.locator('#waybill-request-reason').fill(reason);
    await this.#device.look('ask');
    await this.page.getByRole('button', { name: 'Ask', exact: true }).click();
    await this.page.getByText('Asked. Its state is under Changes.').waitFor();
  }

  async deploy(status: number): Promise<void> {
    const answered = this.page.waitForResponse((response) => response.url().endsWith('/flows') && response.request().method() === 'POST');
    await this.page.locator('#red-ui-header-button-deploy').click();
    assert.equal((await answered).status(), status);
    if (status !== 200) return;
    await this.#runs((await (await answered).json() as { rev: string }).rev);
    await this.page.locator('#red-ui-header-button-deploy.disabled').waitFor();
  }

  /** Draws a wire with the mouse, from a port to the input of a node. */
  async wire(from: string, output: number, to: string): Promise<void> {
    const wires = await this.page.locator('.red-ui-flow-link').count();
    await this.node(from).locator('.red-ui-flow-port-output').nth(output).dragTo(this.node(to).locator('.red-ui-flow-port-input'));
    await this.page.locator('.red-ui-flow-link').nth(wires).waitFor({ state: 'attached' });
  }
}

import assert from 'node:assert/strict';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { buildUi } from '../../scripts/lib/ui.ts';
import { launchChromium, newDevice } from '../../scripts/screenshots/browser.ts';
import { flowOf } from '../editor/support/flows.ts';
import { Rig, withNodeRed, type FlowNode } from '../nodes/support/rig.ts';
import { needs } from '../support/system-programs.ts';
import { addPerson, PASSWORD, startServer, type TestServer } from './support/server.ts';

/** Long enough to press one button; the journey waits for its end once. */
const HOLD_SECONDS = 20;

interface Matrix { readonly rows: readonly { readonly levels: readonly { readonly role: string }[] }[] }

/** The flow of the example, with somebody who asks, and a moment to recall at the first level. */
function deployedFlow(): FlowNode[] {
  return (flowOf('examples/20-approval-matrix.json') as unknown as FlowNode[]).filter(({ type }) => type.startsWith('waybill-')).map((node) => {
    const placed = node.type === 'waybill-site' ? node : { ...node, z: 'tab' };
    if (node.type === 'waybill-case-open') return { ...placed, id: 'open', operator: 'payload.order.requester', operatorType: 'msg' };
    if (node.type !== 'waybill-approval') return placed;
    const matrix = node['matrix'] as Matrix;
    const rows = matrix.rows.map((row) => ({ ...row, levels: row.levels.map((level) => ({ ...level, hold: level.role === 'buyer' ? HOLD_SECONDS : 0 })) }));
    return { ...placed, requesters: 'order.requester', matrix: { ...matrix, rows } };
  });
}

describe('web: an approval by two levels, from the order to the end of its case', function () {
  this.timeout(180_000);
  withNodeRed();
  let rig: Rig | undefined;
  let server: TestServer | undefined;
  let browser: Browser | undefined;
  const contexts: BrowserContext[] = [];
  const complaints: string[] = [];

  before(async function () {
    const executablePath = needs(this, 'chromium');
    assert.notEqual(await buildUi(), 'absent');
    rig = await Rig.open();
    const { engine } = rig;
    const store = engine.accounts;
    assert.ok(store);
    for (const [name, role] of [['anna', 'operator'], ['bob', 'buyer'], ['fred', 'finance']] as const) await addPerson(store, name, [role]);
    engine.accountsChanged();
    server = await startServer(() => engine);
    browser = await launchChromium(executablePath);
  });
  after(async () => {
    for (const context of contexts) await context.close();
    await browser?.close();
    await server?.close();
    await rig?.close();
  });

  /** The page of one person on a device of their own, signed in. */
  async function at(device: 'phone' | 'desk', name: string, where = ''): Promise<Page> {
    const context = await newDevice(browser!, { viewport: device });
    contexts.push(context);
    const { url } = server!;
    const answer = await context.request.post(`${url}/waybill/api/v1/session`, { data: { name, password: PASSWORD }, headers: { origin: url } });
    assert.equal(answer.status(), 201);
    const page = await context.newPage();
    page.on('console', (message) => { if (message.type() === 'error') complaints.push(`${name}: ${message.text()}`); });
    page.on('pageerror', (error) => complaints.push(`${name}: ${error.message}`));
    await page.goto(`${url}/waybill/${where}`);
    return page;
  }
  const press = (page: Page, name: string): Promise<void> => page.getByRole('button', { name, exact: true }).first().click();
  async function approve(page: Page): Promise<void> {
    await press(page, 'Approve');
    await page.getByRole('dialog').getByRole('button', { name: 'Approve', exact: true }).click();
  }
  async function write(page: Page, button: string, field: string, text: string): Promise<void> {
    await press(page, button);
    const sheet = page.getByRole('dialog');
    await sheet.getByLabel(field, { exact: true }).fill(text);
    await sheet.getByRole('button', { name: 'Send', exact: true }).click();
    await sheet.waitFor({ state: 'detached' });
  }
  const fits = async (page: Page, where: string): Promise<void> => {
    assert.equal(await page.evaluate('document.documentElement.scrollWidth - innerWidth'), 0, `${where} is wider than the phone`);
  };

  it('is approved, recalled and approved again on a phone, asked about, answered, and approved by the second level', async () => {
    assert.ok(rig);
    await rig.load(deployedFlow());
    const caseId = await rig.start({ order: { number: '4500010003', category: 'racking', supplier: 'Meyer', total: '12500.00', currency: 'EUR', requester: 'anna' } });

    const bob = await at('phone', 'bob');
    await bob.getByRole('link', { name: 'Order 4500010003' }).click();
    await bob.getByText('Buy from Meyer for 12500.00 EUR?').first().waitFor();
    await bob.getByText('Row large of the approval matrix').waitFor();
    await fits(bob, 'the task');
    await approve(bob);
    await press(bob, 'Recall my decision');
    await bob.getByRole('button', { name: 'Approve', exact: true }).waitFor();
    await fits(bob, 'the task after the recall');
    assert.equal((await rig.eventsOf(caseId, 'DecisionRecalled')).length, 1);
    assert.equal((await rig.view(caseId)).status, 'open');
    await approve(bob);
    await bob.getByRole('button', { name: 'Recall my decision' }).waitFor();

    const fred = await at('desk', 'fred');
    // The second level is asked once the first can no longer be recalled; the inbox shows it by itself.
    await fred.getByRole('link', { name: 'Order 4500010003' }).click({ timeout: 100_000 });
    await write(fred, 'Ask a question', 'Question', 'Why not the cheaper racks?');
    await fred.getByText('A question is open').waitFor();

    const task = await rig.task(caseId);
    // An operator has no inbox of approvals: the link of the message leads to the question.
    const anna = await at('phone', 'anna', `tasks/${task.task_id}`);
    await anna.getByText('Why not the cheaper racks?').first().waitFor();
    await fits(anna, 'the question');
    assert.equal(await anna.getByRole('link', { name: 'Open case' }).count(), 0, 'no way is offered that is refused');
    assert.equal(await anna.getByRole('button', { name: 'Approve', exact: true }).count(), 0, 'who asked for it does not decide it');
    await write(anna, 'Answer', 'Answer', 'They carry <b>half</b> of the load.');
    await anna.getByText('They carry <b>half</b> of the load.').first().waitFor();

    await fred.getByText('They carry <b>half</b> of the load.').first().waitFor();
    await approve(fred);
    await fred.getByText('Approved. The case goes on.').waitFor();

    assert.equal((await rig.closed(caseId)).outcome, 'ordered');
    await bob.goto(`${server!.url}/waybill/cases/${caseId}`);
    await bob.getByText('Case closed: ordered').waitFor();
    await fits(bob, 'the closed case');
    const decided = await rig.eventsOf(caseId, 'Decided');
    assert.deepEqual(decided.map((event) => event.data.decision), ['approve', 'approve', 'approve'], 'the one that was recalled, the one after it, and the one of the second level');
    const [first, second] = await rig.eventsOf(caseId, 'TaskCreated');
    assert.deepEqual([first?.data.role, first?.data.matrixRow, second?.data.role, second?.data.matrixRow], ['buyer', 'large', 'finance', 'large']);
    assert.deepEqual(complaints, []);
  });
});

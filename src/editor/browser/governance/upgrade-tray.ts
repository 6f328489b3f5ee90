import type { Texts } from '../texts.ts';
import { drawAnswer } from './answered.ts';
import { send } from './answers.ts';
import type { UpgradeAnswer } from './answers.ts';
import { showChanges } from './badges.ts';
import { changelog, empty, paragraph, pill, trouble } from './parts.ts';
import type { PillKind } from './parts.ts';
import { replaceNodes } from './replace-nodes.ts';
import { openTray } from './trays.ts';
import { allNodes } from './workspace.ts';
import type { Container } from './workspace.ts';

/** Lines of a difference that are shown at once. */
const MOST = 120;

const MARKS: Readonly<Record<string, string>> = { added: '+', removed: '−', changed: '±' };
const FATES: Readonly<Record<string, PillKind>> = { 'go-on': 'good', move: 'good', drain: 'care', refuse: 'bad' };

/** Shows what another version would change, with marks on the canvas, and puts it in; the same version again puts back what was published. */
export function openUpgrade(text: Texts, language: string, container: Container, to: string, done: () => void): void {
  let plan: UpgradeAnswer | undefined;
  closeUndo();
  const again = to === container.version;
  openTray(text, {
    title: text(again ? 'upgrade.restoreTitle' : 'upgrade.title', { name: container.name, version: to }),
    save: text(again ? 'upgrade.restore' : 'upgrade.apply', { version: to }),
    build: (body) => {
      drawAnswer(body, send<UpgradeAnswer>('upgrade', { flows: allNodes(), container: container.id, to }), text, (answer) => {
        plan = answer;
        drawPlan(body, answer, again, text, language);
        showChanges(answer.marks.map(({ id, said }) => ({ id, said: text(`upgrade.mark.${said}`, { version: to }) })));
        $('#waybill-tray-save').toggleClass('disabled', answer.way === 'refused');
      });
    },
    onSave: () => {
      if (plan === undefined || plan.way === 'refused') {
        return false;
      }
      replaceNodes(plan.remove, plan.put);
      offerUndo(text, text(again ? 'upgrade.restored' : 'upgrade.done', { version: to }));
      done();
      return true;
    },
    onClose: () => { showChanges([]); },
  });
}

let notice: { close(): void } | undefined;

/** Goes by itself and with the next deploy: it lies over what is worked on. */
function offerUndo(text: Texts, said: string): void {
  closeUndo();
  notice = RED.notify($('<span>').text(said) as never, {
    type: 'success',
    timeout: 15_000,
    buttons: [
      { text: text('upgrade.undo'), click: () => { RED.actions.invoke('core:undo'); closeUndo(); } },
      { text: text('tray.close'), class: 'primary', click: closeUndo },
    ],
  } as never) as never;
}

function closeUndo(): void {
  notice?.close();
  notice = undefined;
}

RED.events.on('deploy', closeUndo);

function drawPlan(body: JQuery, plan: UpgradeAnswer, again: boolean, text: Texts, language: string): void {
  if (plan.reason !== undefined) {
    trouble(body, plan.reason);
  } else if (plan.way === 'beside') {
    trouble(body, text('upgrade.beside'), true);
  }
  drawCases(body, plan, text);
  if (!again) {
    drawChangelog(body, plan, text, language);
  }
  drawDifference(body, plan, again, text);
  drawParameters(body, plan, text);
}

function drawCases(body: JQuery, { cases }: UpgradeAnswer, text: Texts): void {
  heading(body, text('upgrade.cases'));
  if (cases.length === 0) {
    empty(body, text('upgrade.noCases'));
    return;
  }
  const table = $('<table class="waybill-gov-cases">').appendTo(body);
  const head = $('<tr>').appendTo(table);
  for (const column of ['step', 'count', 'becomes']) {
    $('<th>').text(text(`upgrade.${column}`)).appendTo(head);
  }
  for (const { step, count, becomes, to } of cases) {
    const row = $('<tr>').appendTo(table);
    $('<td>').text(step).appendTo(row);
    $('<td>').text(String(count)).appendTo(row);
    pill($('<td>').appendTo(row), text(`upgrade.fate.${becomes}`, { step: to ?? step }), FATES[becomes]);
  }
}

function drawChangelog(body: JQuery, { changelog: all, from, to }: UpgradeAnswer, text: Texts, language: string): void {
  const until = all.findIndex(({ version }) => version === from);
  const since = all.slice(Math.max(0, all.findIndex(({ version }) => version === to)), until === -1 ? undefined : until);
  if (since.length === 0) {
    return;
  }
  heading(body, text('page.changelog'));
  changelog(body, since, language);
}

function drawDifference(body: JQuery, { difference }: UpgradeAnswer, again: boolean, text: Texts): void {
  heading(body, text(again ? 'upgrade.differenceBack' : 'upgrade.difference', { count: difference.length }));
  if (difference.length === 0) {
    empty(body, text('upgrade.same'));
    return;
  }
  const list = $('<ul class="waybill-gov-diff">').appendTo(body);
  for (const { kind, node, property, before, after } of difference.slice(0, MOST)) {
    const row = $('<li>').appendTo(list);
    $('<span class="waybill-gov-mark">').attr({ title: text(`upgrade.kind.${kind}`), 'aria-label': text(`upgrade.kind.${kind}`) }).text(MARKS[kind] ?? '').appendTo(row);
    const said = $('<div>').appendTo(row);
    $('<b>').text(node).appendTo(said);
    if (property !== '') {
      said.append(document.createTextNode(` · ${property}`));
    }
    if (kind === 'changed') {
      paragraph(said, text('upgrade.fromTo', { before: shown(before), after: shown(after) }), true);
    }
  }
  if (difference.length > MOST) {
    empty(body, text('upgrade.more', { count: difference.length - MOST }));
  }
}

function shown(value: unknown): string {
  const said = value === null || value === undefined ? '–' : typeof value === 'string' ? value : JSON.stringify(value);
  return said.length > 300 ? `${said.slice(0, 300)}…` : said;
}

function drawParameters(body: JQuery, { parameters: { kept, dropped, added } }: UpgradeAnswer, text: Texts): void {
  heading(body, text('page.parameters'));
  if (kept.length + dropped.length + added.length === 0) {
    empty(body, text('upgrade.noParameters'));
  }
  const list = $('<ul>').appendTo(body);
  for (const { title, value } of kept) {
    $('<li>').text(text('upgrade.kept', { name: title, value })).appendTo(list);
  }
  for (const { title, value } of added) {
    $('<li>').text(text('upgrade.added', { name: title, value })).appendTo(list);
  }
  for (const { message } of dropped) {
    $('<li class="waybill-gov-wrong">').text(text('upgrade.dropped', { message })).appendTo(list);
  }
}

function heading(body: JQuery, said: string): void {
  $('<h4>').text(said).appendTo(body);
}

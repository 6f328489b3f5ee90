/**
 * The Waybill sidebar: this site, the cases that rest at what is selected, and the way in (tour, examples, help).
 * It asks while somebody looks at it, and never more often than every four seconds for the same thing.
 */
import { ask } from './sidebar/answers.ts';
import type { CasesAnswer, Silence, SiteAnswer } from './sidebar/answers.ts';
import { firstSteps } from './sidebar/first-steps.ts';
import { goTo, subjectOf } from './sidebar/subject.ts';
import type { Subject } from './sidebar/subject.ts';
import { leaveInPeace } from './signing-out.ts';
import { SIDEBAR_STYLES } from './sidebar/styles.ts';
import { draw } from './sidebar/view.ts';
import { textsOf } from './texts.ts';

const TAB = 'waybill-here';
const EVERY_MS = 4_000;
/** After a refusal or without a connection. */
const RARELY_MS = 20_000;
const LOOK_MS = 500;

const text = textsOf('sidebar');

interface State {
  site: SiteAnswer | undefined;
  at: string | undefined;
  silence: Silence | undefined;
  subject: Subject | undefined;
  cases: { readonly about: string; readonly answer: CasesAnswer } | undefined;
  due: number;
  asking: boolean;
  drawn: string;
}

function isSilence(answer: unknown): answer is Silence {
  return typeof answer === 'string';
}

function language(): string {
  return RED.i18n.lang() || 'en-US';
}

function openSidebar(): void {
  $('<style>').attr('id', 'waybill-sidebar-styles').text(SIDEBAR_STYLES).appendTo('head');
  const content = $('<div class="waybill-here">');
  const body = $('<div class="waybill-here-body">').appendTo(content);
  firstSteps($('<div class="waybill-here-first">').appendTo(content), text);
  const state: State = { site: undefined, at: undefined, silence: undefined, subject: undefined, cases: undefined, due: 0, asking: false, drawn: '' };

  const show = (): void => {
    const { site, silence, at, subject, cases } = state;
    const about = subject?.kind === 'nodes' ? subject.ids.join() : '';
    const model = { site, silence: silence === undefined ? undefined : { why: silence, at }, subject, cases: cases?.about === about ? cases.answer : undefined };
    // Ages move on by the minute; otherwise what has not changed is left as it is, with its focus and its place.
    const drawing = JSON.stringify([model, Math.floor(Date.now() / 60_000)]);
    if (drawing !== state.drawn) {
      state.drawn = drawing;
      draw(body, model, text, language(), { go: goTo, clear: () => RED.view.select({ nodes: [] } as never) });
    }
  };
  const look = async (): Promise<void> => {
    const site = await ask<SiteAnswer>('site');
    state.silence = isSilence(site) ? site : undefined;
    if (isSilence(site)) {
      // Who is signed out does not go on seeing what was there.
      state.site = site === 'unreachable' || site === 'ledger' ? state.site : undefined;
      return;
    }
    state.site = site;
    state.at = new Date().toLocaleTimeString(language());
    const subject = subjectOf(site, (count) => text('here.selected', { count }));
    state.subject = subject;
    if (subject.kind === 'nodes' && (subject.state === 'runs' || subject.state === 'changed')) {
      const about = subject.ids.join();
      const answer = await ask<CasesAnswer>(`cases?nodes=${encodeURIComponent(about)}`);
      if (!isSilence(answer)) {
        state.cases = { about, answer };
      }
    }
  };
  const tick = (): void => {
    if (state.asking || Date.now() < state.due || document.hidden || !content.is(':visible')) {
      return;
    }
    state.asking = true;
    state.due = Date.now() + EVERY_MS;
    void look().then(() => {
      state.asking = false;
      if (state.silence !== undefined && state.due > 0) {
        state.due = Date.now() + RARELY_MS;
      }
      show();
    });
  };
  const soon = (): void => {
    state.due = 0;
    if (state.site !== undefined) {
      state.subject = subjectOf(state.site, (count) => text('here.selected', { count }));
      show();
    }
    setTimeout(tick, 50);
  };

  RED.sidebar.addTab({
    id: TAB,
    label: text('tab.label'),
    name: text('tab.name'),
    content,
    iconClass: 'fa fa-archive',
    action: 'waybill:show-cases-here',
    enableOnEdit: true,
    onchange: soon,
  } as never);
  RED.actions.add('waybill:show-cases-here', () => {
    RED.sidebar.show(TAB);
  });
  RED.events.on('view:selection-changed', soon);
  RED.events.on('workspace:change', soon);
  RED.events.on('deploy', soon);
  setInterval(tick, LOOK_MS);
  leaveInPeace();
  show();
}

RED.plugins.registerPlugin('waybill-sidebar', { type: 'waybill-sidebar', onadd: openSidebar } as never);

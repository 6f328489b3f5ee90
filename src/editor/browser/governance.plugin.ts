/**
 * The tab "Waybill: templates": what the signed catalogue offers and what of it stands in these flows, what the deploy gate
 * has found, what this site has asked for, and how the site stands to its catalogue. It asks while somebody looks at it.
 */
import { registerBadges, showFindings } from './governance/badges.ts';
import { send, silenceInWords } from './governance/answers.ts';
import type { Finding, Silent } from './governance/answers.ts';
import { drawChanges } from './governance/changes-view.ts';
import { chooseConfigs, typesToChoose } from './governance/choose-configs.ts';
import { drawFindings } from './governance/findings-view.ts';
import { watchNativeForms } from './governance/native-forms.ts';
import { openPage, openRule } from './governance/pages.ts';
import { openParameters } from './governance/parameters-tray.ts';
import { trouble } from './governance/parts.ts';
import { mayPlace, nodesToPlace, place } from './governance/placing.ts';
import { watchRefusals } from './governance/refused-deploy.ts';
import { askForChange, askForWaiver, familiesOf } from './governance/requests.ts';
import { drawSegments } from './governance/segments.ts';
import { drawSite } from './governance/site-view.ts';
import { Store } from './governance/store.ts';
import type { Segment } from './governance/store.ts';
import { GOVERNANCE_STYLES } from './governance/styles.ts';
import { drawTemplates } from './governance/templates-view.ts';
import { allNodes, reveal } from './governance/workspace.ts';
import { openUpgrade } from './governance/upgrade-tray.ts';
import { textsOf } from './texts.ts';

const TAB = 'waybill-governance';
const EVERY_MS = 15_000;
const LOOK_MS = 1_000;
const SETTLE_MS = 1_500;

const text = textsOf('governance');

function language(): string {
  return RED.i18n.lang() || 'en-US';
}

function openTab(): void {
  $('<style>').attr('id', 'waybill-governance-styles').text(GOVERNANCE_STYLES).appendTo('head');
  const content = $('<div class="waybill-gov">');
  const segments = $('<div class="waybill-gov-segments" role="tablist">').attr('aria-label', text('tab.name')).appendTo(content);
  const body = $('<div class="waybill-gov-body" role="tabpanel" tabindex="-1">').appendTo(content);
  let due = 0;
  let asking = false;
  let drawn = '';
  const store = new Store((what) => {
    if (what === 'findings') {
      showFindings(state.findings?.findings ?? []);
    }
    draw();
  });
  const { state } = store;

  const open = (segment: Segment): void => {
    state.segment = segment;
    draw();
  };
  const revealOrSay = (id: string): void => {
    if (!reveal(id)) {
      RED.notify(text('findings.gone'), 'warning');
    }
  };
  const say = (asked: Silent): void => {
    // The editor shows what it is given as HTML.
    RED.notify($('<span>').text(silenceInWords(asked, text)) as never, 'error');
  };
  const insert = async (id: string, version: string, chosen?: ReadonlyMap<string, string>): Promise<void> => {
    if (!mayPlace()) {
      RED.notify(text('templates.locked'), 'warning');
      return;
    }
    const asked = await nodesToPlace(id, version, chosen);
    if ('silence' in asked) {
      say(asked);
      return;
    }
    const types = chosen === undefined && asked.answer.kind === 'flow' ? typesToChoose(asked.answer) : [];
    if (types.length > 0) {
      chooseConfigs(text, types, (configs) => { void insert(id, version, configs); });
      return;
    }
    const placed = place(asked.answer);
    if (placed !== undefined) {
      reveal(placed);
    }
    void store.judgeInstalled();
  };
  const check = async (): Promise<void> => {
    const asked = await store.check(allNodes());
    if ('silence' in asked) {
      say(asked);
    }
  };
  const waiver = (finding: Finding): void => {
    askForWaiver(text, finding, familiesOf(state), () => { void store.refresh(); });
  };

  function draw(): void {
    const picture = JSON.stringify([state, [...state.open]]);
    if (picture === drawn) {
      return;
    }
    drawn = picture;
    const focused = document.activeElement instanceof HTMLElement && content[0]?.contains(document.activeElement) === true ? document.activeElement.dataset['key'] : undefined;
    const scrolled = body.scrollTop() ?? 0;
    drawSegments(segments, state, text, open);
    body.empty();
    if (state.silence !== undefined) {
      trouble(body, silenceInWords(state.silence, text));
    }
    switch (state.segment) {
      case 'templates':
        drawTemplates(body, state, text, language(), {
          insert: (id, version) => { void insert(id, version); },
          page: (id, version) => { openPage(text, language(), id, version); },
          parameters: (container, instance) => { openParameters(text, language(), container, instance, () => { void store.judgeInstalled(); }); },
          upgrade: (container, to) => { openUpgrade(text, language(), container, to, () => { void store.judgeInstalled(); }); },
          askForChange: (container) => { askForChange(text, container, state.installed.some((one) => one.container === container.id && one.state === 'drifted'), () => { void store.refresh(); }); },
          reveal: revealOrSay,
          redraw: draw,
        });
        break;
      case 'findings':
        drawFindings(body, state, text, language(), { reveal: revealOrSay, check: () => { void check(); }, rule: (code) => { openRule(text, code); }, waiver });
        break;
      case 'changes':
        drawChanges(body, state, text, language());
        break;
      case 'site':
        drawSite(body, state, text, language(), { sync: () => { void send('sync', {}).then(() => store.refresh()); } });
        break;
    }
    body.scrollTop(scrolled);
    if (focused !== undefined) {
      content.find('[data-key]').filter((_index, element) => element.dataset['key'] === focused).first().trigger('focus');
    }
  }

  const tick = (): void => {
    if (asking || Date.now() < due || document.hidden || !content.is(':visible')) {
      return;
    }
    asking = true;
    due = Date.now() + EVERY_MS;
    void store.refresh().then(() => { asking = false; });
  };
  const soon = (): void => {
    due = 0;
    setTimeout(tick, 50);
  };
  let settling: ReturnType<typeof setTimeout> | undefined;
  const settled = (): void => {
    clearTimeout(settling);
    settling = setTimeout(() => {
      if (content.is(':visible') && state.templates !== undefined) {
        void store.judgeInstalled();
      }
    }, SETTLE_MS);
  };

  RED.sidebar.addTab({ id: TAB, label: text('tab.label'), name: text('tab.name'), content, iconClass: 'fa fa-check-square-o', action: 'waybill:show-templates', enableOnEdit: true, onchange: soon } as never);
  RED.actions.add('waybill:show-templates', () => { RED.sidebar.show(TAB); });
  registerBadges();
  watchRefusals(text, (answer) => { store.showFindings(answer); }, () => {
    open('findings');
    RED.sidebar.show(TAB);
  });
  watchNativeForms(text, language, (container) => { openParameters(text, language(), container, container.id, () => { void store.judgeInstalled(); }); });
  RED.comms.subscribe('waybill/findings', () => { void store.loadFindings(); });
  RED.events.on('deploy', soon);
  for (const event of ['nodes:add', 'nodes:remove', 'nodes:change', 'flows:change', 'subflows:change', 'links:add', 'links:remove']) {
    RED.events.on(event, settled);
  }
  setInterval(tick, LOOK_MS);
  draw();
}

RED.plugins.registerPlugin('waybill-governance', { type: 'waybill-governance', onadd: openTab } as never);

/**
 * The tab "Waybill: templates": what the signed catalogue offers and what of it stands in these flows, what the deploy gate
 * has found, what this site has asked for, and how the site stands to its catalogue. It asks while somebody looks at it.
 */
import { keepFresh, watchWorkspace } from './governance/asking.ts';
import { registerBadges, showFindings } from './governance/badges.ts';
import { watchNativeForms } from './governance/native-forms.ts';
import { openParameters } from './governance/parameters-tray.ts';
import { watchRefusals } from './governance/refused-deploy.ts';
import { Store } from './governance/store.ts';
import { GOVERNANCE_STYLES } from './governance/styles.ts';
import { Tab } from './governance/tab.ts';
import { textsOf } from './texts.ts';

const TAB = 'waybill-governance';

const text = textsOf('governance');

function language(): string {
  return RED.i18n.lang() || 'en-US';
}

function openTab(): void {
  $('<style>').attr('id', 'waybill-governance-styles').text(GOVERNANCE_STYLES).appendTo('head');
  const store = new Store((what) => {
    if (what === 'findings') {
      const { findings = [], elsewhere = false } = store.state.findings ?? {};
      showFindings(elsewhere ? [] : findings);
    }
    tab.draw();
  });
  const tab = new Tab(store, text, language);
  const { content } = tab;
  const soon = keepFresh(content, store);
  RED.sidebar.addTab({ id: TAB, label: text('tab.label'), name: text('tab.name'), content, iconClass: 'fa fa-check-square-o', action: 'waybill:show-templates', enableOnEdit: true, onchange: soon } as never);
  RED.actions.add('waybill:show-templates', () => { RED.sidebar.show(TAB); });
  registerBadges();
  watchRefusals(text, (answer) => { store.refusedHere(answer); }, () => {
    tab.open('findings');
    RED.sidebar.show(TAB);
  });
  watchNativeForms(text, language, (container) => { openParameters(text, language(), container, container.id, () => { void store.judgeInstalled(); }); });
  RED.comms.subscribe('waybill/findings', () => { void store.loadFindings(); });
  RED.events.on('deploy', () => {
    store.forgetRefusal();
    soon();
  });
  watchWorkspace(content, store);
  tab.draw();
}

RED.plugins.registerPlugin('waybill-governance', { type: 'waybill-governance', onadd: openTab } as never);

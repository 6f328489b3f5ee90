import type { Texts } from '../texts.ts';
import { catalogueInWords } from './catalogue-words.ts';
import { button, empty, fact, momentOf, paragraph, pill, section, trouble } from './parts.ts';
import type { PillKind } from './parts.ts';
import type { SiteAnswer } from './answers.ts';
import type { State } from './store.ts';

export interface SiteActions {
  readonly sync: () => void;
}

const GATE: Readonly<Record<string, PillKind>> = { active: 'good', warn: 'care', ungated: 'care', missing: 'bad', refusing: 'bad' };
const CATALOGUE: Readonly<Record<string, PillKind>> = { fresh: 'good', stale: 'care', refused: 'bad', none: 'plain' };

/** What every part of the tab says first: that nothing governs this site, that the gate does not stand, that break-glass is open. */
export function drawStanding(body: JQuery, { site, segment }: State, text: Texts, language: string): void {
  if (site === undefined) {
    return;
  }
  const { gate, governed, breakGlass } = site;
  if (!governed) {
    trouble(body, text('site.ungated'), true);
  }
  // Where the gate has a part of its own, that says why.
  if ((gate.state === 'missing' || gate.state === 'refusing') && segment !== 'site') {
    trouble(body, reasonOf(gate, text));
  }
  for (const { rules, until, reason } of breakGlass) {
    trouble(body, text('site.breakGlass', { rules: rules.join(', '), until: until === undefined ? '' : momentOf(until, language), reason }));
  }
}

/** Site: who this is, whether the gate stands, and how fresh the catalogue is. */
export function drawSite(body: JQuery, { site, templates }: State, text: Texts, language: string, actions: SiteActions): void {
  if (site === undefined) {
    empty($('<section class="waybill-gov-section">').appendTo(body), text('loading'));
    return;
  }
  const { gate, catalogue } = site;
  const who = section(body, text('site.title')).box;
  const facts = $('<dl>').appendTo(who);
  fact(facts, text('site.name'), [site.enterprise, site.site].filter((part) => part !== '').join(' / '));
  fact(facts, text('site.ring'), text(`ring.${site.ring}`));
  fact(facts, text('site.policy'), site.policyVersion ?? text('site.noPolicy'));
  if (site.console !== undefined) {
    $('<p>').append($('<a target="_blank" rel="noopener" data-key="console">').attr('href', site.console).text(text('site.console'))).appendTo(who);
  }
  const gateBox = section(body, text('site.gate'));
  const gateState = gate.state === 'active' && gate.mode === 'warn' ? 'warn' : gate.state;
  pill(gateBox.head, text(`site.gateState.${gateState}`), GATE[gateState]);
  empty(gateBox.box, reasonOf(gate, text));
  if (gate.baseline !== undefined && gate.baseline.findings > 0) {
    paragraph(gateBox.box, text('site.baseline', { count: gate.baseline.findings, date: momentOf(gate.baseline.takenAt, language) }), true);
  }
  const box = section(body, text('site.catalogue'));
  pill(box.head, text(`site.catalogueState.${catalogue.state}`), CATALOGUE[catalogue.state]);
  const about = $('<dl>').appendTo(box.box);
  fact(about, text('site.source'), catalogue.source ?? '');
  fact(about, text('site.checked'), catalogue.checkedAt === undefined ? '' : momentOf(catalogue.checkedAt, language));
  fact(about, text('site.since'), catalogue.since === undefined ? '' : momentOf(catalogue.since, language));
  fact(about, text('site.templates'), templates === undefined ? '' : String(templates.templates.length));
  const said = catalogueInWords(catalogue, templates?.templates.length ?? 0, text, language);
  if (said !== undefined) {
    trouble(box.box, said, catalogue.state === 'stale');
  }
  if (catalogue.state === 'none') {
    empty(box.box, text('templates.noCatalogue'));
  } else {
    button($('<div class="waybill-gov-buttons">').appendTo(box.box), text('site.sync'), 'sync', actions.sync, 'fa-refresh');
  }
}

/** Why the gate stands as it does, in the language of the reader where it is one of the usual reasons. */
function reasonOf({ code, storage, reason }: SiteAnswer['gate'], text: Texts): string {
  switch (code) {
    case 'enforce': return text('site.reason.enforce');
    case 'warn': return text('site.reason.warn');
    case 'storage-module': return text('site.reason.storageModule');
    case 'no-catalogue': return text(storage ? 'site.reason.noCatalogue' : 'site.reason.noGate');
    default: return reason;
  }
}

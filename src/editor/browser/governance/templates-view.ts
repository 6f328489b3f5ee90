import type { Texts } from '../texts.ts';
import type { InstalledAnswer, TemplateAnswer, VersionAnswer } from './answers.ts';
import { catalogueInWords } from './catalogue-words.ts';
import { button, dayOf, dim, empty, item, list, paragraph, pill, plain, section, trouble } from './parts.ts';
import type { PillKind } from './parts.ts';
import { makeDraggable } from './placing.ts';
import type { State } from './store.ts';
import { instancesOf } from './workspace.ts';
import type { Container } from './workspace.ts';

export interface TemplateActions {
  readonly insert: (id: string, version: string) => void;
  readonly page: (id: string, version: string) => void;
  readonly parameters: (container: Container, instance: string) => void;
  readonly upgrade: (container: Container, to: string) => void;
  readonly askForChange: (container: Container) => void;
  readonly reveal: (id: string) => void;
}

/** More templates than these have a field to look for one. */
const FEW = 6;
/** Templates that one drawing shows. */
const MOST = 60;

/** Templates: what stands in these flows, and what else the catalogue has. */
export function drawTemplates(body: JQuery, state: State, text: Texts, language: string, actions: TemplateActions): void {
  const { templates, containers } = state;
  if (templates === undefined) {
    empty($('<section class="waybill-gov-section">').appendTo(body), text('loading'));
    return;
  }
  drawCatalogue(body, state, text, language);
  const installed = section(body, text('templates.installed', { count: containers.length })).box;
  if (containers.length === 0) {
    empty(installed, text('templates.noneInstalled'));
  } else {
    const rows = list(installed);
    for (const container of containers) {
      drawInstalled(rows, container, state, text, language, actions);
    }
  }
  drawAvailable(body, state, templates.templates, text, language, actions);
}

function drawCatalogue(body: JQuery, { templates }: State, text: Texts, language: string): void {
  const said = templates === undefined ? undefined : catalogueInWords(templates.catalogue, templates.templates.length, text, language);
  if (said !== undefined) {
    trouble(body, said, templates?.catalogue.state === 'stale');
  }
}

/** State of a template in the flows, in the words of the list. The one that asks for most comes first. */
function pillsOf(installed: InstalledAnswer | undefined, text: Texts, language: string): readonly (readonly [string, PillKind])[] {
  if (installed === undefined) {
    return [];
  }
  const pills: [string, PillKind][] = [];
  if (installed.state === 'drifted') {
    pills.push([text('state.drifted'), 'bad']);
  } else if (installed.state === 'unknown') {
    pills.push([text('state.unknown'), 'bad']);
  } else if (installed.state === 'draining') {
    pills.push([text('state.draining'), 'care']);
  }
  if (installed.status === 'retired') {
    pills.push([text('state.retired'), 'bad']);
  } else if (installed.status === 'deprecated') {
    pills.push([deprecatedInWords(installed, text, language), 'care']);
  }
  if (installed.update !== undefined && installed.state !== 'draining') {
    pills.push([text('state.update', { version: installed.update }), 'news']);
  }
  return pills.length === 0 ? [[text('state.asPublished'), 'good']] : pills;
}

function deprecatedInWords({ sunset }: { readonly sunset?: string }, text: Texts, language: string): string {
  return sunset === undefined ? text('state.deprecated') : text('state.deprecatedUntil', { date: dayOf(sunset, language) });
}

function drawInstalled(rows: JQuery, container: Container, state: State, text: Texts, language: string, actions: TemplateActions): void {
  const installed = state.installed.find(({ container: id }) => id === container.id);
  const row = item(rows, installed?.state === 'drifted' || installed?.state === 'unknown' || installed?.status === 'retired' ? 'error' : undefined);
  const line = $('<div class="waybill-gov-line">').appendTo(row);
  plain($('<span class="waybill-gov-title">').appendTo(line), installed?.title ?? container.name, `show ${container.id}`, () => { actions.reveal(instancesOf(container)[0]?.id ?? container.id); });
  dim(line, container.version);
  const states = $('<div class="waybill-gov-line">').appendTo(row);
  for (const [said, kind] of pillsOf(installed, text, language)) {
    pill(states, said, kind);
  }
  dim($('<div>').appendTo(row), container.template);
  if (installed?.state === 'drifted') {
    paragraph(row, text('templates.drifted'));
  } else if (installed?.state === 'unknown') {
    paragraph(row, text('templates.unknown', { version: container.version }));
  } else if (installed?.state === 'draining') {
    paragraph(row, text('templates.draining'));
  }
  drawInstances(row, container, text, actions);
  const buttons = $('<div class="waybill-gov-buttons">').appendTo(row);
  drawWays(buttons, container, installed, text, actions);
  if (installed?.state !== 'unknown') {
    button(buttons, text('action.page'), `page ${container.id}`, () => { actions.page(container.template, container.version); }, 'fa-file-text-o');
  }
}

/** Buttons for what can become of an installed template. One that only finishes its cases goes, or takes the intake back. */
function drawWays(buttons: JQuery, container: Container, installed: InstalledAnswer | undefined, text: Texts, actions: TemplateActions): void {
  const { update, earlier, state } = installed ?? {};
  if (state === 'draining') {
    button(buttons, text('action.takeAgain'), `restore ${container.id}`, () => { actions.upgrade(container, container.version); }, 'fa-undo');
    return;
  }
  if (update !== undefined) {
    button(buttons, text('action.upgrade', { version: update }), `upgrade ${container.id}`, () => { actions.upgrade(container, update); }, 'fa-arrow-up');
  }
  if (state === 'drifted') {
    button(buttons, text('action.restore'), `restore ${container.id}`, () => { actions.upgrade(container, container.version); }, 'fa-undo');
  }
  if (earlier !== undefined && update === undefined) {
    button(buttons, text('action.back', { version: earlier }), `back ${container.id}`, () => { actions.upgrade(container, earlier); }, 'fa-arrow-down');
  }
  button(buttons, text('action.askForChange'), `change ${container.id}`, () => { actions.askForChange(container); }, 'fa-pencil-square-o');
}

function drawInstances(row: JQuery, container: Container, text: Texts, actions: TemplateActions): void {
  if (container.kind === 'flow') {
    plain($('<p>').appendTo(row), text('templates.parameters'), `parameters ${container.id}`, () => { actions.parameters(container, container.id); });
    return;
  }
  const instances = instancesOf(container);
  if (instances.length === 0) {
    paragraph(row, text('templates.noInstance'), true);
    return;
  }
  for (const instance of instances) {
    const line = $('<p class="waybill-gov-line">').appendTo(row);
    plain(line, RED.utils.getNodeLabel(instance, container.name), `show ${instance.id}`, () => { actions.reveal(instance.id); });
    plain(line, text('templates.parameters'), `parameters ${instance.id}`, () => { actions.parameters(container, instance.id); });
  }
}

function drawAvailable(body: JQuery, state: State, all: readonly TemplateAnswer[], text: Texts, language: string, actions: TemplateActions): void {
  const { box } = section(body, text('templates.available', { count: all.length }));
  if (all.length === 0) {
    empty(box, text(state.templates?.catalogue.state === 'none' ? 'templates.noCatalogue' : 'templates.emptyCatalogue'));
    return;
  }
  const rows = $('<div>');
  const draw = (): void => { drawFound(rows.empty(), found(all, state.filter), text, language, actions); };
  if (all.length > FEW) {
    const filter = $('<input type="search" class="waybill-gov-filter" data-key="filter">').attr({ placeholder: text('templates.filter'), 'aria-label': text('templates.filter') }).val(state.filter).appendTo(box);
    filter.on('input', () => {
      state.filter = String(filter.val());
      draw();
    });
  }
  rows.appendTo(box);
  draw();
}

/** Templates in which every word that is looked for occurs. */
function found(all: readonly TemplateAnswer[], filter: string): readonly TemplateAnswer[] {
  const words = filter.toLowerCase().split(/\s+/).filter((word) => word !== '');
  return all.filter(({ id, title, summary, owner }) => {
    const said = [id, title, summary, owner].join('\n').toLowerCase();
    return words.every((word) => said.includes(word));
  });
}

/** By family where there are many; more than can be looked through are counted. */
function drawFound(box: JQuery, templates: readonly TemplateAnswer[], text: Texts, language: string, actions: TemplateActions): void {
  if (templates.length === 0) {
    empty(box, text('templates.noneFound'));
    return;
  }
  const many = templates.length > FEW;
  const shown = many ? [...templates].sort((a, b) => Number(familyOf(a) > familyOf(b)) - Number(familyOf(a) < familyOf(b))).slice(0, MOST) : templates;
  let family = '';
  let rows = $();
  for (const template of shown) {
    if (rows.length === 0 || (many && familyOf(template) !== family)) {
      family = familyOf(template);
      if (many) {
        $('<h5 class="waybill-gov-family">').text(family).appendTo(box);
      }
      rows = list(box);
    }
    drawTemplate(rows, template, text, language, actions);
  }
  if (templates.length > shown.length) {
    empty(box, text('templates.more', { count: templates.length - shown.length }));
  }
}

function familyOf({ id }: TemplateAnswer): string {
  return id.split('/')[0] ?? '';
}

/** The version that is offered: the newest that is not on its way out. */
export function offered(versions: readonly VersionAnswer[]): VersionAnswer | undefined {
  return versions.find(({ status }) => status === 'published') ?? versions.find(({ status }) => status === 'deprecated');
}

function drawTemplate(rows: JQuery, template: TemplateAnswer, text: Texts, language: string, actions: TemplateActions): void {
  const row = item(rows);
  const version = offered(template.versions);
  const line = $('<div class="waybill-gov-line">').appendTo(row);
  $('<span class="waybill-gov-title">').text(template.title).appendTo(line);
  dim(line, version?.version ?? template.versions[0]?.version ?? '');
  paragraph(row, template.summary);
  const facts = $('<div class="waybill-gov-line">').appendTo(row);
  dim(facts, template.id);
  dim(facts, template.owner);
  pill(facts, text(`kind.${template.kind}`));
  if (version === undefined) {
    pill(facts, text('state.retired'), 'bad');
  } else if (version.status === 'deprecated') {
    pill(facts, deprecatedInWords(version, text, language), 'care');
  }
  if (version !== undefined && version.ring !== 'all') {
    pill(facts, text(`ring.${version.ring}`), 'care');
  }
  const buttons = $('<div class="waybill-gov-buttons">').appendTo(row);
  if (version !== undefined) {
    makeDraggable(row, template.id, version.version);
    row.attr('title', text('templates.drag'));
    button(buttons, text('action.insert'), `insert ${template.id}`, () => { actions.insert(template.id, version.version); }, 'fa-plus').attr('aria-label', text('action.insertNamed', { name: template.title }));
  }
  const shown = version?.version ?? template.versions[0]?.version;
  if (shown !== undefined) {
    button(buttons, text('action.page'), `page ${template.id}`, () => { actions.page(template.id, shown); }, 'fa-file-text-o').attr('aria-label', text('action.pageNamed', { name: template.title }));
  }
}

import { askMetadata, askPresets, askSet } from './answers.ts';
import type { Overview, Preset, SignIn } from './answers.ts';
import { DraftPanel } from './draft-panel.ts';
import { cell, OperationPanel } from './operation-panel.ts';
import { Picker } from './picker.ts';
import type { Entry } from './picker.ts';
import { ODATA_STYLES } from './styles.ts';
import { problemText, text } from './texts.ts';

interface Trays { show(options: object): void; close(done?: () => void): void }

const STYLE_ID = 'waybill-odata-styles';
const WIDTH = 1_100;
const SIGN_INS = ['none', 'basic', 'bearer', 'api-key', 'oauth2-client-credentials', 'mtls'] as const;

/**
 * Opens what a system offers by OData in a tray of its own, which is as wide as there is room.
 * @param system as its form stands: the editor takes the form out of the page meanwhile
 */
export function openODataTray(system: Readonly<Record<string, unknown>>): void {
  if (document.getElementById(STYLE_ID) === null) $('<style>').attr('id', STYLE_ID).text(ODATA_STYLES).appendTo('head');
  const trays = RED.tray as unknown as Trays;
  trays.show({
    title: $('<span>').text(text('title')).html(), width: WIDTH, maximized: false,
    buttons: [{ id: 'waybill-odata-close', text: text('close'), class: 'primary', click: () => { trays.close(); } }],
    open: (tray: JQuery) => { new ODataBrowser($('<div class="waybill-form">').appendTo(tray.find('.red-ui-tray-body')), system); },
    close: () => undefined, show: () => undefined,
  });
}

/** Reads the metadata of a service, lets entity sets and operations be chosen, and drafts a service of them. */
class ODataBrowser {
  readonly #system: Readonly<Record<string, unknown>>;
  readonly #path = $('<input type="text" spellcheck="false" placeholder="/odata/v4/purchasing">');
  readonly #preset = $('<select>');
  readonly #signIn = $('<select>').append(SIGN_INS.map((kind) => $('<option>').val(kind).text(text(`signIn.${kind}`))));
  readonly #more = $('<input type="text" spellcheck="false">');
  readonly #moreName = $('<span>');
  readonly #said = $('<div aria-live="polite">');
  readonly #panes = $('<div class="waybill-odata-panes">').hide();
  readonly #operation: OperationPanel;
  readonly #draft: DraftPanel;
  readonly #read: JQuery;
  #presets: readonly Preset[] = [];
  #overview: Overview | undefined;
  #asked = 0;
  #looked = 0;

  constructor(target: JQuery, system: Readonly<Record<string, unknown>>) {
    this.#system = system;
    this.#draft = new DraftPanel(() => (this.#overview === undefined ? undefined : { token: this.#overview.token, path: this.#overview.path, preset: this.#chosenPreset(), system: String(system['kind'] ?? '').trim(), authentication: this.#authentication() }));
    this.#operation = new OperationPanel((chosen) => this.#draft.add(chosen));
    this.#read = $('<button type="button" class="red-ui-button">').append($('<i class="fa fa-refresh" aria-hidden="true">'), document.createTextNode(` ${text('read')}`)).on('click', () => { this.#load(); });
    const more = $('<label class="waybill-odata-cell">').append(this.#moreName, this.#more);
    $('<div class="waybill-odata">').append(
      $('<div class="waybill-hint" style="margin: 0 0 8px">').text(text('hint')),
      $('<div class="waybill-odata-head">').append(cell(text('preset'), this.#preset), cell(text('path'), this.#path), cell(text('signInName'), this.#signIn), more, $('<div>').append(this.#read)),
      this.#said, this.#panes, this.#draft.element,
    ).appendTo(target);
    const follow = (): void => {
      const kind = String(this.#signIn.val());
      more.toggle(kind === 'api-key' || kind === 'oauth2-client-credentials');
      this.#moreName.text(kind === 'api-key' ? text('signInHeader') : text('signInToken'));
    };
    this.#signIn.on('change', follow);
    follow();
    this.#path.on('keydown', (event) => {
      if (event.key !== 'Enter') return;
      event.preventDefault();
      this.#load();
    });
    this.#listPresets();
    askPresets().then((presets) => {
      this.#presets = presets;
      this.#listPresets();
    }, (error: unknown) => { this.#wrong(problemText(error)); });
  }

  #listPresets(): void {
    this.#preset.empty().append($('<option>').val('').text(text('presetNone')), ...this.#presets.map(({ name, title }) => $('<option>').val(name).text(title))).off('change').on('change', () => {
      const preset = this.#presets.find(({ name }) => name === this.#preset.val());
      if (preset !== undefined) this.#path.val(preset.path);
    });
  }

  #chosenPreset(): string {
    return String(this.#preset.val() ?? '');
  }

  #authentication(): SignIn {
    return { kind: String(this.#signIn.val()), more: String(this.#more.val() ?? '').trim() };
  }

  #wrong(said: string): void {
    this.#said.empty().append($('<div class="waybill-wrong" role="alert">').text(said));
  }

  #load(): void {
    const asked = ++this.#asked;
    const path = String(this.#path.val() ?? '').trim();
    const open = /\{\w+\}/.exec(path)?.[0];
    if (open !== undefined) {
      this.#wrong(text('pathOpen', { part: open }));
      return;
    }
    this.#read.prop('disabled', true);
    this.#said.empty().append($('<div class="waybill-hint">').text(text('reading')));
    askMetadata(this.#system, path, this.#chosenPreset(), this.#authentication()).then((overview) => { if (asked === this.#asked) this.#show(overview); }, (error: unknown) => {
      if (asked === this.#asked) this.#wrong(problemText(error));
    }).finally(() => { this.#read.prop('disabled', false); });
  }

  #show(overview: Overview): void {
    if (this.#overview?.token !== overview.token) this.#draft.clear();
    this.#overview = overview;
    this.#path.val(overview.path);
    this.#said.empty().append($('<div class="waybill-good" role="status">').text(text('found', { version: overview.version, sets: overview.sets.length, operations: overview.operations.length, size: Math.ceil(overview.bytes / 1_024) })));
    this.#panes.show().empty().append(new Picker(overview, (entry) => { this.#look(overview.token, entry); }).element, this.#operation.element);
  }

  #look(token: string, entry: Entry): void {
    const looked = ++this.#looked;
    if (entry.kind === 'operation') {
      this.#operation.showOperation(entry.operation);
      return;
    }
    askSet(token, entry.set.name).then((detail) => { if (looked === this.#looked) this.#operation.showSet(detail); }, (error: unknown) => { if (looked === this.#looked) this.#operation.showProblem(problemText(error)); });
  }
}

import { button, tool } from '../../../src/editor/browser/cards/parts.ts';
import { askEventTypes } from '../../../src/editor/browser/opcua/answers.ts';
import type { EventTypeView } from '../../../src/editor/browser/opcua/answers.ts';
import { endpointChosen } from '../../../src/editor/browser/opcua/endpoint.ts';
import { problemText } from '../../../src/editor/browser/opcua/texts.ts';
import type { Texts } from '../../../src/editor/browser/texts.ts';
import type { PlcEventType } from '../../../src/governance/gate/rules/plc-event.ts';

const SHOWN = 200;

/** The types of events that a node hears: a list, and the server's own types to choose from. */
export class EventTypeList {
  readonly #text: Texts;
  readonly #types: PlcEventType[];
  readonly #changed: () => void;
  readonly #list = $('<ul class="waybill-event-types">');
  readonly #open: JQuery;
  readonly #picker = $('<section class="waybill-browser">').hide();
  readonly #filter: JQuery;
  readonly #found = $('<div class="waybill-event-tree" role="group">');
  readonly #says = $('<div class="waybill-hint" role="status">');
  #offered: readonly EventTypeView[] = [];
  #asked = 0;

  constructor(host: JQuery, types: readonly PlcEventType[], text: Texts, changed: () => void) {
    this.#text = text;
    this.#types = types.map(({ nodeId, name }) => ({ nodeId, name }));
    this.#changed = changed;
    this.#open = button('fa-list-ul', text('eventType.add'), () => { this.#toggle(); }).attr('aria-expanded', 'false');
    this.#filter = $('<input type="text" spellcheck="false">').attr({ 'placeholder': text('eventType.filter'), 'aria-label': text('eventType.filter') }).on('input', () => { this.#offer(); }).on('keydown', (event) => {
      if (event.key === 'Enter') event.preventDefault();
    });
    this.#found.attr('aria-label', text('label.eventTypes'));
    this.#picker.append($('<div class="waybill-line">').append(this.#filter), this.#says, this.#found);
    host.empty().append($('<style>').text(STYLES), this.#list, this.#open, this.#picker);
    this.#draw();
  }

  types(): readonly PlcEventType[] {
    return structuredClone(this.#types);
  }

  close(): void {
    this.#asked += 1;
  }

  #draw(): void {
    this.#list.empty();
    if (this.#types.length === 0) this.#list.append($('<li class="waybill-hint">').text(this.#text('eventType.none')));
    this.#types.forEach(({ nodeId, name }, at) => {
      this.#list.append($('<li>').append($('<span>').text(name || nodeId).attr('title', nodeId), tool('fa-times', this.#text('eventType.remove', { name: name || nodeId }), () => {
        this.#types.splice(at, 1);
        this.#draw();
        this.#offer();
        this.#open.trigger('focus');
      })));
    });
    this.#changed();
  }

  #toggle(): void {
    const opens = this.#picker.is(':hidden');
    this.#picker.toggle(opens);
    this.#open.attr('aria-expanded', String(opens));
    if (!opens) return;
    // now, not when the answer comes: by then somebody may be typing elsewhere
    this.#filter.trigger('focus');
    this.#ask();
  }

  #ask(): void {
    const asked = this.#asked += 1;
    const endpoint = endpointChosen(String($('#node-input-endpoint').val() ?? ''));
    this.#offered = [];
    this.#found.empty();
    if (endpoint === undefined) {
      this.#says.text(this.#text('eventType.noEndpoint'));
      return;
    }
    this.#says.text(this.#text('eventType.loading'));
    askEventTypes(endpoint).then(({ types, complete }) => {
      if (asked !== this.#asked) return;
      this.#offered = inOrder(types);
      this.#says.text(complete ? '' : this.#text('eventType.more'));
      this.#offer();
    }, (error: unknown) => {
      if (asked === this.#asked) this.#says.text(problemText(error) || this.#text('eventType.silent'));
    });
  }

  #offer(): void {
    if (this.#offered.length === 0) return;
    const wanted = String(this.#filter.val() ?? '').trim().toLowerCase();
    const fits = this.#offered.filter(({ name }) => name.toLowerCase().includes(wanted));
    this.#found.empty().append(fits.slice(0, SHOWN).map((type) => this.#row(type)));
    if (fits.length === 0) this.#found.append($('<div class="waybill-hint">').text(this.#text('eventType.nothing')));
  }

  #row({ nodeId, name, path, condition }: EventTypeView): JQuery {
    const box = $('<input type="checkbox">').prop('checked', this.#types.some((type) => type.nodeId === nodeId)).on('change', () => {
      const at = this.#types.findIndex((type) => type.nodeId === nodeId);
      if (at < 0) this.#types.push({ nodeId, name });
      else this.#types.splice(at, 1);
      this.#draw();
    });
    // found by its name it stands for itself
    const depth = String(this.#filter.val() ?? '').trim() === '' ? path.length : 0;
    return $('<label>').css('padding-left', `${depth * 10}px`).attr('title', [...path].reverse().concat(name).join(' › ')).append(box, $('<span>').text(name), condition ? $('<span class="waybill-unit">').text(this.#text('eventType.alarm')) : '');
  }
}

/** Each below the one that it is a kind of. */
function inOrder(types: readonly EventTypeView[]): readonly EventTypeView[] {
  const key = ({ path, name }: EventTypeView): string => [...path].reverse().concat(name).join('\u0000');
  return [...types].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

const STYLES = `
.waybill-form ul.waybill-event-types { list-style: none; margin: 0 0 4px; padding: 0; display: flex; flex-wrap: wrap; gap: 4px; }
.waybill-event-types li:not(.waybill-hint) { display: inline-flex; align-items: center; gap: 6px; border: 1px solid var(--red-ui-form-input-border-color, #ccc); border-radius: 4px; padding: 1px 2px 1px 8px; max-width: 100%; }
.waybill-event-types li span { overflow-wrap: anywhere; }
.waybill-event-tree { max-height: 260px; overflow: auto; margin-top: 4px; }
.waybill-form .form-row .waybill-event-tree label { display: flex; align-items: center; gap: 6px; width: auto; min-height: 24px; margin: 0; }
.waybill-event-tree label span:first-of-type { overflow-wrap: anywhere; }
.waybill-form .form-row .waybill-event-tree input { width: auto; margin: 0; flex: none; }
`;

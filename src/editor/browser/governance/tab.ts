import type { Texts } from '../texts.ts';
import { checkWorkspace, insertTemplate, revealOrSay } from './actions.ts';
import { send, silenceInWords } from './answers.ts';
import { drawChanges } from './changes-view.ts';
import { drawFindings } from './findings-view.ts';
import { openPage, openRule } from './pages.ts';
import { openParameters } from './parameters-tray.ts';
import { trouble } from './parts.ts';
import { askForChange, askForWaiver, familiesOf } from './requests.ts';
import { drawSegments } from './segments.ts';
import { drawSite, drawStanding } from './site-view.ts';
import { drawServices } from './services-view.ts';
import type { Segment, Store } from './store.ts';
import { drawTemplates } from './templates-view.ts';
import { openUpgrade } from './upgrade-tray.ts';

/** What is in the tab: the line of segments, and the one that is open. */
export class Tab {
  readonly content = $('<div class="waybill-gov">');
  readonly #store: Store;
  readonly #text: Texts;
  readonly #language: () => string;
  readonly #segments: JQuery;
  readonly #body: JQuery;
  #drawn = '';

  constructor(store: Store, text: Texts, language: () => string) {
    this.#store = store;
    this.#text = text;
    this.#language = language;
    this.#segments = $('<div class="waybill-gov-segments" role="tablist">').attr('aria-label', text('tab.name')).appendTo(this.content);
    this.#body = $('<div class="waybill-gov-body" role="tabpanel" id="waybill-gov-panel" tabindex="-1">').appendTo(this.content);
  }

  open(segment: Segment): void {
    this.#store.state.segment = segment;
    this.draw();
  }

  /** Draws what has changed since; focus and scroll stay where they are. */
  draw(): void {
    const { state } = this.#store;
    const picture = JSON.stringify([state, [...state.open]]);
    if (picture === this.#drawn) {
      return;
    }
    this.#drawn = picture;
    const { activeElement } = document;
    const focused = activeElement instanceof HTMLElement && this.content[0]?.contains(activeElement) === true ? activeElement.dataset['key'] : undefined;
    const caret = activeElement instanceof HTMLInputElement && focused !== undefined ? [activeElement.selectionStart, activeElement.selectionEnd] as const : undefined;
    const scrolled = this.#body.scrollTop() ?? 0;
    drawSegments(this.#segments, state, this.#text, (segment) => { this.open(segment); });
    this.#body.attr('aria-labelledby', `waybill-gov-tab-${state.segment}`).empty();
    if (state.silence !== undefined) {
      trouble(this.#body, silenceInWords(state.silence, this.#text));
    }
    this.#drawSegment();
    this.#body.scrollTop(scrolled);
    if (focused !== undefined) {
      const again = this.content.find('[data-key]').filter((_index, element) => element.dataset['key'] === focused).first().trigger('focus')[0];
      if (caret !== undefined && again instanceof HTMLInputElement) {
        again.setSelectionRange(...caret);
      }
    }
  }

  #drawSegment(): void {
    const store = this.#store;
    const { state } = store;
    const [body, text, language] = [this.#body, this.#text, this.#language()];
    const refresh = (): void => { void store.refresh(); };
    drawStanding(body, state, text, language);
    switch (state.segment) {
      case 'templates':
        this.#drawTemplates();
        break;
      case 'findings':
        drawFindings(body, state, text, language, {
          reveal: (id) => { revealOrSay(text, id); },
          check: () => { void checkWorkspace(store, text); },
          rule: (code) => { openRule(text, code); },
          waiver: (finding) => { askForWaiver(text, finding, familiesOf(state), refresh); },
        });
        break;
      case 'changes':
        drawChanges(body, state, text, language);
        break;
      case 'site':
        drawSite(body, state, text, language, { sync: () => { void send('sync', {}).then(refresh); } });
        break;
    }
  }

  #drawTemplates(): void {
    const store = this.#store;
    const { state } = store;
    const [text, language] = [this.#text, this.#language()];
    const judge = (): void => { void store.judgeInstalled(); };
    drawTemplates(this.#body, state, text, language, {
      insert: (id, version) => { void insertTemplate(store, text, id, version); },
      page: (id, version) => { openPage(text, language, id, version); },
      parameters: (container, instance) => { openParameters(text, language, container, instance, judge); },
      upgrade: (container, to) => { openUpgrade(text, language, container, to, judge); },
      askForChange: (container) => {
        const drifted = state.installed.some((one) => one.container === container.id && one.state === 'drifted');
        askForChange(text, container, drifted, () => { void store.refresh(); });
      },
      reveal: (id) => { revealOrSay(text, id); },
    });
    drawServices(this.#body, state, text, language, { reveal: (id) => { revealOrSay(text, id); } });
  }
}

import { textsOf } from '../../../src/editor/browser/texts.ts';
import { language } from './preview.ts';

interface Named { readonly code: string; readonly name: string }
interface Places { readonly countries: readonly Named[]; readonly states: readonly Named[]; readonly regions: readonly Named[] }

const text = textsOf('calendar');
const LEVELS = ['country', 'state', 'region'] as const;

/** Fills the three lists of a place of holidays, each by what is chosen above it. What was saved stays chosen while the lists are on their way. */
export class PlaceLists {
  readonly #changed: () => void;
  readonly #chosen: Record<(typeof LEVELS)[number], string>;
  #asked = 0;

  constructor(chosen: { readonly country: string; readonly state: string; readonly region: string }, changed: () => void) {
    this.#chosen = { country: chosen.country, state: chosen.state, region: chosen.region };
    this.#changed = changed;
    LEVELS.forEach((level, index) => {
      fill(level, [], this.#chosen[level]);
      $(`#node-config-input-${level}`).on('change', () => {
        this.#chosen[level] = String($(`#node-config-input-${level}`).val() ?? '');
        LEVELS.slice(index + 1).forEach((below) => {
          this.#chosen[below] = '';
        });
        this.#ask();
        this.#changed();
      });
    });
    this.#ask();
  }

  get place(): { readonly country: string; readonly state: string; readonly region: string } {
    return { ...this.#chosen };
  }

  #ask(): void {
    this.#asked += 1;
    const mine = this.#asked;
    const { country, state } = this.#chosen;
    $.ajax({ url: 'waybill-editor/holidays', data: { language: language(), country, state }, dataType: 'json', timeout: 10_000 }).then(
      ({ countries, states, regions }: Places) => {
        if (mine !== this.#asked) {
          return;
        }
        fill('country', countries, this.#chosen.country);
        fill('state', states, this.#chosen.state);
        fill('region', regions, this.#chosen.region);
      },
      () => {
        $('#waybill-places-silent').text(text('preview.silent'));
      },
    );
  }
}

function fill(level: (typeof LEVELS)[number], list: readonly Named[], chosen: string): void {
  const select = $(`#node-config-input-${level}`).empty();
  $('<option value="">').text(text(`none.${level}`)).appendTo(select);
  // A place that the lists do not have (any more) stays visible, and the preview says what is wrong with it.
  const all = chosen === '' || list.some(({ code }) => code === chosen) ? list : [...list, { code: chosen, name: chosen }];
  all.forEach(({ code, name }) => {
    $('<option>').val(code).text(name).appendTo(select);
  });
  select.val(chosen);
  select.closest('.form-row').toggle(level === 'country' || all.length > 0);
}

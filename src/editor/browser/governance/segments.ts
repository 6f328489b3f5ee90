import type { Texts } from '../texts.ts';
import { isOpen } from './changes-view.ts';
import { refusing, SEGMENTS } from './store.ts';
import type { Segment, State } from './store.ts';

/** The line of segments: one is open, arrow keys go along, findings carry their number. */
export function drawSegments(box: JQuery, state: State, text: Texts, open: (segment: Segment) => void): void {
  box.empty();
  for (const segment of SEGMENTS) {
    const chosen = segment === state.segment;
    const made = $('<button type="button" role="tab">').attr({ id: `waybill-gov-tab-${segment}`, 'aria-controls': 'waybill-gov-panel', 'aria-selected': String(chosen), tabindex: chosen ? '0' : '-1', 'data-key': `segment ${segment}` }).text(text(`segment.${segment}`)).appendTo(box);
    const { count, kind } = numberOf(segment, state);
    if (count > 0) {
      $('<span class="waybill-gov-number">').addClass(`waybill-gov-${kind}`).text(count > 99 ? '99+' : String(count)).appendTo(made);
    }
    made.on('click', () => { open(segment); }).on('keydown', (event) => {
      const at = SEGMENTS.indexOf(segment);
      const to: Readonly<Record<string, number>> = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: SEGMENTS.length - 1 };
      const target = to[event.key];
      const next = target === undefined ? undefined : SEGMENTS.at(target % SEGMENTS.length);
      if (next !== undefined) {
        event.preventDefault();
        open(next);
        box.find('[aria-selected="true"]').trigger('focus');
      }
    });
  }
}

function numberOf(segment: Segment, { findings, installed, changes }: State): { readonly count: number; readonly kind: string } {
  switch (segment) {
    case 'templates': return { count: installed.filter(({ update, state, status }) => state === 'drifted' || state === 'unknown' || (state === 'as-published' && update !== undefined) || status === 'retired').length, kind: 'warn' };
    case 'findings': {
      const all = findings?.findings ?? [];
      const errors = refusing(all).length;
      return errors > 0 ? { count: errors, kind: 'error' } : { count: all.filter(({ admitted }) => admitted === undefined).length, kind: 'warn' };
    }
    case 'changes': return { count: changes?.changes.filter(isOpen).length ?? 0, kind: 'quiet' };
    case 'site': return { count: 0, kind: 'quiet' };
  }
}

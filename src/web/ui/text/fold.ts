import type { Line } from './events.ts';

/** What a reader wants to see of a story. */
export type StoryView = 'story' | 'people' | 'all';

/** A line, a run of bookkeeping that is folded away, or the beginning of a day. */
export type Entry =
  | { readonly kind: 'line'; readonly key: string; readonly line: Line }
  | { readonly kind: 'fold'; readonly key: string; readonly lines: readonly Line[] }
  | { readonly kind: 'day'; readonly key: string; readonly iso: string };

/** A story as it is drawn. `dayOf` names the day of a time, in the zone that is shown. */
export function entriesOf(lines: readonly Line[], view: StoryView, dayOf: (iso: string) => string): Entry[] {
  const entries: Entry[] = [];
  let day: string | undefined;
  let noise: Line[] = [];
  const settle = (): void => {
    if (noise.length > 0) entries.push({ kind: 'fold', key: `fold ${noise[0]!.event.eventId}`, lines: noise });
    noise = [];
  };
  for (const line of lines) {
    if (view === 'people' && !line.personal) continue;
    const its = dayOf(line.event.recordedAt);
    if (its !== day) {
      settle();
      entries.push({ kind: 'day', key: `day ${its}`, iso: line.event.recordedAt });
      day = its;
    }
    if (view === 'story' && line.technical) {
      noise.push(line);
      continue;
    }
    settle();
    entries.push({ kind: 'line', key: line.event.eventId, line });
  }
  settle();
  return entries;
}

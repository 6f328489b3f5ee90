import type { DayResult, DaySample } from '../day.ts';

const WIDTH = 860;
const LEFT = 84;
const RIGHT = 20;
const PANEL = 170;
const GAP = 54;
const TOP = 44;

interface Line { readonly colour: string; readonly label: string; readonly values: readonly number[] }

/** A round number at or above `value`, for the top of an axis. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, value)));
  return ([1, 1.5, 2, 2.5, 3, 4, 5, 6, 8].find((step) => step * power >= value) ?? 10) * power;
}

function text(x: number, y: number, content: string, more = ''): string {
  return `<text x="${x}" y="${y}" ${more}>${content.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</text>`;
}

function panel(top: number, title: string, unit: string, at: readonly number[], lines: readonly Line[]): string {
  const end = Math.max(1, at.at(-1) ?? 1);
  const high = roundUp(Math.max(1, ...lines.flatMap(({ values }) => [...values])));
  const x = (seconds: number): number => LEFT + (seconds / end) * (WIDTH - LEFT - RIGHT);
  const y = (value: number): number => top + PANEL - (value / high) * PANEL;
  const grid = [0, 0.25, 0.5, 0.75, 1].map((share) => `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(high * share)}" y2="${y(high * share)}" class="grid"/>${text(LEFT - 8, y(high * share) + 4, Math.round(high * share).toLocaleString('en'), 'text-anchor="end"')}`);
  const step = roundUp(end / 60 / 8);
  const ticks: string[] = [];
  for (let minute = 0; minute * 60 <= end; minute += step) ticks.push(text(x(minute * 60), top + PANEL + 18, `${Number(minute.toFixed(1))} min`, 'text-anchor="middle"'));
  const drawn = lines.map(({ colour, values }) => `<polyline fill="none" stroke="${colour}" stroke-width="1.6" points="${values.map((value, index) => `${x(at[index] ?? 0).toFixed(1)},${y(value).toFixed(1)}`).join(' ')}"/>`);
  let legendAt = WIDTH - RIGHT;
  const legend = [...lines].reverse().map(({ colour, label }) => {
    legendAt -= label.length * 7 + 26;
    return `<line x1="${legendAt}" x2="${legendAt + 16}" y1="${top - 14}" y2="${top - 14}" stroke="${colour}" stroke-width="3"/>${text(legendAt + 21, top - 10, label)}`;
  });
  return [text(LEFT, top - 10, `${title}, ${unit}`, 'class="title"'), ...grid, ...ticks, ...drawn, ...legend].join('\n');
}

/** What changed from one sample to the next, a second. */
function rates(samples: readonly DaySample[], of: (sample: DaySample) => number): number[] {
  return samples.map((sample, index) => {
    const before = samples[index - 1];
    return before === undefined || sample.at <= before.at ? 0 : Math.max(0, (of(sample) - of(before)) / (sample.at - before.at));
  });
}

/** Rates, backlog and memory of a day, as SVG: the same in light and dark surroundings. */
export function dayPicture(result: DayResult): string {
  const { samples } = result;
  const at = samples.map((sample) => sample.at);
  const panels: readonly [string, string, readonly Line[]][] = [
    ['Messages acknowledged and cases closed', 'a second', [
      { colour: '#1f6fb2', label: 'acknowledged', values: rates(samples, ({ acknowledged }) => acknowledged) }, { colour: '#2f9e60', label: 'closed', values: rates(samples, ({ casesClosed }) => casesClosed) },
    ]],
    ['Waiting', 'messages and cases', [
      { colour: '#c0392b', label: 'not acknowledged', values: samples.map(({ outstanding }) => outstanding) }, { colour: '#d68910', label: 'open cases', values: samples.map(({ casesOpen }) => casesOpen) },
    ]],
    ['Memory of Waybill', 'MB', [
      { colour: '#6c3483', label: 'resident', values: samples.map(({ rssBytes }) => rssBytes / 1e6) }, { colour: '#16a085', label: 'heap in use', values: samples.map(({ heapBytes }) => heapBytes / 1e6) },
    ]],
  ];
  const height = TOP + panels.length * (PANEL + GAP);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="system-ui, sans-serif" font-size="12" role="img" aria-label="Rates, backlog and memory of a simulated day">`,
    '<style>text{fill:#333}.title{font-weight:600}.grid{stroke:#ddd;stroke-width:1}</style>',
    `<rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
    ...panels.map(([title, unit, lines], index) => panel(TOP + index * (PANEL + GAP), title, unit, at, lines)),
    '</svg>', '',
  ].join('\n');
}

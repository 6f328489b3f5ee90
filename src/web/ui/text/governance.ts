import { formatDay, t } from '../locales/index.ts';

/** Process of the cases that governance opens by itself: reviews of break-glass, waivers that end. */
const PROCESS = 'governance';
const WAIVER_ENDS = /^The waiver of (\S+) ends on (\d{4}-\d\d-\d\d)$/;
const BREAK_GLASS = /^Break-glass was used at (.+?): (.+)$/;

const SILENT = /^Nothing is heard of (device|station) (.+)$/;

interface Own { readonly process: string; readonly title: string }

/** The name of a process family; those of flows are as their site names them. */
export function processName(process: string): string {
  return process === PROCESS ? t('governance.process') : process;
}

/** The title of a case or of a task. Those of flows are as their site wrote them; those of the engine itself are told in the reader's language. */
export function titleOf({ process, title }: Own): string {
  if (process !== PROCESS) return title;
  const [, rule, day] = WAIVER_ENDS.exec(title) ?? [];
  if (rule !== undefined && day !== undefined) return t('governance.waiverEnds', { rule, day: formatDay(day) });
  const [, kind, id] = SILENT.exec(title) ?? [];
  if (id !== undefined) return kind === 'device' ? t('governance.silentDevice', { id }) : t('governance.silentStation', { id });
  const [, site, rules] = BREAK_GLASS.exec(title) ?? [];
  return site === undefined || rules === undefined ? title : t('governance.breakGlass', { site, rules });
}

/** What a task asks, by the same rule. */
export function questionOf({ process, title, question }: Own & { readonly question: string }): string {
  if (process !== PROCESS) return question;
  if (WAIVER_ENDS.test(title)) return t('governance.waiverEndsQuestion');
  if (SILENT.test(title)) return t('governance.silentQuestion');
  return BREAK_GLASS.test(title) ? t('governance.breakGlassQuestion') : question;
}

import type { Amounts, ServiceRow } from '../api/service-types.ts';
import { formatDecimal, formatNumber, t } from '../locales/index.ts';
import { regional } from '../locales/language.ts';

const share = new Intl.NumberFormat(regional, { style: 'percent', maximumFractionDigits: 1 });
const seconds = new Intl.NumberFormat(regional, { maximumFractionDigits: 1 });

/** `40 ms` below a second, `1.5 s` above it. */
export function timeText(ms: number | null): string {
  return ms === null ? '–' : ms < 1_000 ? t('calls.ms', { ms: formatNumber(ms) }) : t('services.seconds', { s: seconds.format(ms / 1_000) });
}

/** Never 100 % while one has failed. */
export function shareText(part: number, whole: number): string {
  if (whole === 0) return '–';
  return share.format(part === whole ? 1 : Math.min(part / whole, 0.999));
}

export function moneyText(amounts: Amounts): string {
  return Object.entries(amounts).map(([currency, amount]) => `${formatDecimal(amount)} ${currency}`).join(' + ');
}

type Tone = 'good' | 'warn' | 'bad';

/** What a row is to the eye first: what stands, what waits for somebody, else how it goes. */
export function toneOf({ circuit, unknown, deadLetters, calls, success, status, quota, stopped }: ServiceRow): Tone {
  if (stopped !== null || circuit?.state === 'open' || status === 'retired' || unknown > 0) return 'bad';
  if (circuit?.state === 'half-open' || deadLetters > 0 || status === 'deprecated' || (calls > 0 && success / calls < 0.95) || (quota !== null && quota.used >= quota.calls)) return 'warn';
  return 'good';
}

export function nameOf({ title, service }: Pick<ServiceRow, 'title' | 'service'>): string {
  return title ?? (service === '' ? t('services.noName') : service);
}

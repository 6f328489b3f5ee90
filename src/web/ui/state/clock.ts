import { onScopeDispose, shallowRef, watch, type ShallowRef } from 'vue';
import { serverNow } from '../api/server-clock.ts';

const SLOW_MS = 10_000;

interface Ticker { readonly now: ShallowRef<number>; users: number; timer: ReturnType<typeof setInterval> | undefined }
const tickers = new Map<number, Ticker>();

function join(period: number): Ticker {
  let ticker = tickers.get(period);
  if (ticker === undefined) tickers.set(period, ticker = { now: shallowRef(serverNow()), users: 0, timer: undefined });
  const mine = ticker;
  mine.users += 1;
  mine.now.value = serverNow();
  mine.timer ??= setInterval(() => { mine.now.value = serverNow(); }, period);
  return mine;
}

function leave(ticker: Ticker): void {
  ticker.users -= 1;
  if (ticker.users > 0) return;
  clearInterval(ticker.timer);
  ticker.timer = undefined;
}

/** The server's time in milliseconds, renewed every ten seconds while a component uses it. */
export function useNow(): Readonly<ShallowRef<number>> {
  const ticker = join(SLOW_MS);
  onScopeDispose(() => leave(ticker));
  return ticker.now;
}

/** The same, renewed every second while `fast` says so. */
export function useTicking(fast: (now: number) => boolean): Readonly<ShallowRef<number>> {
  const slow = useNow();
  const now = shallowRef(slow.value);
  let second: Ticker | undefined;
  let stop: (() => void) | undefined;
  const settle = (): void => {
    const wanted = fast(now.value);
    if (wanted && second === undefined) {
      second = join(1_000);
      stop = watch(second.now, (value) => { now.value = value; if (!fast(value)) settle(); });
    } else if (!wanted && second !== undefined) {
      stop?.();
      leave(second);
      second = undefined;
    }
  };
  watch(slow, (value) => { now.value = value; settle(); });
  settle();
  onScopeDispose(() => { if (second !== undefined) leave(second); });
  return now;
}

import { onScopeDispose, shallowRef, type ShallowRef } from 'vue';

const now = shallowRef(Date.now());
let users = 0;
let timer: ReturnType<typeof setInterval> | undefined;

/** The time in milliseconds, renewed every ten seconds while a component uses it. */
export function useNow(): Readonly<ShallowRef<number>> {
  users += 1;
  now.value = Date.now();
  timer ??= setInterval(() => { now.value = Date.now(); }, 10_000);
  onScopeDispose(() => {
    users -= 1;
    if (users === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  });
  return now;
}

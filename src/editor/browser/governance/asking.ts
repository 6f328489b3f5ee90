import type { Store } from './store.ts';

const EVERY_MS = 15_000;
const LOOK_MS = 1_000;
const SETTLE_MS = 1_500;

/** Asks again and again while somebody looks at the tab; answers what has it asked at once. */
export function keepFresh(content: JQuery, store: Store): () => void {
  let due = 0;
  let asking = false;
  const tick = (): void => {
    if (asking || Date.now() < due || document.hidden || !content.is(':visible')) {
      return;
    }
    asking = true;
    due = Date.now() + EVERY_MS;
    void store.refresh().then(() => { asking = false; });
  };
  setInterval(tick, LOOK_MS);
  return () => {
    due = 0;
    setTimeout(tick, 50);
  };
}

/** Compares what is installed with what was published once the workspace has come to rest. */
export function watchWorkspace(content: JQuery, store: Store): void {
  let settling: ReturnType<typeof setTimeout> | undefined;
  const settled = (): void => {
    clearTimeout(settling);
    settling = setTimeout(() => {
      if (content.is(':visible') && store.state.templates !== undefined) {
        void store.judgeInstalled();
      }
    }, SETTLE_MS);
  };
  for (const event of ['nodes:add', 'nodes:remove', 'nodes:change', 'flows:change', 'subflows:change', 'links:add', 'links:remove']) {
    RED.events.on(event, settled);
  }
}

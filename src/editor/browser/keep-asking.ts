const EVERY_MS = 2_000;

/** Asks a deployed node what it has to say, and again and again. Returns what ends it. */
export function keepAsking<T>(ask: () => Promise<T>, show: (answer: T) => void, silent: () => void): () => void {
  let timer: number | undefined;
  let closed = false;
  const next = (): void => {
    ask().then((answer) => { if (!closed) show(answer); }, () => { if (!closed) silent(); }).finally(() => {
      if (!closed) timer = window.setTimeout(next, EVERY_MS);
    });
  };
  next();
  return () => {
    closed = true;
    window.clearTimeout(timer);
  };
}

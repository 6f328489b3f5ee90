/** Set to `true` by the build (scripts/lib/bundle.ts); absent when the sources run directly. */
declare const __WAYBILL_BUNDLED__: boolean | undefined;

/**
 * Where the entry point of the ledger writer's worker thread lies.
 *
 * The bundler moves this function into a chunk whose place is not known beforehand, so a path
 * relative to `import.meta.url` holds for the sources only. In the built package the entry is found
 * through the package's own `#package/*` import (package.json "imports"), which resolves to the same
 * file from every chunk.
 *
 * @returns a `file:` URL for `new Worker(url)`
 */
export function workerUrl(): URL {
  if (typeof __WAYBILL_BUNDLED__ !== 'undefined') {
    return new URL(import.meta.resolve('#package/dist/ledger/sqlite/worker.js'));
  }
  return new URL('./worker.ts', import.meta.url);
}

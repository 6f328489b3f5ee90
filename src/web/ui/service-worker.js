/**
 * Keeps the pages, never data, so that they start without a line. The build puts in what there is to keep:
 * names with a hash of their content, so a version never mixes with another. What the API answers is
 * neither kept nor touched.
 */
const VERSION = '__VERSION__';
const FILES = __FILES__;
const CACHE = `waybill-pages-${VERSION}`;
const base = new URL('./', self.location.href).pathname;
/** A line that is there but dead must not keep a person waiting for the pages. */
const PATIENCE_MS = 5_000;
/** Addresses that are the server's own pages. */
const SERVER = ['api/', 'sign-in/', 'sign-out', 'editor-sign-in', 'healthz', 'readyz', 'metrics'];

self.addEventListener('install', (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll([base, ...FILES.map((file) => base + file)].map((url) => new Request(url, { cache: 'reload' })))));
});

self.addEventListener('activate', (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) {
      if (name.startsWith('waybill-pages-') && name !== CACHE) await caches.delete(name);
    }
    await self.clients.claim();
  })());
});

self.addEventListener('message', (event) => {
  if (event.data === 'take-over') self.skipWaiting();
});

async function keptOr(request) {
  return await (await caches.open(CACHE)).match(request) ?? await fetch(request);
}

async function page(request) {
  try {
    return await fetch(request, { signal: AbortSignal.timeout(PATIENCE_MS) });
  } catch (error) {
    const kept = await (await caches.open(CACHE)).match(base);
    if (kept === undefined) throw error;
    return kept;
  }
}

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== self.location.origin || !url.pathname.startsWith(base)) return;
  const path = url.pathname.slice(base.length);
  if (SERVER.some((each) => path.startsWith(each))) return;
  if (request.mode === 'navigate') event.respondWith(page(request));
  else if (FILES.includes(path)) event.respondWith(keptOr(request));
});

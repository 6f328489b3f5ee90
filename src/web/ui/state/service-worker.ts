import { shallowRef } from 'vue';
import { appBase } from '../api/client.ts';

/** A new version of the pages is loaded and waits for the reload. */
export const updateWaits = shallowRef(false);
/** What a browser hands over when the pages can be installed as an app. */
interface InstallPrompt extends Event { prompt: () => Promise<unknown> }
export const installPrompt = shallowRef<InstallPrompt>();

let waiting: ServiceWorker | undefined;

function offer(worker: ServiceWorker | null): void {
  if (worker === null || navigator.serviceWorker.controller === null) return;
  waiting = worker;
  updateWaits.value = true;
}

/** Keeps the pages (never data) for starts without a line. Browsers have it only with https and on the same machine. */
export function registerServiceWorker(): void {
  addEventListener('beforeinstallprompt', (event) => {
    event.preventDefault();
    installPrompt.value = event as InstallPrompt;
  });
  addEventListener('appinstalled', () => { installPrompt.value = undefined; });
  // Browsers without it, and pages over plain http from elsewhere, go on without.
  const container = (navigator as { serviceWorker?: ServiceWorkerContainer }).serviceWorker;
  if (container === undefined || !isSecureContext) return;
  container.register(`${appBase}service-worker.js`, { scope: appBase, updateViaCache: 'none' }).then((registration) => {
    offer(registration.waiting);
    registration.addEventListener('updatefound', () => {
      const worker = registration.installing;
      worker?.addEventListener('statechange', () => { if (worker.state === 'installed') offer(worker); });
    });
  }).catch((error: unknown) => console.warn('The pages are not kept for starts without a line.', error));
}

/** Takes the new version over and loads the page anew. */
export function takeUpdate(): void {
  if (waiting === undefined) {
    location.reload();
    return;
  }
  navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true });
  waiting.postMessage('take-over');
}

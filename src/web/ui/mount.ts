import { createApp } from 'vue';
import App from './app.vue';
import { registerServiceWorker } from './state/service-worker.ts';
import { router } from './router.ts';

/** Puts the pages up; the texts are loaded. */
export function mountApp(): void {
  createApp(App).use(router).mount('#app');
  registerServiceWorker();
}

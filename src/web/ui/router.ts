import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router';
import { appBase } from './api/client.ts';
import { t, type TextKey } from './locales/index.ts';
import { loadMeOnce, me, noLine } from './state/session.ts';

declare module 'vue-router' {
  interface RouteMeta { readonly title: TextKey; readonly open?: boolean }
}

const routes: RouteRecordRaw[] = [
  { path: '/', name: 'inbox', component: () => import('./pages/inbox.vue'), meta: { title: 'inbox.title' } },
  { path: '/tasks/:id', name: 'task', component: () => import('./pages/task.vue'), props: true, meta: { title: 'inbox.task' } },
  { path: '/cases', name: 'cases', component: () => import('./pages/cases.vue'), meta: { title: 'cases.title' } },
  { path: '/cases/:id', name: 'case', component: () => import('./pages/case.vue'), props: true, meta: { title: 'common.case' } },
  { path: '/exceptions', name: 'exceptions', component: () => import('./pages/exceptions.vue'), meta: { title: 'exceptions.title' } },
  { path: '/exceptions/:id', name: 'exception', component: () => import('./pages/exception.vue'), props: true, meta: { title: 'exception.title' } },
  { path: '/exceptions/:id/sheet', name: 'discrepancy-sheet', component: () => import('./pages/discrepancy-sheet.vue'), props: true, meta: { title: 'sheet.title' } },
  { path: '/dead-letters', name: 'dead-letters', component: () => import('./pages/dead-letters.vue'), meta: { title: 'deadLetters.title' } },
  { path: '/quarantine', name: 'quarantine', component: () => import('./pages/quarantine.vue'), meta: { title: 'quarantine.title' } },
  { path: '/devices', name: 'devices', component: () => import('./pages/devices.vue'), meta: { title: 'devices.title' } },
  { path: '/handover', name: 'handover', component: () => import('./pages/handover.vue'), meta: { title: 'handover.title' } },
  { path: '/changes', name: 'changes', component: () => import('./pages/changes.vue'), meta: { title: 'changes.title' } },
  { path: '/changes/:id', name: 'change', component: () => import('./pages/change.vue'), props: true, meta: { title: 'changes.change' } },
  { path: '/away', name: 'away', component: () => import('./pages/away.vue'), meta: { title: 'away.title' } },
  { path: '/system', name: 'system', component: () => import('./pages/system.vue'), meta: { title: 'system.title' } },
  { path: '/systems', name: 'services', component: () => import('./pages/services.vue'), meta: { title: 'services.title' } },
  { path: '/systems/:id', name: 'service', component: () => import('./pages/service.vue'), props: true, meta: { title: 'services.one' } },
  { path: '/account', name: 'account', component: () => import('./pages/account.vue'), meta: { title: 'account.title' } },
  { path: '/accounts', name: 'accounts', component: () => import('./pages/accounts.vue'), meta: { title: 'people.title' } },
  { path: '/sign-in', name: 'sign-in', component: () => import('./pages/sign-in.vue'), meta: { title: 'signIn.title', open: true } },
  { path: '/:rest(.*)*', name: 'not-found', component: () => import('./pages/not-found.vue'), meta: { title: 'common.notFoundTitle' } },
];

export const router = createRouter({
  history: createWebHistory(appBase),
  routes,
  scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
});

router.beforeEach(async (to) => {
  noLine.value = await loadMeOnce().then(() => false, () => true);
  // Nothing to show without the server; the frame asks until it is there, and comes back here.
  if (noLine.value) return true;
  if (me.value !== undefined || to.meta.open === true) return true;
  return { name: 'sign-in', query: to.fullPath === '/' ? {} : { to: to.fullPath } };
});

router.afterEach((to) => {
  document.title = `${t(to.meta.title)} – ${t('app.name')}`;
});

// After an update the server no longer has the parts of the pages that this one was made of.
router.onError((error: unknown, to) => {
  if (error instanceof TypeError && /dynamically imported module|importing a module/i.test(error.message) && navigator.onLine) location.assign(router.resolve(to).href);
  else console.error(error);
});

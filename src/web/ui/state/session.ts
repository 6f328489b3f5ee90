import { computed, shallowRef, watch } from 'vue';
import { ApiProblem, appBase, get, post, remove, setCsrfToken, whenSignedOut } from '../api/client.ts';
import type { Me } from '../api/types.ts';
import { setTimeZones } from '../locales/times.ts';
import { setLive } from './live.ts';

/** The signed-in person; undefined when nobody is. */
export const me = shallowRef<Me | undefined>();
/** The pages were opened and the server did not answer who is signed in. */
export const noLine = shallowRef(false);
/** False until the server was asked once who is signed in. */
let asked = false;

whenSignedOut(() => {
  me.value = undefined;
});
// Only who is signed in hears of changes.
watch(me, (now) => setLive(now !== undefined), { flush: 'sync' });

export function may(permission: string): boolean {
  return me.value?.permissions.includes(permission) ?? false;
}

/** The site's name is worth showing only to people who see several. */
export const manySites = computed(() => me.value !== undefined && (me.value.sites.includes('*') || me.value.sites.length > 1));

/** Asks who is signed in. */
export async function loadMe(): Promise<void> {
  const answer = await get<Me>('me').catch((error: unknown) => {
    if (error instanceof ApiProblem && error.status === 401) return undefined;
    throw error;
  });
  setCsrfToken(answer?.csrfToken ?? undefined);
  setTimeZones(answer?.zones?.[answer.site] ?? answer?.timeZone, answer?.zones);
  me.value = answer;
  asked = true;
}

export async function loadMeOnce(): Promise<void> {
  if (!asked) await loadMe();
}

/** `shared`: this device is used by several people, so every decision asks for a PIN. */
export async function signIn(name: string, password: string, shared = false): Promise<void> {
  await post('session', { name, password, ...(shared ? { shared } : {}) });
  await loadMe();
}

export async function signOut(): Promise<void> {
  if (me.value?.authMethod === 'oidc') {
    // The server ends the session and goes on to the provider, to end the one there as well.
    location.assign(`${appBase}sign-out`);
    return await new Promise(() => undefined);
  }
  await remove('session');
  setCsrfToken(undefined);
  me.value = undefined;
}

/** The web layer's public names; what is not here is private to the folder. */
export { createWebRouter, type WebRouterOptions } from './router.ts';
export { createDemoAccounts, type DemoAccount, type DemoAccountOptions } from './accounts/demo-accounts.ts';
export { createOneTimeLink, type OneTimeLink } from './accounts/one-time-link.ts';
export { createUser, type NewUser } from './accounts/users.ts';
export { createApiToken, type NewApiToken } from './accounts/api-tokens.ts';
export { passwordSignIn } from './accounts/sign-in.ts';
export { oidcSettingsFromEnvironment } from './oidc/settings.ts';
export { hostIsOurs, isLoopbackHost, noteClient, proxiesFromEnvironment, publicUrl, ReachError, refuseHost, type PublicUrl } from './reach/index.ts';
export { SignInThrottle } from './auth/sign-in-throttle.ts';
export { attachEditor } from './editor-sign-in/attach.ts';

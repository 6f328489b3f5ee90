import { headerNameProblem, queryNameProblem } from './header-name.ts';
import type { ServiceProblem } from './problem.ts';
import type { Authentication } from './service.ts';

/** Only this machine: what is sent there does not cross a network. */
const LOOPBACK = /^http:\/\/(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?(?:[/?]|$)/i;

function tokenUrlProblem(url: string): string | undefined {
  if (!/^https:\/\/[^\s/?#@]+(?:[/?][^\s#]*)?$/i.test(url) && !(LOOPBACK.test(url) && !/[\s#@]/.test(url))) {
    return `${JSON.stringify(url.slice(0, 200))} is no address for tokens; write one that begins with https:// and holds no name or password.`;
  }
  return undefined;
}

/** What a schema cannot say of how a system asks for credentials. */
export function* authenticationProblems(authentication: Authentication): Generator<ServiceProblem> {
  if (authentication.kind === 'api-key') {
    const { in: place, name } = authentication;
    const problem = place === 'header' ? headerNameProblem(name, 'a key') : queryNameProblem(name);
    if (problem !== undefined) yield { at: '/authentication/name', message: problem };
  }
  if (authentication.kind === 'oauth2-client-credentials') {
    const problem = tokenUrlProblem(authentication.tokenUrl);
    if (problem !== undefined) yield { at: '/authentication/tokenUrl', message: problem };
  }
}

/**
 * For settings.js: `adminAuth: require('@waybill/node-red/editor-sign-in')()`. Node-RED's editor then takes
 * the sign-in of Waybill. Loaded before anything else of Waybill, so it holds no more than the way to
 * {@link EditorSignIn}, which the web part puts up when it starts.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { EditorSignIn, EditorUser } from '../../web/server/editor-sign-in/editor-sign-in.ts';

type AdminRequest = IncomingMessage & { originalUrl?: string; body?: unknown; _body?: boolean; res?: ServerResponse };
type Verify = (profile: { readonly username: string }, done: (error: unknown, user?: object | false) => void) => void;

const notReady = 'Waybill, which signs people in to this editor, is not running yet. Try again in a moment; when it stays so, the log says why.';

function signIn(): EditorSignIn | undefined {
  return (globalThis as { [key: symbol]: unknown })[Symbol.for('waybill.editor-sign-in')] as EditorSignIn | undefined;
}

/** A passport strategy: passport makes an object from it for each request and gives that the methods declared here. */
class WaybillStrategy {
  readonly name = 'waybill';
  readonly #verify: Verify;
  declare redirect: (url: string) => void;
  declare success: (user: object) => void;
  declare error: (error: Error) => void;

  constructor(_options: object, verify: Verify) {
    this.#verify = verify;
    // Passport calls it on an object derived from this one, which has no access to private members.
    Object.defineProperty(this, 'verify', { value: (...args: Parameters<Verify>) => { this.#verify(...args); } });
  }

  authenticate(this: WaybillStrategy & { verify: Verify }, request: AdminRequest): void {
    const waybill = signIn();
    if (waybill === undefined) return this.error(new Error(notReady));
    try {
      if (!/\/callback(?:\?|$)/.test(request.originalUrl ?? request.url ?? '')) {
        const { location, cookie } = waybill.begin(request);
        request.res?.appendHeader('Set-Cookie', cookie);
        return this.redirect(location);
      }
      const profile = waybill.finish(request);
      if (profile === undefined) return this.error(new Error('This sign-in took too long or was begun in another browser. Sign in again.'));
      this.verify(profile, (error, user) => {
        if (error !== null && error !== undefined) this.error(error as Error);
        else if (user === undefined || user === false) this.error(new Error('The session has ended meanwhile. Sign in again.'));
        else this.success(user);
      });
    } catch (error) {
      this.error(error as Error);
    }
  }
}

/** While Waybill has no accounts to ask, nobody is anybody; what else goes wrong is no permission either. */
async function userBy(ask: (waybill: EditorSignIn) => Promise<EditorUser | null>): Promise<EditorUser | null> {
  const waybill = signIn();
  if (waybill === undefined) return null;
  try {
    return await ask(waybill);
  } catch (error) {
    process.stderr.write(`waybill editor sign-in: ${error instanceof Error ? error.message : String(error)}\n`);
    return null;
  }
}

/** The value of `adminAuth` in settings.js. */
export function editorSignIn(): object {
  return {
    type: 'strategy',
    strategy: { name: 'waybill', label: 'Sign in with Waybill', icon: 'fa-sign-in', autoLogin: true, strategy: WaybillStrategy, options: {} },
    users: (name: string) => userBy((waybill) => waybill.find(name)),
    authenticate: (profile: { readonly username: string }) => userBy((waybill) => waybill.authenticate(profile.username)),
    tokens: (token: string) => userBy((waybill) => waybill.token(token)),
  };
}

/** Largest body of a password grant, in bytes. */
const MAX_BYTES = 16 * 1024;

/**
 * The value of `httpAdminMiddleware` in settings.js for programs that sign in with name and password, as
 * `node-red admin login` does. Everything else passes through.
 */
export function passwordGrant(): (request: AdminRequest, response: ServerResponse, next: (error?: unknown) => void) => void {
  return (request, response, next) => {
    const path = (request.originalUrl ?? request.url ?? '').split('?')[0] ?? '';
    // The editor names the version of the API that it speaks; programs do not, and get the form that they know.
    if (request.method === 'GET' && path.endsWith('/auth/login') && request.headers['node-red-api-version'] === undefined) {
      return answer(response, 200, { type: 'credentials', prompts: [{ id: 'username', type: 'text', label: 'user.username' }, { id: 'password', type: 'password', label: 'user.password' }] });
    }
    if (request.method !== 'POST' || !path.endsWith('/auth/token') || !(Number(request.headers['content-length']) <= MAX_BYTES)) return next();
    grant(request, response, next).catch(next);
  };
}

async function grant(request: AdminRequest, response: ServerResponse, next: () => void): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString('utf8');
  const body = /json/i.test(request.headers['content-type'] ?? '') ? JSON.parse(text || '{}') as Record<string, unknown> : Object.fromEntries(new URLSearchParams(text));
  if (body['grant_type'] !== 'password') {
    // Node-RED's own parser then takes the body as read.
    request.body = body;
    request._body = true;
    return next();
  }
  const { username, password } = body;
  const waybill = signIn();
  if (waybill === undefined) return answer(response, 503, { error: 'temporarily_unavailable', error_description: notReady });
  let granted: Awaited<ReturnType<EditorSignIn['password']>> | undefined;
  try {
    granted = typeof username === 'string' && typeof password === 'string' ? await waybill.password(request, username, password) : undefined;
  } catch (error) {
    // the engine is not open yet, or takes nothing: nothing for the log, and no page of Express
    if ((error as { status?: unknown }).status !== 503) throw error;
    return answer(response, 503, { error: 'temporarily_unavailable', error_description: notReady });
  }
  if (granted === undefined) return answer(response, 403, { error: 'invalid_grant', error_description: 'The name or the password is wrong, the account may not open the editor, or there were too many attempts.' });
  answer(response, 200, { access_token: granted.accessToken, token_type: 'Bearer', expires_in: 8 * 3_600 });
}

function answer(response: ServerResponse, status: number, json: object): void {
  response.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8', 'Cache-Control': 'no-store' }).end(JSON.stringify(json));
}

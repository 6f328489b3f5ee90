import express from 'express';
import { queryOf, send, sendProblem, type Request, type Response } from '../http.ts';
import { pageLanguage, sendPage } from '../server-page.ts';
import type { EditorSignIn } from './editor-sign-in.ts';

/** Paths of our own server that end where Node-RED takes the code. */
const CALLBACK = /^\/(?![/\\])(?:[\w.~-]+\/)*auth\/strategy\/callback$/;

const notAllowed = {
  en: {
    title: 'The editor is not for this account', inbox: 'To the inbox', signOut: 'Sign out',
    text: 'Flows are changed by engineers and administrators. Ask an administrator when you need to see them, or sign in with another account.',
  },
  de: {
    title: 'Der Editor ist für dieses Konto nicht vorgesehen', inbox: 'Zu den Aufgaben', signOut: 'Abmelden',
    text: 'Flows ändern Technik und Administration. Wenn Sie sie sehen müssen, fragen Sie die Administration, oder melden Sie sich mit einem anderen Konto an.',
  },
};

/** `/waybill/editor-sign-in`: takes the session to the editor, after a sign-in when there is none yet. */
export function createEditorSignInRouter(editor: EditorSignIn, log: (message: string) => void): express.Router {
  const router = express.Router({ caseSensitive: true, strict: true });
  router.get('/', (request: Request, response: Response) => {
    serve(editor, request, response).catch((error: unknown) => sendProblem(request, response, error, log));
  });
  return router;
}

async function serve(editor: EditorSignIn, request: Request, response: Response): Promise<void> {
  const { for: browser = '', back = '' } = queryOf(request);
  const base = request.waybillBase ?? '';
  if (!/^[0-9a-f]{64}$/.test(browser) || !CALLBACK.test(back)) {
    return send(request, response, { status: 303, headers: { Location: `${base}/` } });
  }
  const code = await editor.code(request, browser);
  if (code === 'not-signed-in') {
    const to = `/editor-sign-in?for=${browser}&back=${encodeURIComponent(back)}`;
    return send(request, response, { status: 303, headers: { Location: `${base}/sign-in?to=${encodeURIComponent(to)}` } });
  }
  if (code === undefined) {
    const { title, text, inbox, signOut } = notAllowed[pageLanguage(request)];
    return sendPage(request, response, { status: 403, title, body: `<p>${text}</p><p><a class="button" href="${base}/">${inbox}</a></p><p><a href="${base}/sign-out">${signOut}</a></p>` });
  }
  send(request, response, { status: 303, headers: { Location: `${back}?code=${code}` } });
}

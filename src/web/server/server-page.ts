import { send, type Request, type Response } from './http.ts';

/** Puts a text into HTML, as content or as an attribute's value. */
export function escapeHtml(text: string): string {
  return text.replace(/[&"'<>]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Languages of the server's own pages. */
export type PageLanguage = 'en' | 'de';

/** The language that the browser asks for first among ours (RFC 9110 §12.5.4); English when it asks for neither. */
export function pageLanguage(request: Request): PageLanguage {
  const wanted = (request.headers['accept-language'] ?? '').split(',').map((each) => {
    const [tag = '', quality] = each.trim().toLowerCase().split(/;\s*q=/);
    return { language: tag.split('-')[0], quality: quality === undefined ? 1 : Number(quality) || 0 };
  });
  const ours = wanted.filter(({ language, quality }) => (language === 'de' || language === 'en') && quality > 0).sort((a, b) => b.quality - a.quality);
  return ours[0]?.language === 'de' ? 'de' : 'en';
}

/** Sends a small page of the server's own; `body` is HTML. It has no script and takes its style from a file. */
export function sendPage(request: Request, response: Response, page: { readonly status: number; readonly title: string; readonly body: string; readonly head?: string }): void {
  const base = escapeHtml(request.waybillBase ?? '');
  send(request, response, {
    status: page.status, contentType: 'text/html; charset=utf-8',
    body: `<!doctype html>
<html lang="${pageLanguage(request)}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex"><title>${escapeHtml(page.title)} – Waybill</title><link rel="stylesheet" href="${base}/sign-in/style.css">${page.head ?? ''}</head>
<body><main><h1>${escapeHtml(page.title)}</h1>${page.body}</main></body></html>
`,
  });
}

/**
 * Goes on to a path of the app by a page instead of a redirect: the navigation is then our own, and the
 * browser sends along the session's cookie, which is SameSite=Strict and would be left out of a redirect
 * that another site began.
 */
export function goOn(request: Request, response: Response, path: string): void {
  const target = escapeHtml(`${request.waybillBase ?? ''}${path}`);
  const german = pageLanguage(request) === 'de';
  sendPage(request, response, {
    status: 200, title: german ? 'Sie sind angemeldet' : 'You are signed in', head: `<meta http-equiv="refresh" content="0;url=${target}">`, body: `<p><a class="button" href="${target}">${german ? 'Weiter' : 'Go on'}</a></p>`,
  });
}

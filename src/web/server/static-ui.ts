import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import express from 'express';
import { headerOf, requestPath, send, sendProblem, type Request, type Response } from './http.ts';
import { problem } from './problems.ts';

/** Where the build puts the UI, seen from sources and from the built package alike. */
export function defaultUiFolder(): string {
  return path.dirname(fileURLToPath(import.meta.resolve('#package/dist/ui/index.html')));
}

const notBuilt = 'The Waybill pages are not built. Run "npm run build" in the package\'s folder and start again. The API works without them: see api/v1/openapi.json.\n';

/** Serves the built UI: hashed assets for ever, `index.html` for every address of the app, never stored. */
export function createStaticUi(folder: string, log: (message: string) => void): express.Router {
  const router = express.Router();
  router.use('/assets', compressed(path.join(folder, 'assets')), express.static(path.join(folder, 'assets'), { index: false, immutable: true, maxAge: '1y', fallthrough: true }));
  router.use(express.static(folder, { index: false, fallthrough: true, maxAge: 0 }));
  router.use((request: Request, response: Response) => {
    page(folder, request, response).catch((error: unknown) => sendProblem(request, response, error, log));
  });
  return router;
}

/** File endings that the build compresses, with their types. */
const compressible: Readonly<Record<string, string>> = { '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8', '.svg': 'image/svg+xml' };
const encodings = [['br', 'br'], ['gzip', 'gz']] as const;

/** Leads to the compressed form of a file that the build has put beside it, when the client takes it (RFC 9110 §12.5.3). */
function compressed(folder: string): express.RequestHandler {
  return (request, response, next) => {
    const name = path.basename(requestPath(request));
    const type = compressible[path.extname(name)];
    if (type === undefined) return next();
    response.setHeader('Vary', 'Accept-Encoding');
    const accepted = (headerOf(request, 'accept-encoding') ?? '').split(',').map((each) => each.trim()).filter((each) => !/;\s*q=0(?:\.0*)?$/.test(each)).map((each) => each.split(';')[0]?.trim());
    const chosen = encodings.find(([encoding, ending]) => accepted.includes(encoding) && existsSync(path.join(folder, `${name}.${ending}`)));
    if (chosen === undefined) return next();
    response.setHeader('Content-Encoding', chosen[0]);
    response.setHeader('Content-Type', type);
    request.url = `/${encodeURIComponent(name)}.${chosen[1]}`;
    next();
  };
}

async function page(folder: string, request: Request, response: Response): Promise<void> {
  const file = path.extname(requestPath(request)) !== '';
  if ((request.method !== 'GET' && request.method !== 'HEAD') || file) throw problem('not-found');
  const base = `${request.waybillBase ?? ''}/`;
  const index = await readFile(path.join(folder, 'index.html'), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (index === undefined) {
    send(request, response, { status: 503, body: notBuilt, contentType: 'text/plain; charset=utf-8' });
    return;
  }
  // The app finds its addresses from <base>, so it works wherever the router is mounted.
  const body = index.replace(/<base href="[^"]*"/, `<base href="${base.replace(/[&"<>]/g, (c) => `&#${c.charCodeAt(0)};`)}"`);
  send(request, response, { status: 200, body, contentType: 'text/html; charset=utf-8', headers: { 'Cache-Control': 'no-cache' } });
}

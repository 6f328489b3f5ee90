import type { IncomingMessage, ServerResponse } from 'node:http';
import { json } from 'express';
import { flowsAfter } from '../../engine/governance/one-flow.ts';
import { gateParts } from '../../engine/governance/in-place.ts';
import type { GatePort } from '../../engine/governance/port.ts';
import { currentWaybill } from '../../engine/node-red/current.ts';
import { REFUSED_STATUS, refusalBody } from './refusal.ts';

type Request = IncomingMessage & { body?: unknown; _body?: boolean; user?: { readonly username?: unknown }; originalUrl?: string };
type Next = (error?: unknown) => void;

export interface GateOptions {
  /** As `apiMaxLength` in settings.js. */
  readonly apiMaxLength?: string;
}

interface Target { readonly way: 'deploy' | 'flow'; readonly id?: string; readonly removes?: boolean }

/** Which of the ways of deploying a request is; undefined: none that is judged here. A reload has no flows in it, the storage module judges what it reads. */
function targetOf({ method, url, headers }: Request): Target | undefined {
  const [, place, id] = /^\/(flows?)(?:\/([^/?]+))?\/?(?:\?|$)/.exec(url ?? '') ?? [];
  if (place === 'flows') return method === 'POST' && id === undefined && headers['node-red-deployment-type'] !== 'reload' ? { way: 'deploy' } : undefined;
  if (place !== 'flow') return undefined;
  if (method === 'POST' && id === undefined) return { way: 'flow' };
  const flow = id === undefined ? undefined : decoded(id);
  if (flow === undefined) return undefined;
  return method === 'PUT' ? { way: 'flow', id: flow } : method === 'DELETE' ? { way: 'flow', id: flow, removes: true } : undefined;
}

/** Undefined when it is no address: Node-RED answers that itself. */
function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}

/**
 * The value of `httpAdminMiddleware` in settings.js: refuses the ordinary ways of deploying before Node-RED touches a
 * credential. The storage module stands behind it and lets nothing past.
 */
export function gate(options: GateOptions = {}): (request: Request, response: ServerResponse, next: Next) => void {
  gateParts().middleware = true;
  const parse = json({ limit: options.apiMaxLength ?? '5mb' }) as unknown as (request: Request, response: ServerResponse, next: Next) => void;
  return (request, response, next) => {
    const target = targetOf(request);
    const waybill = currentWaybill();
    const { mayDeploy } = gateParts();
    if (target === undefined || waybill === undefined || mayDeploy === undefined) return next();
    // Who may not deploy gets Node-RED's own answer, and learns nothing of the flows.
    mayDeploy(request, response, () => {
      parse(request, response, (error) => {
        if (error !== undefined && error !== null) return next(error);
        request._body = true;
        judge(waybill.governance.gate, target, request, response, next).catch(next);
      });
    });
  };
}

async function judge(at: GatePort, target: Target, request: Request, response: ServerResponse, next: Next): Promise<void> {
  const flows = flowsOf(at, target, request);
  if (flows === undefined) return next();
  const verdict = await at.judge(flows, target.way, request.user);
  if (verdict.ok) return next();
  response.writeHead(REFUSED_STATUS, { 'Content-Type': 'application/json; charset=utf-8', 'Cache-Control': 'no-store' }).end(JSON.stringify(refusalBody(verdict)));
}

/** What would run; undefined when Node-RED answers something else anyway, or only it can tell. */
function flowsOf(at: GatePort, target: Target, { body, headers }: Request): unknown {
  const running = at.running();
  if (target.way === 'deploy') {
    if (headers['node-red-api-version'] !== 'v2') return Array.isArray(body) ? body : undefined;
    const { flows, rev } = (typeof body === 'object' && body !== null ? body : {}) as { readonly flows?: unknown; readonly rev?: unknown };
    // Somebody else has deployed meanwhile: the editor merges first.
    if (rev !== undefined && running !== undefined && rev !== running.hash) return undefined;
    return Array.isArray(flows) ? flows : undefined;
  }
  return running === undefined ? undefined : flowsAfter(running.nodes, target.id, target.removes === true ? undefined : body ?? {});
}


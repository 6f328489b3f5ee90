import type { RequestHandler } from 'express';
import type { Waybill } from '../../engine/api.ts';
import { gateParts } from '../../engine/governance/in-place.ts';
import { importView } from '../../engine/governance/installing/import-view.ts';
import { installedViews } from '../../engine/governance/installing/installed-view.ts';
import { readNodes } from '../../engine/governance/installing/read-nodes.ts';
import { templateDetail, templateList } from '../../engine/governance/installing/template-views.ts';
import { serviceReference } from '../../domain/service/index.ts';
import { serviceList } from '../../engine/governance/service-views.ts';
import type { ServiceList } from '../../engine/governance/service-views.ts';
import { upgradePlan } from '../../engine/governance/installing/upgrade-plan.ts';
import { openCasesOf } from '../../engine/governance/rule-facts.ts';
import { EDITOR_PATH } from '../here/editor-path.ts';
import { record } from '../here/record.ts';
import type { AdminApi } from '../here/routes.ts';
import { refused, replying, text } from './answer.ts';
import { askFor, changesView } from './changes.ts';
import { libraryEntry } from './library.ts';
import { personAt } from './person.ts';
import { rulePage } from './rule-pages.ts';
import { siteView } from './site-view.ts';

/** Findings that one answer carries. */
const MOST_FINDINGS = 500;

const PATH = `${EDITOR_PATH}/governance`;

/**
 * Serves what the tab "Waybill: templates" shows and does, to whoever may read flows; who asks for a change may write them.
 * Node-RED has parsed JSON bodies before.
 * @param console where the browser finds inbox and console, or undefined when they are not served
 */
export function mountGovernanceRoutes(RED: AdminApi, waybill: Waybill, console: () => string | undefined): void {
  if (!RED.httpAdmin || RED.auth === undefined) return;
  const { governance } = waybill;
  const { gate, catalogue } = governance;
  const [mayRead, mayWrite] = [RED.auth.needsPermission('waybill.read'), RED.auth.needsPermission('waybill.write')];
  const get = (path: string, ask: Parameters<typeof replying>[0]): void => { if (RED.httpAdmin) RED.httpAdmin.get(`${PATH}/${path}`, mayRead, replying(ask)); };
  const post = (path: string, may: RequestHandler, ask: Parameters<typeof replying>[0]): void => { if (RED.httpAdmin) RED.httpAdmin.post(`${PATH}/${path}`, may, replying(ask)); };

  gateParts().library = (type, path) => libraryEntry(catalogue, type, path);

  get('site', () => ({ body: siteView(waybill, console()) }));
  get('templates', () => ({ body: templateList(catalogue) }));
  get('services', () => ({ body: withStops(serviceList(catalogue, gate.running()?.nodes ?? []), waybill) }));
  get('template', ({ query }) => {
    const published = catalogue.template(text(query['id']), text(query['version']));
    return published === undefined ? refused('The catalogue of this site does not have this version.', 404) : { body: templateDetail(published) };
  });
  get('findings', () => ({ body: findingsOf(gate.findings()) }));
  get('changes', async () => ({ body: await changesView(waybill) }));
  get('rule', async ({ query }) => {
    const page = await rulePage(text(query['code']));
    return page === undefined ? refused('There is no page about this rule.', 404) : { body: { page } };
  });
  post('installed', mayRead, ({ body }) => {
    const flows = readNodes(record(body)['nodes']);
    return flows === undefined ? refused('Send the nodes of the templates.') : { body: { installed: installedViews(flows, catalogue) } };
  });
  post('check', mayRead, async ({ body }) => {
    const { flows } = record(body);
    if (!Array.isArray(flows)) return refused('Send the flows as a list of nodes.');
    const verdict = await gate.check(flows);
    return { body: findingsOf({ at: new Date().toISOString(), refused: !verdict.ok, findings: verdict.findings }, true) };
  });
  post('import', mayRead, ({ body }) => {
    const { id, version, configs, taken } = record(body);
    const made = importView(catalogue, {
      id: text(id), version: text(version),
      configs: new Map(Object.entries(record(configs)).filter((entry): entry is [string, string] => typeof entry[1] === 'string')),
      taken: new Set(Array.isArray(taken) ? taken.filter((each): each is string => typeof each === 'string') : []),
    });
    return typeof made === 'string' ? refused(made, 422) : { body: made };
  });
  post('upgrade', mayRead, async ({ body }) => {
    const { flows: nodes, container, to } = record(body);
    const flows = readNodes(nodes);
    if (flows === undefined) return refused('Send the flows as a list of nodes.');
    const counts = waybill.ledger === undefined ? new Map<string, number>() : await openCasesOf(waybill.ledger);
    const plan = upgradePlan({ flows, container: text(container), to: text(to), catalogue, counts });
    return typeof plan === 'string' ? refused(plan, 422) : { body: plan };
  });
  post('sync', mayRead, async () => ({ body: await governance.refreshCatalogue() }));
  post('changes', mayWrite, async (request) => askFor(waybill, request.body, await personAt(request, waybill)));
}

function findingsOf(report: { readonly at: string; readonly refused: boolean; readonly note?: string; readonly findings: readonly object[] } | undefined, checked = false): object {
  if (report === undefined) return { findings: [] };
  const { at, refused: refusedThen, note, findings } = report;
  return { at, refused: refusedThen, checked, findings: findings.slice(0, MOST_FINDINGS), truncated: findings.length > MOST_FINDINGS, ...(note === undefined ? {} : { note }) };
}

/** A stop may come and go at any moment, and is no part of what was published. */
function withStops({ services, ...rest }: ServiceList, waybill: Pick<Waybill, 'nodes'>): object {
  return { ...rest, services: services.map((service) => ({ ...service, versions: service.versions.map((version) => ({ ...version, stopped: waybill.nodes.serviceStop(serviceReference({ id: service.id, version: version.version })) })) })) };
}

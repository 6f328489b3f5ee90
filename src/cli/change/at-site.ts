import path from 'node:path';
import type { ChangeFile } from '../../governance/change/change-file.ts';
import { readAnswerFile } from '../../governance/change/answer-file.ts';
import type { WaiverScope } from '../../domain/change/index.ts';
import type { Json } from '../../domain/json.ts';
import { readIfThere, replaceFile } from '../../governance/files.ts';
import { table, UsageError } from '../accounts.ts';
import { say, sayJson } from '../arguments.ts';
import type { ChangeArguments } from './arguments.ts';
import { grantedUntil, idArgument, need, readNodes, untilArgument } from './arguments.ts';
import { askedLines } from './print.ts';
import { harmless } from '../harmless.ts';
import { SiteApi } from './site-api.ts';

/** A request as the API answers it. */
interface Detail {
  readonly changeId: string; readonly kind: 'change' | 'waiver'; readonly status: string; readonly site: string; readonly family: string; readonly template: string | null; readonly rule: string | null; readonly title: string;
  readonly requestedBy: { readonly name?: string }; readonly requestedAt: string; readonly until: string | null; readonly version: string | null; readonly expiresAt: string | null; readonly reason: string; readonly requestHash: string;
  readonly baseHash: string | null; readonly proposedHash: string | null; readonly scope: WaiverScope; readonly nodes: readonly Json[] | null; readonly difference: Json;
  readonly talk: readonly { readonly at: string; readonly by: { readonly id: string; readonly name?: string }; readonly comment: string | null; readonly terms: { readonly decision: string } | null; readonly outcome: string | null; readonly withdrawn: boolean }[];
}
type Row = Omit<Detail, 'reason' | 'talk' | 'nodes'>;
interface Standing { readonly changeId: string; readonly status: string; readonly agreeing: number; readonly quorum: number }

const apiOf = ({ values }: ChangeArguments): SiteApi => new SiteApi(values.url, values['token-file']);

async function listed(api: SiteApi, all: boolean): Promise<readonly Row[]> {
  const rows: Row[] = [];
  let cursor = '';
  do {
    const page = await api.get<{ readonly items: readonly Row[]; readonly next?: string }>(`change-requests?limit=200${all ? '' : '&status=open'}${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`);
    rows.push(...page.items);
    cursor = page.next ?? '';
  } while (cursor !== '' && rows.length < 10_000);
  return rows;
}

export async function listAtSite(args: ChangeArguments): Promise<number> {
  const rows = await listed(apiOf(args), args.values.all === true);
  if (args.values.json === true) sayJson(rows);
  else if (rows.length === 0) say(args.values.all === true ? 'Nobody has asked for anything.' : 'No request is open; --all shows the others.');
  else say(table(['ID', 'STATUS', 'KIND', 'SITE', 'FAMILY', 'ABOUT', 'TITLE'], rows.map((row) => [row.changeId, row.status, row.kind, harmless(row.site), row.family, row.rule ?? row.template ?? '', harmless(row.title)])).trimEnd());
  return 0;
}

export async function showAtSite(args: ChangeArguments): Promise<number> {
  const detail = await apiOf(args).get<Detail>(`change-requests/${idArgument(args)}`);
  if (args.values.json === true) {
    sayJson(detail);
    return 0;
  }
  for (const line of askedLines(detail)) say(line);
  say('');
  say(`${detail.requestedAt.slice(0, 16)}  ${harmless(detail.requestedBy.name ?? 'somebody')} asked for it`);
  for (const word of detail.talk) {
    const deed = word.withdrawn ? 'took it back' : word.terms === null ? '' : `${word.terms.decision}${word.outcome === null ? '' : ` (${word.outcome})`}`;
    say(`${word.at.slice(0, 16)}  ${harmless(word.by.name ?? word.by.id)}${deed === '' ? '' : ` ${deed}`}${word.comment === null ? '' : `: ${harmless(word.comment)}`}`);
  }
  return 0;
}

export async function requestAtSite(args: ChangeArguments): Promise<number> {
  const { values } = args;
  const base = {
    site: need(args, 'site', 'the site that needs it'), family: values.family ?? values.template?.split('/')[0] ?? need(args, 'family', 'the process family whose owners decide'),
    title: need(args, 'title', 'what is asked for, in a few words'), reason: need(args, 'reason', 'why it is needed; the owners decide by it'), ...(values.template === undefined ? {} : { template: values.template }),
  };
  if ((values.nodes === undefined) === (values.rule === undefined)) throw new UsageError('Say what is asked for: --template <family/name@version> --nodes <export.json> for a change, or --rule <code> for a waiver.');
  const scope: WaiverScope = { ...(values.finding === undefined ? {} : { fingerprints: values.finding }), ...(values.covers === undefined ? {} : { template: values.covers }) };
  const { changeId } = await apiOf(args).post<{ readonly changeId: string }>('change-requests', values.nodes === undefined
    ? { ...base, kind: 'waiver', rule: values.rule, scope, ...(values.until === undefined ? {} : { until: untilArgument(values.until) }) }
    : { ...base, kind: 'change', nodes: readNodes(values.nodes) });
  say(`Asked for under ${changeId}. Without a line to central: waybill change export ${changeId}`);
  return 0;
}

function sayStanding(id: string, { status, agreeing, quorum }: Standing): number {
  say(status === 'in-review' && quorum > 1 ? `Recorded: ${agreeing} of ${quorum} owners say so.` : `${id} is ${status}.`);
  return 0;
}

export async function decideAtSite(args: ChangeArguments, decline: boolean): Promise<number> {
  const id = idArgument(args);
  const api = apiOf(args);
  const detail = await api.get<Detail>(`change-requests/${id}`);
  const comment = decline ? need(args, 'reason', 'why it is declined; the site reads it') : args.values.text;
  const standing = await api.post<Standing>(`change-requests/${id}/decision`, { requestHash: detail.requestHash, terms: decline ? { decision: 'decline' } : approvalOf(detail, args), ...(comment === undefined ? {} : { comment }) });
  return sayStanding(id, standing);
}

/** Terms of an approval: a version for a change, an end for a waiver. */
export function approvalOf(asked: { readonly kind: string; readonly rule?: string | null; readonly scope?: WaiverScope; readonly until?: string | null }, { values }: ChangeArguments): { decision: 'accept'; version: string } | { decision: 'waive'; rule: string; scope: WaiverScope; expiresAt: string } {
  if (asked.kind === 'change') {
    if (values.version === undefined) throw new UsageError('Say in which version the change comes: --version 1.4.0.');
    return { decision: 'accept', version: values.version };
  }
  const until = values.until ?? asked.until ?? undefined;
  if (until === undefined) throw new UsageError('Say until when the waiver holds: --until 2027-03-31.');
  return { decision: 'waive', rule: asked.rule ?? '', scope: asked.scope ?? {}, expiresAt: grantedUntil(until, asked.until ?? undefined) };
}

export async function commentAtSite(args: ChangeArguments): Promise<number> {
  const id = idArgument(args);
  return sayStanding(id, await apiOf(args).post<Standing>(`change-requests/${id}/comment`, { comment: need(args, 'text', 'what there is to say') }));
}

export async function withdrawAtSite(args: ChangeArguments): Promise<number> {
  const id = idArgument(args);
  return sayStanding(id, await apiOf(args).post<Standing>(`change-requests/${id}/withdrawal`, args.values.reason === undefined ? {} : { reason: args.values.reason }));
}

/** Writes a request as a file that central imports. */
export async function exportAtSite(args: ChangeArguments): Promise<number> {
  const id = idArgument(args);
  const file = await apiOf(args).get<ChangeFile>(`change-requests/${id}/file`);
  const out = path.resolve(args.values.out ?? `change-${id}.json`);
  await replaceFile(out, `${JSON.stringify(file, undefined, 2)}\n`);
  say(`Written to ${out}. Central takes it in with: waybill change import ${path.basename(out)} --catalogue <folder>`);
  return 0;
}

/** `waybill change import <file>` at a site: an answer that the owners have signed. */
export async function importAtSite(args: ChangeArguments): Promise<number> {
  const [from] = args.positionals;
  if (from === undefined) throw new UsageError('Say which file: waybill change import <answer.json>.');
  const bytes = await readIfThere(path.resolve(from));
  if (bytes === undefined) throw new UsageError(`${from} is not there.`);
  // Here as well, so that a request, or a picture, is told from an answer without a site.
  const { terms, comment } = readAnswerFile(bytes);
  const { changeId, status } = await apiOf(args).post<Standing>('change-requests/answers', { file: bytes.toString('utf8') });
  say(`${changeId} is ${status}${comment === undefined ? '.' : `: ${harmless(comment)}`}`);
  if (terms.decision === 'waive') say(`The waiver holds until ${terms.expiresAt.slice(0, 10)}, from when it has come signed with the catalogue.`);
  if (terms.decision === 'accept') say(`The change comes with version ${terms.version}.`);
  return 0;
}

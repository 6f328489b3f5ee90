import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { PublisherFolder } from '../../governance/catalogue/publisher/folder.ts';
import { stageWaiver } from '../../governance/catalogue/publisher/stage.ts';
import type { ChangeFile } from '../../governance/change/change-file.ts';
import { readChangeFile } from '../../governance/change/change-file.ts';
import { waiverOf } from '../../governance/change/waiver-of.ts';
import { readIfThere, replaceFile } from '../../governance/files.ts';
import { table, UsageError } from '../accounts.ts';
import { say } from '../arguments.ts';
import { withCatalogue } from '../catalogue/arguments.ts';
import type { ChangeArguments } from './arguments.ts';
import { idArgument, need } from './arguments.ts';
import { approvalOf } from './at-site.ts';
import { askedLines, plain } from './print.ts';

/** What central has answered; the request itself is never changed. */
interface Answer { readonly status: 'accepted' | 'waived' | 'declined'; readonly at: string; readonly version?: string; readonly expiresAt?: string; readonly reason?: string }

const requestFile = (folder: string, id: string): string => path.join(folder, 'changes', `${id}.json`);
const answerFile = (folder: string, id: string): string => path.join(folder, 'changes', `${id}.answer.json`);

async function requestOf(folder: PublisherFolder, id: string): Promise<ChangeFile> {
  const bytes = await readIfThere(requestFile(folder.path, id));
  if (bytes === undefined) throw new UsageError(`There is no request ${id} in ${folder.path}; "waybill change import <file>" takes one in.`);
  return readChangeFile(bytes);
}

async function answerOf(folder: PublisherFolder, id: string): Promise<Answer | undefined> {
  const bytes = await readIfThere(answerFile(folder.path, id));
  return bytes === undefined ? undefined : JSON.parse(bytes.toString('utf8')) as Answer;
}

/** `waybill change import <file> --catalogue <folder>`: a request of a site comes to those who publish. */
export async function importAtCentral(args: ChangeArguments): Promise<number> {
  const [from] = args.positionals;
  if (from === undefined) throw new UsageError('Say which file: waybill change import <file> --catalogue <folder>.');
  const bytes = await readIfThere(path.resolve(from));
  if (bytes === undefined) throw new UsageError(`${from} is not there.`);
  const request = readChangeFile(bytes);
  return await withCatalogue(args, async (folder) => {
    const before = await readIfThere(requestFile(folder.path, request.changeId));
    if (before !== undefined && readChangeFile(before).requestHash !== request.requestHash) throw new UsageError(`Another request is there already under ${request.changeId}; a site never uses an id twice. Ask the site.`);
    await replaceFile(requestFile(folder.path, request.changeId), bytes);
    for (const line of askedLines(request)) say(line);
    say('');
    say(`Taken in. The hash stands in the ledger of ${plain(request.site)}. Answer with: waybill change ${request.kind === 'waiver' ? 'approve' : 'approve --version <x.y.z>'} ${request.changeId} --catalogue ${folder.path}, or decline --reason "…"`);
    return 0;
  });
}

export async function listAtCentral(args: ChangeArguments): Promise<number> {
  return await withCatalogue(args, async (folder) => {
    const names = await readdir(path.join(folder.path, 'changes')).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw error;
    });
    const rows: { readonly request: ChangeFile; readonly status: string }[] = [];
    for (const name of names.filter((each) => each.endsWith('.json') && !each.endsWith('.answer.json')).sort()) {
      const id = name.slice(0, -'.json'.length);
      const request = await requestOf(folder, id);
      const status = (await answerOf(folder, id))?.status ?? 'requested';
      if (args.values.all === true || status === 'requested') rows.push({ request, status });
    }
    if (args.values.json === true) say(JSON.stringify(rows.map(({ request, status }) => ({ ...request, status })), undefined, 2));
    else if (rows.length === 0) say(args.values.all === true ? 'No request was taken in.' : 'No request waits for an answer; --all shows the others.');
    else say(table(['ID', 'STATUS', 'KIND', 'SITE', 'FAMILY', 'ABOUT', 'TITLE'], rows.map(({ request, status }) => [request.changeId, status, request.kind, plain(request.site), request.family, request.rule ?? request.template ?? '', plain(request.title)])).trimEnd());
    return 0;
  });
}

export async function showAtCentral(args: ChangeArguments): Promise<number> {
  return await withCatalogue(args, async (folder) => {
    const request = await requestOf(folder, idArgument(args));
    const answer = await answerOf(folder, request.changeId);
    if (args.values.json === true) say(JSON.stringify({ ...request, answer: answer ?? null }, undefined, 2));
    else for (const line of askedLines({ ...request, status: answer?.status ?? 'requested' })) say(line);
    return 0;
  });
}

/** `approve` stages the waiver for the owners' signatures, or says in which version the change comes; `decline` writes why not. */
export async function decideAtCentral(args: ChangeArguments, decline: boolean): Promise<number> {
  const reason = decline ? need(args, 'reason', 'why it is declined; the site reads it') : args.values.text;
  return await withCatalogue(args, async (folder) => {
    const request = await requestOf(folder, idArgument(args));
    const { changeId } = request;
    const before = await answerOf(folder, changeId);
    const at = before?.at ?? new Date().toISOString();
    const said = reason === undefined ? {} : { reason };
    const terms = decline ? undefined : approvalOf(request, args);
    const answer: Answer = terms === undefined ? { status: 'declined', at, ...said } : terms.decision === 'accept' ? { status: 'accepted', at, version: terms.version, ...said } : { status: 'waived', at, expiresAt: terms.expiresAt, ...said };
    if (before !== undefined && before.status !== answer.status) throw new UsageError(`${changeId} is ${before.status} already. What the site was told stays so; it asks anew.`);
    // First what is signed, then the note about it: an answer that is cut off in between is given again with the same command.
    if (terms?.decision === 'waive') say(`${await stageWaiver(folder, waiverOf(request, terms, at), Date.now())} is staged; the owners of ${request.family} sign it, each with: waybill catalogue sign --key <file>`);
    await replaceFile(answerFile(folder.path, changeId), `${JSON.stringify(answer, undefined, 2)}\n`);
    if (answer.status === 'accepted') say(`Take the nodes of ${path.join('changes', `${changeId}.json`)} into the template, name ${changeId} in the changelog of version ${answer.version ?? ''}, and publish it: by that the site knows its answer.`);
    if (answer.status === 'declined') say(`Declined. Tell ${plain(request.site)}, or give its people the file ${path.join(folder.path, 'changes', `${changeId}.answer.json`)}.`);
    return 0;
  });
}

import path from 'node:path';
import { isWithinAsked, outcomeOf, termsKey } from '../../domain/change/index.ts';
import type { ChangeTerms } from '../../domain/change/index.ts';
import { refusalText } from '../../domain/refusal-texts.ts';
import { termsProblem } from '../../engine/governance/request-problem.ts';
import { familyOwnersOf } from '../../governance/catalogue/published.ts';
import { readTree } from '../../governance/catalogue/publisher/folder.ts';
import type { PublisherFolder } from '../../governance/catalogue/publisher/folder.ts';
import { stageWaiver } from '../../governance/catalogue/publisher/stage.ts';
import type { FamilyOwners } from '../../governance/catalogue/site-catalogue.ts';
import { answerOf, answerSigned, readAnswerFile, signAnswer } from '../../governance/change/answer-file.ts';
import type { ChangeAnswer } from '../../governance/change/answer-file.ts';
import type { ChangeFile } from '../../governance/change/change-file.ts';
import { readChangeFile } from '../../governance/change/change-file.ts';
import { waiverOf } from '../../governance/change/waiver-of.ts';
import { namesIn, readIfThere, replaceFile } from '../../governance/files.ts';
import { table, UsageError } from '../accounts.ts';
import { say, sayJson } from '../arguments.ts';
import { withCatalogue } from '../catalogue/arguments.ts';
import { openSigner } from '../catalogue/passphrase.ts';
import type { ChangeArguments } from './arguments.ts';
import { idArgument, need } from './arguments.ts';
import { approvalOf } from './at-site.ts';
import { answerLines, askedLines } from './print.ts';
import { harmless } from '../harmless.ts';

const requestFile = (folder: string, id: string): string => path.join(folder, 'changes', `${id}.json`);
const answerFile = (folder: string, id: string): string => path.join(folder, 'changes', `${id}.answer.json`);

async function requestOf(folder: PublisherFolder, id: string): Promise<ChangeFile> {
  const bytes = await readIfThere(requestFile(folder.path, id));
  if (bytes === undefined) throw new UsageError(`There is no request ${id} in ${folder.path}; "waybill change import <file>" takes one in.`);
  return readChangeFile(bytes);
}

/** What central has answered; the request itself is never changed. */
async function answerAt(folder: PublisherFolder, id: string): Promise<ChangeAnswer | undefined> {
  const bytes = await readIfThere(answerFile(folder.path, id));
  return bytes === undefined ? undefined : readAnswerFile(bytes);
}
const statusOf = (answer: ChangeAnswer | undefined): string => (answer === undefined ? 'requested' : outcomeOf[answer.terms.decision]);

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
    say(`Taken in. The hash stands in the ledger of ${harmless(request.site)}. Answer with: waybill change ${request.kind === 'waiver' ? 'approve' : 'approve --version <x.y.z>'} ${request.changeId} --catalogue ${folder.path}, or decline --reason "…"`);
    return 0;
  });
}

export async function listAtCentral(args: ChangeArguments): Promise<number> {
  return await withCatalogue(args, async (folder) => {
    const names = await namesIn(path.join(folder.path, 'changes'));
    const rows: { readonly request: ChangeFile; readonly status: string }[] = [];
    for (const name of names.filter((each) => each.endsWith('.json') && !each.endsWith('.answer.json')).sort()) {
      const id = name.slice(0, -'.json'.length);
      const request = await requestOf(folder, id);
      const status = statusOf(await answerAt(folder, id));
      if (args.values.all === true || status === 'requested') rows.push({ request, status });
    }
    if (args.values.json === true) sayJson(rows.map(({ request, status }) => ({ ...request, status })));
    else if (rows.length === 0) say(args.values.all === true ? 'No request was taken in.' : 'No request waits for an answer; --all shows the others.');
    else say(table(['ID', 'STATUS', 'KIND', 'SITE', 'FAMILY', 'ABOUT', 'TITLE'], rows.map(({ request, status }) => [request.changeId, status, request.kind, harmless(request.site), request.family, request.rule ?? request.template ?? '', harmless(request.title)])).trimEnd());
    return 0;
  });
}

export async function showAtCentral(args: ChangeArguments): Promise<number> {
  return await withCatalogue(args, async (folder) => {
    const request = await requestOf(folder, idArgument(args));
    const answer = await answerAt(folder, request.changeId);
    if (args.values.json === true) sayJson({ ...request, answer: answer ?? null });
    else for (const line of [...askedLines({ ...request, status: statusOf(answer) }), ...(answer === undefined ? [] : ['', ...answerLines(answer)])]) say(line);
    return 0;
  });
}

/** Terms of an answer, refused where the site would refuse them. */
function termsOf(request: ChangeFile, args: ChangeArguments, decline: boolean): ChangeTerms {
  if (decline) return { decision: 'decline' };
  const terms = approvalOf(request, args);
  const { kind, scope = {}, template, rule, until } = request;
  const asked = { kind, scope, ...(template === undefined ? {} : { template }), ...(rule === undefined ? {} : { rule }), ...(until === undefined ? {} : { until }) };
  const problem = terms.decision === 'waive' && !isWithinAsked(asked, terms) ? `Until ${until?.slice(0, 10) ?? ''} is what the site asked for; grant that or less, or have it ask for more.` : termsProblem(template, terms);
  if (problem !== undefined) throw new UsageError(problem);
  return terms;
}

/** The answer with what was decided before kept, signatures included, where it is the same. */
function answered(request: ChangeFile, terms: ChangeTerms, comment: string | undefined, before: ChangeAnswer | undefined): ChangeAnswer {
  if (before === undefined) return answerOf(request, terms, comment, Date.now());
  if (before.terms.decision !== terms.decision) throw new UsageError(`${request.changeId} is ${outcomeOf[before.terms.decision]} already. What the site was told stays so; it asks anew.`);
  if (termsKey(before.terms) === termsKey(terms) && (comment === undefined || comment === before.comment)) return before;
  if (before.signatures.length > 0) say('What was signed before said something else; it has to be signed anew.');
  return answerOf(request, terms, comment ?? before.comment, Date.now());
}

/** Signs with `--key`, keeps, and says what is still missing. */
async function keep(folder: PublisherFolder, answer: ChangeAnswer, args: ChangeArguments): Promise<void> {
  const { key } = args.values;
  const owners = await ownersOf(folder, answer.family);
  let kept = answer;
  if (key !== undefined) {
    const signer = await openSigner(key);
    if (!owners.keys.some(({ keyId }) => keyId === signer.publicKey.keyId)) throw new UsageError(`${signer.publicKey.name} is not among the owners of ${answer.family}: ${owners.keys.map(({ name }) => name).join(', ')}.`);
    kept = await signAnswer(answer, signer);
  }
  await replaceFile(answerFile(folder.path, answer.changeId), `${JSON.stringify(kept, undefined, 2)}\n`);
  const { signers, problem } = answerSigned(kept, owners);
  const names = signers.map(({ name }) => name).join(', ') || 'nobody yet';
  say(problem === undefined
    ? `Signed by ${names}: "waybill change export ${answer.changeId} --catalogue ${folder.path} --out answer.json" writes it for ${harmless(answer.site)}, which takes it in with "waybill change import answer.json".`
    : `Signed by ${names}, ${signers.length} of ${owners.threshold}${owners.functions.length === 0 ? '' : ` (one each of ${owners.functions.join(', ')})`}; each owner: waybill change sign ${answer.changeId} --key <file> --catalogue ${folder.path}`);
}

async function ownersOf(folder: PublisherFolder, family: string): Promise<FamilyOwners> {
  const tree = await readTree(folder);
  const owners = tree === undefined ? undefined : familyOwnersOf(tree.targets, family);
  if (owners === undefined) throw new UsageError(`The published catalogue names no owners of ${family}; "waybill catalogue status ${folder.path}" shows whom it names.`);
  return owners;
}

/** `approve` stages the waiver for the owners' signatures, or says in which version the change comes; `decline` writes why not. Either is an answer that owners sign, for a site without a line. */
export async function decideAtCentral(args: ChangeArguments, decline: boolean): Promise<number> {
  const comment = decline ? need(args, 'reason', 'why it is declined; the site reads it') : args.values.text;
  return await withCatalogue(args, async (folder) => {
    const request = await requestOf(folder, idArgument(args));
    const { changeId } = request;
    const terms = termsOf(request, args, decline);
    const answer = answered(request, terms, comment, await answerAt(folder, changeId));
    // First what is signed for the catalogue, then the answer: one that is cut off in between is given again with the same command.
    if (terms.decision === 'waive') say(`${await stageWaiver(folder, waiverOf(request, terms, answer.answeredAt), Date.now())} is staged; the owners of ${request.family} sign it, each with: waybill catalogue sign --key <file>`);
    if (terms.decision === 'accept') say(`Take the nodes of ${path.join('changes', `${changeId}.json`)} into the template, name ${changeId} in the changelog of version ${terms.version}, and publish it: by that the site knows its answer.`);
    if (terms.decision === 'decline') say(`Declined. ${harmless(request.site)} is told by the signed answer.`);
    await keep(folder, answer, args);
    return 0;
  });
}

/** `waybill change sign <id> --key <file>`: one more owner signs the answer. */
export async function signAtCentral(args: ChangeArguments): Promise<number> {
  if (args.values.key === undefined) throw new UsageError('Say with which key: waybill change sign <id> --key <file> --catalogue <folder>.');
  return await withCatalogue(args, async (folder) => {
    const request = await requestOf(folder, idArgument(args));
    const answer = await answerAt(folder, request.changeId);
    if (answer === undefined) throw new UsageError(`${request.changeId} has no answer yet; "waybill change approve" or "decline" gives one.`);
    // Whoever signs reads what it says.
    for (const line of [...askedLines({ ...request, status: outcomeOf[answer.terms.decision] }), '', ...answerLines(answer)]) say(line);
    await keep(folder, answer, args);
    return 0;
  });
}

/** `waybill change export <id> --catalogue <folder>`: the signed answer, for a site without a line. */
export async function exportAtCentral(args: ChangeArguments): Promise<number> {
  return await withCatalogue(args, async (folder) => {
    const { changeId, site } = await requestOf(folder, idArgument(args));
    const answer = await answerAt(folder, changeId);
    if (answer === undefined) throw new UsageError(`${changeId} has no answer yet; "waybill change approve" or "decline" gives one.`);
    const { signers, problem } = answerSigned(answer, await ownersOf(folder, answer.family));
    if (problem !== undefined) throw new UsageError(`The site would refuse it, signed by ${signers.map(({ name }) => name).join(', ') || 'nobody'}: ${refusalText[problem]}`);
    const out = path.resolve(args.values.out ?? `answer-${changeId}.json`);
    await replaceFile(out, `${JSON.stringify(answer, undefined, 2)}\n`);
    say(`Written to ${out}, good until ${answer.validUntil.slice(0, 10)}. At ${harmless(site)}: waybill change import ${path.basename(out)}`);
    return 0;
  });
}

import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { writeNew } from '../../governance/files.ts';
import { counted } from '../../governance/gate/rules/words.ts';
import type { UsageReport, CalledService } from '../../engine/services/health/usage-report.ts';
import { UsageError } from '../accounts.ts';
import { SiteApi } from '../change/site-api.ts';
import { say, sayJson } from '../arguments.ts';
import { usageAcross, newestOfEach, readUsageReport } from './usage-merge.ts';
import type { CalledAcross, Gathered } from './usage-merge.ts';
import type { ServiceArguments } from './arguments.ts';

/** A report that is older is said to be old, ms. */
const OLD_MS = 7 * 86_400_000;
const LARGEST_REPORT = 32 * 1024 ** 2;

function ofFile(file: string): Gathered {
  try {
    if (statSync(file).size > LARGEST_REPORT) return { from: file, problem: 'is too large for a report of usage' };
    return { from: file, report: readUsageReport(JSON.parse(readFileSync(file, 'utf8'))) };
  } catch (error) {
    return { from: file, problem: error instanceof SyntaxError ? 'is no JSON' : (error as Error).message };
  }
}

async function ofSite(url: string, tokenFile: string | undefined): Promise<Gathered> {
  try {
    return { from: url, report: readUsageReport(await new SiteApi(url, tokenFile, 'a site\'s person with the permission findings.read makes one; or take reports from files.').get('service-usage')) };
  } catch (error) {
    return { from: url, problem: (error as Error).message };
  }
}

/** Every report that a source gives: an address of a site, a file, or a folder of files. */
async function gathered(source: string, tokenFile: string | undefined): Promise<readonly Gathered[]> {
  if (/^https?:\/\//.test(source)) return [await ofSite(source, tokenFile)];
  const stat = statSync(source, { throwIfNoEntry: false });
  if (stat === undefined) return [{ from: source, problem: 'is not there' }];
  if (!stat.isDirectory()) return [ofFile(source)];
  const files = readdirSync(source).filter((name) => name.endsWith('.json')).sort().map((name) => path.join(source, name));
  return files.length === 0 ? [{ from: source, problem: 'holds no reports (*.json)' }] : files.map(ofFile);
}

function lifeOf({ status, sunset, successor, stopped }: CalledService): string {
  const life = status === null ? 'not in the site\'s catalogue' : status === 'deprecated' ? `deprecated${sunset === null ? '' : ` until ${sunset}`}` : status;
  return [life, ...(successor === null ? [] : [`${successor} takes its place`]), ...(stopped === null ? [] : [`stopped ${stopped.by === 'site' ? 'at this site' : 'by its owners'}: ${stopped.reason}`])].join(', ');
}

function linesOf({ service, title, sites }: CalledAcross, now: number): readonly string[] {
  return [
    `${service}${title === null ? '' : `  ${title}`}`,
    ...sites.flatMap(({ site, at, called }) => [
      `  ${site}: ${lifeOf(called)}; ${counted(called.calls, 'call')} in 24 hours${called.lastCallAt === null ? '' : `, the last at ${called.lastCallAt}`}${now - Date.parse(at) > OLD_MS ? `; as of ${at.slice(0, 10)}, ask the site again` : ''}`,
      ...called.callers.map(({ name, type, place, operation, system, template }) => `    ${place === '' ? '' : `${place} › `}${name === '' ? type : name}: ${operation}${system === '' ? '' : ` at ${system}`}${template === undefined ? '' : ` (${template})`}`),
      ...(called.callers.length === 0 ? ['    no node of the running flows'] : []),
    ]),
  ];
}

/** `waybill service usage [<family/name[@version]>] --from <address|file|folder>…`; `--out <file>` keeps a site's report. */
export async function usageCommand({ values, positionals }: ServiceArguments): Promise<number> {
  const [wanted = '', ...more] = positionals;
  const sources = values.from ?? [];
  if (more.length > 0 || sources.length === 0) throw new UsageError('Say where the sites\' reports are: waybill service usage [<family/name>] --from <address of a site, file or folder>…');
  const all = (await Promise.all(sources.map((source) => gathered(source, values['token-file'])))).flat();
  const reports = newestOfEach(all.flatMap((each) => ('report' in each ? [each.report] : [])));
  const missing = all.filter((each): each is Extract<Gathered, { problem: string }> => 'problem' in each);
  if (values.out !== undefined) await keep(values.out, reports);
  const found = usageAcross(reports, wanted);
  if (values.json === true) sayJson({ sites: reports.map(({ site, at }) => ({ site, at })), services: found, missing });
  else {
    for (const each of found) for (const line of linesOf(each, Date.now())) say(line);
    say(found.length === 0 ? `Nobody calls ${wanted === '' ? 'a registered service' : wanted} at ${counted(reports.length, 'site')}.` : `${counted(found.length, 'service')} at ${counted(reports.length, 'site')}.`);
  }
  for (const { from, problem } of missing) process.stderr.write(`waybill service usage: ${from} ${problem}; who calls there is not known.\n`);
  return missing.length > 0 ? 1 : 0;
}

async function keep(file: string, reports: readonly UsageReport[]): Promise<void> {
  const [report] = reports;
  if (report === undefined || reports.length > 1) throw new UsageError('--out keeps the report of one site; name one with --from.');
  try {
    await writeNew(path.resolve(file), `${JSON.stringify(report, undefined, 2)}\n`);
  } catch (error) {
    throw new UsageError((error as NodeJS.ErrnoException).code === 'EEXIST' ? `${file} is there already; name another file.` : `${file} cannot be written: ${(error as Error).message}`);
  }
}

/**
 * A dock that books receipts, as a process that may be killed: takes what is to be booked from a file, where it stands
 * with its key before anything is sent, and writes each that is done to another before it goes on.
 *
 *     dock.ts <url of the server> <jobs.json> <done.ndjson> <timeout in ms>
 */
import { appendFileSync, closeSync, existsSync, fsyncSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { jsonRpcDriver } from '../../../src/connectors/jsonrpc/index.ts';
import type { Json } from '../../../src/domain/json.ts';
import { callService } from '../run-driver.ts';
import { CREDENTIALS, PURCHASING } from './tryton-server.ts';

export interface Job { readonly operation: string; readonly key: string; readonly document: Json }
export interface Done { readonly key: string; readonly tries: number; readonly met: readonly string[]; readonly answer: Json }

const [url = '', jobsFile = '', doneFile = '', timeout = ''] = process.argv.slice(2);
const jobs = JSON.parse(readFileSync(jobsFile, 'utf8')) as readonly Job[];
const done = new Set(existsSync(doneFile) ? readFileSync(doneFile, 'utf8').split('\n').filter((line) => line !== '').map((line) => (JSON.parse(line) as Done).key) : []);
const caller = { url, driver: jsonRpcDriver, service: PURCHASING, credentials: CREDENTIALS, memory: new Map<string, unknown>(), timeoutMs: Number(timeout) };

for (const job of jobs) {
  if (done.has(job.key)) continue;
  const met: string[] = [];
  for (let tries = 1; ; tries += 1) {
    const outcome = await callService(caller, job.operation, job.document, job.key, tries > 1);
    if (outcome.kind === 'done') {
      record({ key: job.key, tries, met, answer: outcome.answer });
      break;
    }
    met.push(`${outcome.kind} ${outcome.problem.errorClass}`);
    if (tries > 60 || outcome.kind === 'refused' || outcome.kind === 'conflict') throw new Error(`${job.key}: ${JSON.stringify(outcome)}`);
    await delay((outcome.kind === 'again' ? outcome.retryAfterMs : undefined) ?? 250);
  }
}

function record(line: Done): void {
  const file = openSync(doneFile, 'a');
  appendFileSync(file, `${JSON.stringify(line)}\n`);
  fsyncSync(file);
  closeSync(file);
}

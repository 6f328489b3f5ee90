import { readFileSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { acknowledge, documentSchema, EdiError, findDuplicates, fromJson, messageMaps, readEdi, toJson, writeInterchanges } from '../../connectors/edi/index.ts';
import type { EdiFinding, Interchange, JsonFile } from '../../connectors/edi/index.ts';
import { UsageError } from '../accounts.ts';
import { runActions, say } from '../arguments.ts';
import type { Arguments } from '../arguments.ts';
import { harmlessJson, harmlessLine } from '../harmless.ts';

const usage = `Usage:
  waybill edi check <file> …                        what is wrong with X12 or EDIFACT documents, each with its place
  waybill edi read <file> [--out <file>]            the documents in it, as JSON
  waybill edi write <file> [--out <file>]           writes such JSON as X12 or EDIFACT
  waybill edi ack <file> --control-number <number> [--by 999] [--out <file>]   the acknowledgement: 997 (or 999) or CONTRL
  waybill edi schema <message>                      the JSON Schema of the document of a message, 850 or ORDERS

"-" is standard input. docs/edi.md tells the whole.
`;

const options = { out: { type: 'string' }, json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' }, 'control-number': { type: 'string' }, 'by': { type: 'string' } } as const;
type EdiArguments = Arguments<typeof options>;

const actions: Readonly<Record<string, (args: EdiArguments) => Promise<number>>> = { check, read, write, ack, schema };

const bytesOf = (file: string): Buffer => readFileSync(file === '-' ? 0 : file);

function oneFile({ positionals }: EdiArguments): string {
  const [file, second] = positionals;
  if (file === undefined || second !== undefined) throw new UsageError('Say which file, one.');
  return file;
}

function give(contents: string | Uint8Array, out: string | undefined, what: string): void {
  if (out === undefined) process.stdout.write(contents);
  else {
    writeFileSync(out, contents);
    say(`${what} written to ${out}.`);
  }
}

const line = ({ severity, code, sentence }: EdiFinding): string => `  ${severity} ${code}: ${harmlessLine(sentence)}`;
const hasErrors = (findings: readonly EdiFinding[]): boolean => findings.some(({ severity }) => severity === 'error');

function complain(findings: readonly EdiFinding[]): void {
  for (const found of findings) process.stderr.write(`${line(found)}\n`);
}

/** Messages by type: `2 × 850`. */
function summary(interchanges: readonly Interchange[], file: JsonFile): string {
  const types = new Map<string, number>();
  for (const { groups } of file.interchanges) for (const { messages } of groups) for (const { message } of messages) types.set(message, (types.get(message) ?? 0) + 1);
  const counted = [...types].map(([type, count]) => `${count} × ${type}`).join(', ');
  return `${interchanges.length} ${interchanges.length === 1 ? 'interchange' : 'interchanges'}, ${counted === '' ? 'no message' : counted}`;
}

async function check({ values, positionals }: EdiArguments): Promise<number> {
  if (positionals.length === 0) throw new UsageError('Say which files.');
  const taken = new Set<string>();
  let wrong = false;
  const told: object[] = [];
  for (const file of positionals) {
    const edi = readEdi(bytesOf(file));
    const { file: json, findings: found } = toJson(edi);
    const repeats = await findDuplicates(edi.interchanges, { take: (key) => taken.size < taken.add(JSON.stringify(key)).size });
    const findings = [...found, ...repeats];
    wrong ||= hasErrors(findings);
    if (values.json === true) told.push({ file, findings });
    else {
      say(`${file}: ${summary(edi.interchanges, json)}, ${findings.length === 0 ? 'nothing wrong' : `${findings.length} ${findings.length === 1 ? 'finding' : 'findings'}`}`);
      for (const each of findings) say(line(each));
    }
  }
  if (values.json === true) process.stdout.write(`${harmlessJson(told)}\n`);
  return wrong ? 1 : 0;
}

async function read(args: EdiArguments): Promise<number> {
  const { file, findings } = toJson(readEdi(bytesOf(oneFile(args))));
  complain(findings);
  give(`${harmlessJson(file)}\n`, args.values.out, 'The documents');
  return hasErrors(findings) ? 1 : 0;
}

async function write(args: EdiArguments): Promise<number> {
  const name = oneFile(args);
  let file: JsonFile;
  try {
    file = JSON.parse(bytesOf(name).toString('utf8')) as JsonFile;
  } catch (error) {
    if (error instanceof SyntaxError) throw new EdiError('not-edi', `${name} is no JSON: ${error.message}`);
    throw error;
  }
  if (!Array.isArray(file.interchanges)) throw new EdiError('not-edi', `${name} needs "interchanges", as "waybill edi read" writes them.`);
  give(writeInterchanges(file.interchanges.map(fromJson)), args.values.out, summary([], file).replace(/^.*?, /, ''));
  return 0;
}

async function ack(args: EdiArguments): Promise<number> {
  const { values } = args;
  const number = values['control-number'];
  if (values.by !== undefined && values.by !== '997' && values.by !== '999') throw new UsageError('X12 is acknowledged --by 997 or --by 999.');
  if (number === undefined || !/^[1-9]\d{0,8}$/.test(number)) throw new UsageError('Say --control-number <number>, the next one of your own interchanges, of at most nine digits.');
  const edi = readEdi(bytesOf(oneFile(args)));
  const { findings } = toJson(edi);
  complain(findings);
  const at = new Date();
  const answers = edi.interchanges.flatMap((interchange, index) => {
    const answer = acknowledge(interchange, findings, { controlNumber: String(Number(number) + index), at, ...(values.by === '999' ? { by: values.by } : {}) });
    return answer === undefined ? [] : [fromJson(answer)];
  });
  if (answers.length === 0) throw new EdiError('not-edi', 'There is nothing to acknowledge: there is no interchange, or it holds acknowledgements alone.');
  give(writeInterchanges(answers), values.out, 'The acknowledgement');
  return 0;
}

async function schema({ positionals: [message], values }: EdiArguments): Promise<number> {
  const map = messageMaps.find((each) => each.message === message?.toUpperCase());
  if (map === undefined) throw new UsageError(`Say which message: ${messageMaps.map((each) => each.message).join(', ')}.`);
  give(`${JSON.stringify(documentSchema(map), undefined, 2)}\n`, values.out, 'The schema');
  return 0;
}

/** `waybill edi …`; answers the exit code: 0 done, 1 something is wrong, 2 wrong usage. */
export function edi(args: string[]): Promise<number> {
  return runActions({ name: 'edi', usage, options, actions, failure: EdiError }, args);
}

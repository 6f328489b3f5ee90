import process from 'node:process';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { UsageError } from './accounts.ts';

/**
 * A password that is never on the command line, where other users of the machine could read it: typed
 * twice without echo on a terminal, else the first line of standard input.
 * @throws UsageError when nothing comes or both differ
 */
export async function readPassword(prompt: string): Promise<string> {
  if (process.stdin.isTTY !== true) return await firstLine();
  const first = await askUnseen(`${prompt}: `);
  const second = await askUnseen('Once more: ');
  if (first !== second) throw new UsageError('The two passwords differ; nothing was changed.');
  return first;
}

async function firstLine(): Promise<string> {
  const lines = createInterface({ input: process.stdin });
  try {
    for await (const line of lines) return line;
  } finally {
    lines.close();
  }
  throw new UsageError('No password came on standard input.');
}

/** What a person types on the terminal, without echo. */
export async function askUnseen(prompt: string): Promise<string> {
  process.stderr.write(prompt);
  const mute = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: mute, terminal: true });
  try {
    return await lines.question('');
  } finally {
    lines.close();
    process.stderr.write('\n');
  }
}

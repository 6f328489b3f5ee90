import process from 'node:process';
import { createInterface } from 'node:readline/promises';
import { UsageError } from '../accounts.ts';

/** One thing to be known: an option, or the answer to a question. */
export interface Question {
  readonly option: string;
  readonly text: string;
  readonly given: string | undefined;
  /** What is wrong with an answer, in one sentence. */
  readonly problem: (answer: string) => string | undefined;
}

/**
 * Answers of all questions: what the options say, else what a person types, asked again until it can be used.
 * @throws UsageError when an option cannot be used, or when there is nobody to ask
 */
export async function answers(questions: readonly Question[]): Promise<readonly string[]> {
  for (const { option, given, problem } of questions) {
    const wrong = given === undefined ? undefined : problem(given.trim());
    if (wrong !== undefined) throw new UsageError(`--${option}: ${wrong}`);
  }
  const open = questions.filter(({ given }) => given === undefined);
  if (open.length > 0 && (process.stdin.isTTY !== true || process.stdout.isTTY !== true)) {
    throw new UsageError(`Say ${open.map(({ option }) => `--${option}`).join(', ')}; nobody is here to ask.`);
  }
  const prompt = open.length === 0 ? undefined : createInterface({ input: process.stdin, output: process.stdout });
  // Ctrl-C and Ctrl-D close it; without this a question that is never answered would end the process in silence.
  const left = new Promise<never>((_resolve, reject) => prompt?.once('close', () => { reject(new UsageError('Nothing was made.')); }));
  left.catch(() => undefined);
  try {
    const found: string[] = [];
    for (const { text, given, problem } of questions) {
      let answer = given?.trim();
      while (answer === undefined) {
        const typed = (await Promise.race([prompt!.question(`${text}: `), left])).trim();
        const wrong = problem(typed);
        if (wrong === undefined) answer = typed;
        else process.stdout.write(`${wrong}\n`);
      }
      found.push(answer);
    }
    return found;
  } finally {
    prompt?.close();
  }
}

import process from 'node:process';
import { createInterface } from 'node:readline';
import type { Interface } from 'node:readline';
import { UsageError } from './accounts.ts';

/** One thing to be known: an option, or the answer to a question. */
export interface Question {
  readonly option: string;
  readonly text: string;
  readonly given: string | undefined;
  /** What is wrong with an answer, in one sentence. */
  readonly problem: (answer: string) => string | undefined;
}

/** The next line that is typed; those that are typed or pasted ahead wait for their question. Rejects when the person leaves with Ctrl-C or Ctrl-D. */
function linesOf(prompt: Interface | undefined): () => Promise<string> {
  const typed: string[] = [];
  let left = false;
  let wake: () => void = () => undefined;
  prompt?.on('line', (line) => { typed.push(line); wake(); });
  prompt?.once('close', () => { left = true; wake(); });
  return async () => {
    while (typed.length === 0) {
      if (left) throw new UsageError('Nothing was made.');
      await new Promise<void>((resolve) => { wake = resolve; });
    }
    return typed.shift()!;
  };
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
  const lines = linesOf(prompt);
  try {
    const found: string[] = [];
    for (const { text, given, problem } of questions) {
      let answer = given?.trim();
      while (answer === undefined) {
        prompt?.setPrompt(`${text}: `);
        prompt?.prompt();
        const typed = (await lines()).trim();
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

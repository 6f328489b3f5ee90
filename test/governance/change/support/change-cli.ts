import path from 'node:path';
import process from 'node:process';
import { change } from '../../../../src/cli/commands/change.ts';

export interface CliAnswer { readonly code: number; readonly out: string; readonly err: string }

/** `waybill change …` in this process, where starting one for each command would take most of the time. Names of files are those of `folder`. */
export async function changeCommand(folder: string, environment: Readonly<Record<string, string>>, args: readonly string[]): Promise<CliAnswer> {
  const { stdout, stderr } = process;
  const [write, writeError] = [stdout.write.bind(stdout), stderr.write.bind(stderr)];
  const before = { ...process.env };
  let [out, err] = ['', ''];
  delete process.env['WAYBILL_TOKEN'];
  Object.assign(process.env, environment);
  stdout.write = (text: string | Uint8Array): boolean => { out += String(text); return true; };
  stderr.write = (text: string | Uint8Array): boolean => { err += String(text); return true; };
  try {
    const code = await change(args.map((each) => (/^[\w-]+\.(json|key)$/.test(each) ? path.join(folder, each) : each)));
    return { code, out, err };
  } finally {
    [stdout.write, stderr.write] = [write, writeError];
    process.env = before;
  }
}

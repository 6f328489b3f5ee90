import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import type { Findings } from '../finding.ts';
import type { Check } from '../run-checks.ts';
import { octal } from './home.ts';

const run = promisify(execFile);

/** The git work tree that the folder lies in. */
function workTreeOf(folder: string): string | undefined {
  for (let each = path.resolve(folder); ; each = path.dirname(each)) {
    if (existsSync(path.join(each, '.git'))) return each;
    if (each === path.dirname(each)) return undefined;
  }
}

async function notInGit(folder: string, findings: Findings, signal: AbortSignal): Promise<void> {
  const tree = workTreeOf(folder);
  if (tree === undefined) return;
  const todo = `Add ${path.relative(tree, path.dirname(folder))}/ to ${path.join(tree, '.gitignore')}, or keep the home elsewhere (WAYBILL_HOME); a key that was ever pushed has to be replaced.`;
  try {
    const { stdout } = await run('git', ['-C', tree, 'ls-files', '--', folder], { signal, timeout: 2_000 });
    if (stdout !== '') {
      findings.fail(`keys are committed in the git work tree ${tree}`, `Take them out (git rm --cached -r ${folder}) and replace them: whoever has the repository has the keys.`);
      return;
    }
    // Exit code 0: ignored; 1: not; anything else: git could not say (git-check-ignore(1)).
    await run('git', ['-C', tree, 'check-ignore', '-q', '--', folder], { signal, timeout: 2_000 });
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    if (code === 1) findings.fail(`${folder} lies in the git work tree ${tree} and is not ignored there`, todo);
    else findings.warn(`${folder} lies in the git work tree ${tree}; git could not be asked whether it is ignored`, todo);
  }
}

/** Who may read the keys, in files and in git. */
export const keys: Check = {
  name: 'keys', title: 'Keys',
  async run({ home, env }, findings, signal) {
    const folder = path.join(home, 'keys');
    const found = await stat(folder).catch(() => undefined);
    const uid = process.getuid?.();
    let wrong = 0;
    const problem = (text: string, todo: string): void => {
      wrong += 1;
      findings.fail(text, todo);
    };
    const tlsKey = env['WAYBILL_TLS_KEY'] || undefined;
    const names = found?.isDirectory() === true ? await readdir(folder) : [];
    if (process.platform !== 'win32') {
      if (found !== undefined && (found.mode & 0o077) !== 0) problem(`${folder} is open to others (mode ${octal(found.mode)})`, `Close it: chmod 700 ${folder}.`);
      for (const file of [...names.map((name) => path.join(folder, name)), ...(tlsKey === undefined ? [] : [tlsKey])]) {
        const each = await stat(file).catch(() => undefined);
        if (each === undefined || !each.isFile()) continue;
        // Certificates' keys are often readable by a group of their own.
        const open = file === tlsKey ? each.mode & 0o007 : each.mode & 0o077;
        if (open !== 0) problem(`${file} can be ${(open & 0o022) === 0 ? 'read' : 'changed'} by ${(open & 0o007) === 0 ? 'its group' : 'everybody'} (mode ${octal(each.mode)})`, `Close it: chmod 600 ${file}; if others could have read it, replace it.`);
        else if (uid !== undefined && uid !== 0 && each.uid !== uid && file !== tlsKey) problem(`${file} belongs to account ${each.uid}, this is account ${uid}`, `Run as that account, or give it to this one: chown ${uid} ${file}.`);
      }
    }
    if (found === undefined) {
      if (wrong === 0) findings.ok('none yet; the first start makes them');
      return;
    }
    await notInGit(folder, findings, signal);
    if (findings.all.length === 0) findings.ok(`${names.length} in ${folder}, readable by their owner only`);
  },
};

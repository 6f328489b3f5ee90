import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { replaceFile } from '../../governance/files.ts';
import { lintTemplate } from '../../governance/template/lint/lint.ts';
import { packTemplate } from '../../governance/template/pack.ts';
import { UsageError } from '../accounts.ts';
import type { TemplateArguments } from './arguments.ts';
import { findingLines } from './lint.ts';

/** Where it goes: the file that was said, or one in the folder that was said, or here. */
function place(out: string | undefined, name: string): string {
  if (out === undefined) return name;
  return out.endsWith(path.sep) || (existsSync(out) && statSync(out).isDirectory()) ? path.join(out, name) : out;
}

/** `waybill template pack …`: one file that a catalogue takes; nothing is written when lint finds an error. */
export async function packCommand({ values, positionals: [folder, ...more] }: TemplateArguments): Promise<number> {
  if (folder === undefined || more.length > 0) throw new UsageError('Say which template to pack: one folder.');
  const errors = lintTemplate(folder).filter(({ level }) => level === 'error');
  if (errors.length > 0) {
    process.stderr.write(`${findingLines(errors, folder, process.stderr).join('\n')}\n\nwaybill template pack: nothing was written. Mend ${errors.length === 1 ? 'this error' : `these ${errors.length} errors`} first.\n`);
    return 1;
  }
  const { manifest: { id, version }, bytes, contentHash, target } = packTemplate(folder);
  const file = place(values.out, `${id.replace('/', '-')}-${version}.json`);
  await replaceFile(file, bytes);
  process.stdout.write(values.json === true
    ? `${JSON.stringify({ file, target, id, version, contentHash, bytes: bytes.byteLength }, undefined, 2)}\n`
    : `${file}: ${id}@${version}, ${bytes.byteLength} bytes\ncontent ${contentHash}\n`);
  return 0;
}

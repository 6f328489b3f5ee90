import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { replaceFile } from '../governance/files.ts';
import type { LintFinding } from '../governance/template/lint/finding.ts';
import { UsageError } from './accounts.ts';
import { findingLines } from './template/lint.ts';

/** What of a family is packed: its folder, linted first. */
export interface Packing {
  readonly what: 'template' | 'service';
  readonly lint: (folder: string) => readonly LintFinding[];
  readonly pack: (folder: string) => { readonly id: string; readonly version: string; readonly bytes: Uint8Array; readonly contentHash: string; readonly target: string };
}

/** Where it goes: the file that was said, or one in the folder that was said, or here. */
function placeOf(out: string | undefined, name: string): string {
  if (out === undefined) return name;
  return out.endsWith(path.sep) || (existsSync(out) && statSync(out).isDirectory()) ? path.join(out, name) : out;
}

/** `waybill template pack …`, `waybill service pack …`: one file that a catalogue takes; nothing is written when lint finds an error. */
export async function packFolder({ what, lint, pack }: Packing, values: { readonly out?: string | undefined; readonly json?: boolean | undefined }, [folder, ...more]: readonly string[]): Promise<number> {
  if (folder === undefined || more.length > 0) throw new UsageError(`Say which ${what} to pack: one folder.`);
  const errors = lint(folder).filter(({ level }) => level === 'error');
  if (errors.length > 0) {
    process.stderr.write(`${findingLines(errors, folder, process.stderr).join('\n')}\n\nwaybill ${what} pack: nothing was written. Mend ${errors.length === 1 ? 'this error' : `these ${errors.length} errors`} first.\n`);
    return 1;
  }
  const { id, version, bytes, contentHash, target } = pack(folder);
  const file = placeOf(values.out, `${id.replace('/', '-')}-${version}.json`);
  await replaceFile(file, bytes);
  process.stdout.write(values.json === true
    ? `${JSON.stringify({ file, target, id, version, contentHash, bytes: bytes.byteLength }, undefined, 2)}\n`
    : `${file}: ${id}@${version}, ${bytes.byteLength} bytes\ncontent ${contentHash}\n`);
  return 0;
}

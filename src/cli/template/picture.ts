import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { replaceFile } from '../../governance/files.ts';
import { PICTURE_FILE, flowPicture, isDrawn } from '../../governance/template/flow-picture.ts';
import { readTemplateFolder } from '../../governance/template/folder.ts';
import { TemplateError } from '../../governance/template/template-error.ts';
import { UsageError } from '../accounts.ts';
import type { TemplateArguments } from './arguments.ts';
import { harmless } from '../harmless.ts';

/** `waybill template picture …`: draws the flow beside it; a picture that somebody has made is left alone. */
export async function pictureCommand({ positionals }: TemplateArguments): Promise<number> {
  if (positionals.length === 0) throw new UsageError('Say which template to draw: its folder.');
  for (const folder of positionals) {
    const { flow, manifest, readme } = readTemplateFolder(folder);
    const file = path.join(folder, PICTURE_FILE);
    if (existsSync(file) && !isDrawn(readFileSync(file, 'utf8'))) throw new TemplateError('unreadable', `${file} was not drawn by this command, and was left as it is. Take it away to have it drawn.`);
    await replaceFile(file, Buffer.from(flowPicture(flow, manifest.title)));
    const shown = readme.includes(`(${PICTURE_FILE})`) ? '' : ` README.md does not show it yet: ![The flow](${PICTURE_FILE})`;
    process.stdout.write(`${harmless(`${file}: drawn.${shown}`)}\n`);
  }
  return 0;
}

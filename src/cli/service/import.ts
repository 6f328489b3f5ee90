import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { importOpenApi, OpenApiError } from '../../connectors/openapi/index.ts';
import { importWsdl, WsdlError } from '../../connectors/soap/index.ts';
import { UsageError } from '../accounts.ts';
import { say } from '../arguments.ts';
import { ServiceError } from '../../governance/service/service-error.ts';
import type { ServiceArguments } from './arguments.ts';

const WORD = '[a-z0-9]+(-[a-z0-9]+)*';

/** `waybill service import openapi …`: a draft of a service of an OpenAPI document or a WSDL, and what only a person knows of it. */
export function importCommand(given: ServiceArguments): Promise<number> {
  try {
    return Promise.resolve(draft(given));
  } catch (error) {
    if (error instanceof OpenApiError || error instanceof WsdlError) throw new ServiceError('unreadable', error.message, [], { cause: error });
    throw error;
  }
}

function draft({ values, positionals: [form, file, ...more] }: ServiceArguments): number {
  if (form !== 'openapi' && form !== 'wsdl') throw new UsageError('Say what the document is, openapi or wsdl, and its file.');
  const { out, id = out === undefined ? '' : out.split(/[/\\]/).filter((part) => part !== '').slice(-2).join('/'), system, owner, operation } = values;
  if (file === undefined || more.length > 0) throw new UsageError('Say which document, one.');
  if (out === undefined) throw new UsageError('Say where to, with --out services/<family>/<name>.');
  if (!new RegExp(`^${WORD}/${WORD}$`).test(id)) throw new UsageError(`"${id}" is no id of a service; say one with --id family/name, in small letters, digits and single dashes.`);
  if (system !== undefined && !new RegExp(`^${WORD}$`).test(system)) throw new UsageError(`"${system}" is no kind of system; write one word such as erp.`);
  const target = path.join(out, 'service.json');
  if (existsSync(target)) throw new OpenApiError(`${target} is there already; nothing was written. Take it away, or give another folder.`);
  const given = { id, date: new Date().toISOString().slice(0, 10), ...(system === undefined ? {} : { system }), ...(owner === undefined ? {} : { owner }), ...(operation === undefined ? {} : { only: operation }) };
  const { definition, notes } = form === 'openapi' ? importOpenApi(textOf(file), given) : importWsdl(textOf(file), { ...given, beside: (name) => textOf(path.join(path.dirname(file), ...name.split('/'))) });
  mkdirSync(out, { recursive: true });
  writeFileSync(target, `${JSON.stringify(definition, null, 2)}\n`, { flag: 'wx' });
  if (!existsSync(path.join(out, 'README.md'))) writeFileSync(path.join(out, 'README.md'), `# ${definition.title}\n\n${definition.description ?? 'What it is for, and who may call it.'}\n`);
  say(`${target}: ${id}@${definition.version} with ${Object.keys(definition.operations).length} operations. Look at these before it is published:`);
  for (const note of notes) say(`- ${note}`);
  return 0;
}

function textOf(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    throw new OpenApiError((error as NodeJS.ErrnoException).code === 'ENOENT' ? `${file} is not there.` : `${file} cannot be read: ${(error as Error).message}`);
  }
}

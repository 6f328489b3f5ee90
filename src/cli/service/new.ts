import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { PROTOCOLS } from '../../domain/service/index.ts';
import type { Protocol } from '../../domain/service/index.ts';
import { newService, newServicePage } from '../../governance/service/begin.ts';
import { DEFINITION_FILE } from '../../governance/service/folder.ts';
import { ServiceError } from '../../governance/service/service-error.ts';
import { UsageError } from '../accounts.ts';
import { answers } from '../ask.ts';
import { findingLines } from '../template/lint.ts';
import type { ServiceArguments } from './arguments.ts';
import { serviceFindings } from './lint.ts';

const line = (what: string, most: number) => (answer: string): string | undefined => (answer === '' || answer.length > most || answer.includes('\n') ? `${what} is one line of at most ${most} characters.` : undefined);

function write(folder: string, files: Readonly<Record<string, string>>): void {
  const there = Object.keys(files).map((name) => path.join(folder, name)).find((file) => existsSync(file));
  if (there !== undefined) throw new ServiceError('unreadable', `${there} is there already; nothing was written. Take it away, or give another folder.`);
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, content, { flag: 'wx' });
  }
}

/** `waybill service new …`: makes the folder of a service with one operation that reads and one that writes. */
export async function newCommand({ values, positionals: [given, ...more] }: ServiceArguments): Promise<number> {
  if (more.length > 0) throw new UsageError('Say one folder, or none.');
  const [id = '', title = '', owner = '', system = '', protocol = ''] = await answers([
    { option: 'id', text: 'Id (family/name, such as erp/goods-receipt)', given: values.id, problem: (answer) => (/^[a-z0-9]+(-[a-z0-9]+)*\/[a-z0-9]+(-[a-z0-9]+)*$/.test(answer) && answer.length <= 128 ? undefined : 'It is family/name, each of small letters, digits and single dashes.') },
    { option: 'title', text: 'Title', given: values.title, problem: line('The title', 120) },
    { option: 'owner', text: 'Who answers for it (a person or a department)', given: values.owner, problem: line('The owner', 120) },
    { option: 'system', text: 'Kind of system that offers it (such as erp, wms, tms)', given: values.system, problem: (answer) => (/^[a-z0-9]+(-[a-z0-9]+)*$/.test(answer) && answer.length <= 60 ? undefined : 'It is small letters, digits and single dashes.') },
    { option: 'protocol', text: `Protocol (${PROTOCOLS.join(', ')})`, given: values.protocol, problem: (answer) => ((PROTOCOLS as readonly string[]).includes(answer) ? undefined : `It is one of ${PROTOCOLS.join(', ')}.`) },
  ]);
  const folder = given ?? path.join('services', ...id.split('/'));
  const schema = path.relative(path.resolve(folder), fileURLToPath(import.meta.resolve('#package/resources/service.schema.json'))).split(path.sep).join('/');
  const made = newService({ id, title, owner, system, protocol: protocol as Protocol, date: new Date().toISOString().slice(0, 10) });
  write(folder, {
    [DEFINITION_FILE]: `${JSON.stringify({ $schema: schema, ...made.definition }, undefined, 1)}\n`, 'README.md': newServicePage(made.definition),
    ...Object.fromEntries(Object.entries(made.samples).map(([name, sample]) => [path.join('samples', name), `${JSON.stringify(sample, undefined, 1)}\n`])),
  });
  const findings = serviceFindings(folder);
  process.stdout.write([`${folder}: ${id}@${made.definition.version}, with an operation that reads and one that writes. Describe in their place what the system offers.`, ...(findings.length > 0 ? ['', 'Before it can be published:', ...findingLines(findings, folder, process.stdout)] : []), ''].join('\n'));
  return 0;
}

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { filesIn, read, root } from './support.ts';

/** Every page that the repository has; but those of tests' fixtures. */
function pages(): string[] {
  const atTheTop = readdirSync(root).filter((name) => name.endsWith('.md'));
  return [...atTheTop, ...filesIn(['docs', 'demo', 'examples', 'flows', 'test'], ['.md'])].filter((path) => !path.includes('/fixtures/'));
}

interface Link { readonly page: string; readonly path: string; readonly fragment: string | undefined }

function links(): Link[] {
  return pages().flatMap((page) => [...withoutCode(read(page)).matchAll(/\]\((?!https?:|mailto:)([^)\s#]*)(?:#([^)\s]*))?\)/g)].map(([, target, fragment]) => ({
    page, fragment, path: target === undefined || target === '' ? page : normalize(join(dirname(page), target)),
  })));
}

function withoutCode(text: string): string {
  return text.replaceAll(/```.*?```/gs, '').replaceAll(/`[^`\n]*`/g, '');
}

/** Anchors of a page's headings, as GitHub makes them. */
function anchors(page: string): Set<string> {
  return new Set([...read(page).replaceAll(/```.*?```/gs, '').matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    (heading ?? '').trim().toLowerCase().replaceAll(/[^\p{L}\p{N}\p{M} _-]/gu, '').replaceAll(' ', '-')));
}

describe('links and commands of the documentation', () => {
  it('lead to files and headings that are there', () => {
    const broken = links().filter(({ path, fragment }) => !existsSync(join(root, path)) || (fragment !== undefined && path.endsWith('.md') && !anchors(path).has(fragment)));
    assert.deepEqual(broken.map(({ page, path, fragment }) => `${page}: ${path}${fragment === undefined ? '' : `#${fragment}`}`), []);
  });

  it('have pictures that are used and small', () => {
    const used = new Set(links().map(({ path }) => path));
    const pictures = filesIn(['docs/pictures'], ['.png', '.svg', '.jpg', '.webp']);
    assert.ok(pictures.length >= 10);
    assert.deepEqual(pictures.filter((picture) => !used.has(picture) && !read('scripts/screenshots/overview.ts').includes(picture.split('/').at(-1)?.split('.')[0] ?? '')), []);
    assert.deepEqual(pictures.filter((picture) => statSync(join(root, picture)).size > 150_000), []);
  });

  it('name npm scripts that exist', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
    const unknown = pages().flatMap((page) => [...read(page).matchAll(/\bnpm (?:run )?(?:--silent )?(start|test|run ([a-z:]+))\b/g)].flatMap(([, direct, named]) => {
      const name = named ?? direct ?? '';
      return name.startsWith('run') || Object.hasOwn(scripts, name) ? [] : [`${page}: ${name}`];
    }));
    assert.deepEqual(unknown, []);
    for (const [, name] of pages().map(read).join('\n').matchAll(/\bnpm run (?:--silent )?([a-z][a-z:]*)/g)) assert.ok(Object.hasOwn(scripts, name ?? ''), name);
  });

  it('name commands, actions and options of the command line that exist', () => {
    const help = new Map(filesIn(['src/cli/commands'], ['.ts']).map((path) => [path.split('/').at(-1)?.replace('.ts', '') ?? '', read(path)]));
    const wrong: string[] = [];
    for (const page of pages()) {
      for (const [line, command, rest] of read(page).matchAll(/(?:npm run (?:--silent )?waybill --|npx waybill|^waybill|`waybill) ([a-z]+)([^`\n#]*)/gm)) {
        const source = help.get(command ?? '');
        if (source === undefined) wrong.push(`${page}: ${line}`);
        const action = /^ ([a-z][a-z|-]*)/.exec(rest ?? '')?.[1];
        if (source !== undefined && ['ledger', 'user', 'token'].includes(command ?? '') && action !== undefined) {
          for (const each of action.split('|')) if (!new RegExp(`waybill ${command ?? ''} [^\\n]*\\b${each}\\b`).test(source)) wrong.push(`${page}: ${line}`);
        }
        // What stands in quotes is another program's.
        for (const [, option] of (rest ?? '').replaceAll(/'[^']*'/g, '').matchAll(/ --([a-z-]+)/g)) {
          if (source !== undefined && !source.includes(`--${option ?? ''}`) && !source.includes(`${option ?? ''}:`) && !source.includes(`'${option ?? ''}'`)) wrong.push(`${page}: --${option ?? ''} of ${line}`);
        }
      }
    }
    assert.deepEqual(wrong, []);
  });
});

import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'vue/compiler-sfc';
import { ROOT } from '../../scripts/lib/paths.ts';
import { de } from '../../src/web/ui/locales/de/index.ts';
import { en } from '../../src/web/ui/locales/en/index.ts';

type Text = string | { readonly one: string; readonly other: string };
const ui = path.join(ROOT, 'src/web/ui');
const english = Object.entries(en) as [string, Text][];
const german = de as Readonly<Record<string, Text>>;
const forms = (text: Text): string[] => (typeof text === 'string' ? [text] : [text.one, text.other]);
const placeholders = (text: string): string[] => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort();

/** Words that are the same in both languages, and texts that are nothing but placeholders, codes and signs. */
const SAME_IN_BOTH = new Set([
  'Waybill', 'Name', 'System', 'Status', 'Text', 'Topic', 'Node.js', 'Node-RED', 'Bytes', 'Byte', 'SSCC', 'GTIN', 'Station', 'PIN', 'API', 'ERP', 'SHA-256', 'Version', 'Details', 'Position', 'JSON', 'Administrator', 'Auditor', 'Hash', 'Token', 'Test', 'Online', 'Offline', 'Scan', 'Scans', 'Material', 'Installation', 'Code', 'Person', 'Operation',
]);

function isSame(text: string): boolean {
  const words = text.replace(/\{\w+\}/g, ' ').match(/\p{L}[\p{L}\p{N}.-]*/gu) ?? [];
  return words.every((word) => SAME_IN_BOTH.has(word) || SAME_IN_BOTH.has(text) || word.length <= 2);
}

interface Node { readonly type: number; readonly tag?: string; readonly content?: unknown; readonly children?: readonly Node[]; readonly props?: readonly { readonly type: number; readonly name: string; readonly value?: { readonly content: string } }[]; readonly loc: { readonly start: { readonly line: number } } }
const SPOKEN = new Set(['title', 'aria-label', 'placeholder', 'alt', 'label', 'aria-description', 'summary']);
/** Signs and units that belong to no language. */
const NO_LANGUAGE = /^(?:Waybill|Node-RED|Node\.js|JSON|SHA-256|ms|kB|MB|GB|h|min|s|wb_|p50|p95|p99|×|UTC)$/;

function literalTexts(file: string): string[] {
  const found: string[] = [];
  const { descriptor } = parse(readFileSync(file, 'utf8'), { filename: file });
  const visit = (node: Node): void => {
    const literal = (text: string): void => {
      const trimmed = text.trim();
      if (/\p{L}/u.test(trimmed) && !NO_LANGUAGE.test(trimmed)) found.push(`${path.relative(ROOT, file)}:${node.loc.start.line}: ${trimmed}`);
    };
    if (node.type === 2 && typeof node.content === 'string') literal(node.content);
    for (const prop of node.props ?? []) if (prop.type === 6 && SPOKEN.has(prop.name)) literal(prop.value?.content ?? '');
    // What is on a key's cap is no word.
    if (node.tag !== 'kbd') for (const child of node.children ?? []) visit(child);
  };
  if (descriptor.template?.ast !== undefined) visit(descriptor.template.ast as unknown as Node);
  return found;
}

describe('web: texts of the pages', () => {
  const sources = globSync('**/*.{vue,ts}', { cwd: ui }).filter((file) => !file.startsWith('locales/')).map((file) => readFileSync(path.join(ui, file), 'utf8')).join('\n');

  it('are there in German for every English one, and no others', () => {
    assert.deepEqual(Object.keys(german).sort(), english.map(([key]) => key).sort());
  });

  it('have the same placeholders and plural forms in both languages', () => {
    for (const [key, text] of english) {
      const other = german[key]!;
      assert.equal(typeof other, typeof text, key);
      const union = (all: Text): string[] => [...new Set(forms(all).flatMap(placeholders))].sort();
      assert.deepEqual(union(other), union(text), key);
    }
  });

  it('are translated', () => {
    const untranslated = english.filter(([key, text]) => forms(text).some((form, index) => form === forms(german[key]!)[index] && !isSame(form))).map(([key, text]) => `${key}: ${forms(text).join(' | ')}`);
    assert.deepEqual(untranslated, []);
  });

  it('stand in the locales, never in templates or attributes', () => {
    assert.deepEqual(globSync('**/*.vue', { cwd: ui }).flatMap((file) => literalTexts(path.join(ui, file))), []);
  });

  it('are all used', () => {
    const patterns = [...sources.matchAll(/[`]([A-Za-z][\w-]*\.(?:[^`\\$]|\$\{[^}]*\})*)[`]/g)].map((match) => match[1]!).filter((text) => text.includes('${'))
      .map((text) => new RegExp(`^${text.split(/\$\{[^}]*\}/).map((part) => part.replace(/[.*+?^$()|[\]\\]/g, '\\$&')).join('[\\w.-]+')}$`));
    // Words for codes: `spoken('line.method', code)`.
    for (const [, prefix] of sources.matchAll(/\bspoken\('([\w.-]+)'/g)) patterns.push(new RegExp(`^${prefix!.replaceAll('.', '\\.')}\\.[\\w-]+$`));
    const unused = english.map(([key]) => key).filter((key) => !sources.includes(`'${key}'`) && !patterns.some((pattern) => pattern.test(key)));
    assert.deepEqual(unused, []);
  });
});

it('every event of a case has words of its own', () => {
  const source = readFileSync(path.join(ROOT, 'src/domain/events.ts'), 'utf8');
  const ofCases = source.slice(source.indexOf('// ── case '), source.lastIndexOf('CommandRefused'));
  const types = [...ofCases.matchAll(/^ {2}([A-Z]\w+): \{/gm)].map((match) => match[1] ?? '').filter((type) => !/^(Signal|Circuit|Service(Stopped|Released)|Replay(Batch|Item)|EventReplay|Quarantin|Handover|Change(Requested|Withdrawn)|Waiver|Deploy|BreakGlass|Device|IntakePosition|ControlNumber|DocumentReceived)/.test(type));
  assert.ok(types.length > 60, `only ${types.length} found`);
  assert.deepEqual(types.filter((type) => !english.some(([key]) => key === `event.${type}` || key.startsWith(`event.${type}.`))), []);
});

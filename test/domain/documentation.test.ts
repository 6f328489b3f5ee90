import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';

import ts from 'typescript';

import { refusalText } from '../../src/domain/index.ts';

const root = path.join(import.meta.dirname, '../..');

function sourceOf(file: string): ts.SourceFile {
  return ts.createSourceFile(file, readFileSync(path.join(root, file), 'utf8'), ts.ScriptTarget.ESNext, true);
}

/** Property names of a type literal, with `?` when optional. */
function fieldsOf(type: ts.TypeNode | undefined): string[] {
  if (type === undefined || !ts.isTypeLiteralNode(type)) return [];
  return type.members.filter(ts.isPropertySignature).map((m) => `${m.name.getText()}${m.questionToken === undefined ? '' : '?'}`);
}

/** Members of an interface of events.ts: event type to its fields. */
function membersOf(name: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const statement of sourceOf('src/domain/events.ts').statements) {
    if (!ts.isInterfaceDeclaration(statement) || statement.name.text !== name) continue;
    for (const member of statement.members) if (ts.isPropertySignature(member)) found.set(member.name.getText(), fieldsOf(member.type));
  }
  return found;
}

/** Rows of the page's tables that begin with a name in back-quotes: name to the texts of the other cells. */
function rowsOf(page: string): Map<string, string[]> {
  const rows = new Map<string, string[]>();
  for (const line of readFileSync(path.join(root, page), 'utf8').split('\n')) {
    const [, name, ...cells] = line.split('|').map((cell) => cell.trim());
    const [, key] = /^`([A-Za-z-]+)`$/.exec(name ?? '') ?? [];
    if (key === undefined) continue;
    assert.ok(!rows.has(key), `${key} stands twice in ${page}`);
    rows.set(key, cells.slice(0, -1));
  }
  return rows;
}

describe('documentation of the domain', () => {
  const data = membersOf('EventData');
  const documented = rowsOf('docs/events.md');

  it('has a row for every event type, and for nothing else', () => {
    assert.ok(data.size > 40);
    assert.deepEqual([...documented.keys()].sort(), [...data.keys()].sort());
  });

  for (const [column, name, members] of [[1, 'data', data], [2, 'business content', membersOf('EventContent')], [3, 'personal content', membersOf('EventPersonal')]] as const) {
    it(`names the ${name} of every event type`, () => {
      for (const [type, cells] of documented) {
        const fields = members.get(type) ?? [];
        assert.equal(cells[column], fields.length === 0 ? '-' : fields.map((f) => `\`${f}\``).join(', '), `${type}: ${name}`);
      }
    });
  }

  it('says what every event type means', () => {
    for (const [type, cells] of documented) assert.match(cells[0] ?? '', /\.$/, type);
  });

  it('has a row with its sentence for every refusal code, and for nothing else', () => {
    const rows = rowsOf('docs/refusals.md');
    assert.deepEqual([...rows.keys()].sort(), Object.keys(refusalText).sort());
    for (const [code, [sentence, advice]] of rows) {
      assert.equal(sentence, refusalText[code as keyof typeof refusalText], code);
      assert.match(advice ?? '', /\.$/, code);
    }
  });

  it('gives every refusal a sentence of its own', () => {
    const sentences = Object.values(refusalText);
    assert.equal(new Set(sentences).size, sentences.length);
    for (const sentence of sentences) assert.match(sentence, /^[A-Z].*\.$/);
  });
});

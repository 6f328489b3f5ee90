import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { FORM_PARTS, readForm } from '../../scripts/lib/form-parts.ts';
import { formOf, nodesWithForm, read } from './support/sources.ts';

describe('edit forms', () => {
  for (const node of nodesWithForm()) {
    const form = formOf(node);

    it(`${node}: every field has a label`, () => {
      const fields = [...form.matchAll(/<(?:input|select)\b([^>]*)>/g)].map(([, attributes = '']) => attributes).filter((attributes) => !attributes.includes('type="hidden"'));
      assert.ok(fields.length > 1, 'the test found the fields');
      for (const attributes of fields) {
        const [, id = ''] = /id="([^"]+)"/.exec(attributes) ?? [];
        assert.ok(form.includes(`<label for="${id}"`) || attributes.includes('[aria-label]'), id);
      }
    });

    it(`${node}: every label belongs to something`, () => {
      for (const [, id = ''] of form.matchAll(/<label for="([^"]+)"/g)) {
        assert.ok(form.includes(`id="${id}"`), id);
      }
    });
  }

  it('every part stands in more than one form', () => {
    /** A form with what it names, and what its parts name. */
    const named = (text: string): string => [text, ...[...text.matchAll(/<!-- part: ([\w-]+) -->/g)].map(([, part = '']) => named(readFileSync(path.join(FORM_PARTS, `${part}.html`), 'utf8')))].join('\n');
    const forms = nodesWithForm().map((node) => named(read('nodes', node, 'form.html')));
    for (const file of readdirSync(FORM_PARTS)) {
      const line = `<!-- part: ${path.basename(file, '.html')} -->`;
      assert.ok(forms.filter((form) => form.includes(line)).length > 1, file);
    }
  });

  it('a part that does not exist is said with the form that names it', () => {
    const file = path.join(mkdtempSync(path.join(tmpdir(), 'waybill-form-')), 'form.html');
    writeFileSync(file, '<div>\n  <!-- part: no-such-row -->\n</div>\n');
    assert.throws(() => readForm(file), /form\.html names the part no-such-row, and there is no src\/editor\/form-parts\/no-such-row\.html/);
  });
});

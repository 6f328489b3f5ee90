import assert from 'node:assert/strict';

import { nodesWithForm, read } from './support/sources.ts';

describe('edit forms', () => {
  for (const node of nodesWithForm()) {
    const form = read('nodes', node, 'form.html');

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
});

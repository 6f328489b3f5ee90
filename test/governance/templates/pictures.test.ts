import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { templateFolders, templatePicture } from '../../../scripts/template-picture.ts';

describe('the pictures of templates', () => {
  for (const folder of templateFolders()) {
    it(`${path.basename(folder)} is drawn from its flow, and its page shows it`, () => {
      assert.equal(readFileSync(path.join(folder, 'flow.svg'), 'utf8'), templatePicture(folder), 'The flow has changed; run node scripts/template-picture.ts.');
      assert.match(readFileSync(path.join(folder, 'README.md'), 'utf8'), /!\[[^\]]+\]\(flow\.svg\)/);
    });
  }
});

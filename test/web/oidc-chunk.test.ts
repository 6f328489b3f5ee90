import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { DIST } from '../../scripts/lib/paths.ts';

describe('web: the OpenID Connect library in the built package', () => {
  it('lies in a chunk of its own, which is loaded by the first sign-in only', function () {
    if (!existsSync(path.join(DIST, 'chunks'))) this.skip();
    const files = readdirSync(DIST, { recursive: true, encoding: 'utf8' }).filter((file) => /\.c?js$/.test(file) && !file.startsWith('ui'));
    const text = (file: string): string => readFileSync(path.join(DIST, file), 'utf8');
    const holders = files.filter((file) => /function authorizationCodeGrant\(/.test(text(file)));
    assert.equal(holders.length, 1);
    const name = path.basename(holders[0] ?? '');
    const users = files.filter((file) => file !== holders[0] && text(file).includes(name));
    assert.ok(users.length > 0);
    for (const file of users) {
      assert.doesNotMatch(text(file), new RegExp(`(?:from|import)\\s*["'][^"']*${name.replaceAll('.', '\\.')}["']`), file);
      assert.match(text(file), new RegExp(`import\\(["'][^"']*${name.replaceAll('.', '\\.')}["']\\)`), file);
    }
  });
});

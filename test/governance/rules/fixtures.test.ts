import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { RULES } from '../../../src/governance/gate/rules/index.ts';
import { readFlows } from '../../../src/governance/gate/rules/read-flows.ts';
import { runRules } from '../../../src/governance/gate/rules/run.ts';
import { fixtureContext } from '../support/fixture-context.ts';
import type { Fixture } from '../support/fixture-context.ts';

const folder = import.meta.dirname;
const page = (code: string): string => path.join(folder, '../../../docs/rules', `${code}.md`);

function fixtures(code: string): readonly { readonly name: string; readonly fixture: Fixture }[] {
  if (!existsSync(path.join(folder, code))) return [];
  return readdirSync(path.join(folder, code)).filter((name) => name.endsWith('.json')).sort()
    .map((name) => ({ name, fixture: JSON.parse(readFileSync(path.join(folder, code, name), 'utf8')) as Fixture }));
}

for (const rule of RULES) {
  describe(`rule ${rule.code}`, () => {
    it('has a page with its name, level and options, and fixtures of both kinds', () => {
      const text = readFileSync(page(rule.code), 'utf8');
      assert.match(text, new RegExp(`^# ${rule.code}\n`));
      assert.ok(text.includes(`| \`${rule.level}\` |`), `the page says the level ${rule.level}`);
      assert.ok(rule.elsewhere === undefined || text.includes(`| \`${rule.level}\` | \`${rule.elsewhere}\` |`), 'the page says the level elsewhere');
      for (const option of Object.keys(rule.options ?? {})) assert.ok(text.includes(`\`${option}\``), `the page says what ${option} is`);
      const names = fixtures(rule.code).map(({ name }) => name);
      assert.ok(names.some((name) => name.startsWith('valid-')) && names.some((name) => name.startsWith('invalid-')), names.join(', '));
    });
    for (const { name, fixture } of fixtures(rule.code)) {
      it(`${name.startsWith('valid-') ? 'passes' : 'finds'} ${name}: ${fixture.about}`, () => {
        const { context, policy } = fixtureContext(fixture);
        const found = runRules(readFlows(fixture.flows), context, policy, { rules: [rule] });
        const seen = found.map(({ level, node, property, message }) => ({ level, node: node?.id ?? null, ...(property === undefined ? {} : { property }), message }));
        assert.equal(name.startsWith('valid-'), fixture.finds === undefined || fixture.finds.length === 0);
        const expected = (fixture.finds ?? []).map((each) => ({ level: rule.level, ...each }));
        assert.equal(seen.length, expected.length, JSON.stringify(seen, null, 1));
        expected.forEach((each, at) => {
          assert.deepEqual({ ...seen[at], message: undefined }, { ...each, message: undefined });
          assert.ok(seen[at]!.message.includes(each.message), `${seen[at]!.message}\ndoes not say\n${each.message}`);
        });
        for (const { mend, message } of found) assert.ok(/^[A-Z0-9“"].*[.]$/su.test(message) && /^[A-Z].*[.]$/su.test(mend), `${message} ${mend}`);
      });
    }
  });
}

describe('pages of rules', () => {
  it('are on the list in docs/gate.md, each with its levels', () => {
    const list = readFileSync(path.join(folder, '../../../docs/gate.md'), 'utf8');
    for (const { code, title, level, elsewhere } of RULES) assert.ok(list.includes(`| [${code}](rules/${code}.md) | ${title} | \`${level}\` | \`${elsewhere ?? level}\` |`), code);
  });

  it('are of rules that are there', () => {
    const codes = RULES.map(({ code }) => code);
    assert.deepEqual(readdirSync(path.dirname(page('x'))).filter((name) => name !== 'README.md').map((name) => name.replace('.md', '')).sort(), [...codes].sort());
    assert.equal(new Set(codes).size, codes.length);
    assert.ok(codes.every((code) => /^[a-z]+(-[a-z]+)*$/.test(code)));
  });
});

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../../scripts/lib/paths.ts';
import { receivingFlow } from '../../scripts/receiving-flow.ts';
import { contentHash } from '../../src/governance/template/normal-form.ts';
import { packTemplate } from '../../src/governance/template/pack.ts';

const file = readFileSync(path.join(ROOT, 'flows/receiving.json'), 'utf8');
const flow = JSON.parse(file) as Parameters<typeof contentHash>[0];

describe('the receiving flow of npm start', () => {
  it('is the goods receipt template as it is installed', () => {
    assert.equal(file, receivingFlow(), 'The template has changed; run node scripts/receiving-flow.ts.');
  });

  it('has the content that is published', () => {
    assert.equal(contentHash(flow), packTemplate(path.join(ROOT, 'templates/procure-to-pay/goods-receipt')).contentHash);
  });
});

import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pictureCommand } from '../../../src/cli/template/picture.ts';
import { flowPicture } from '../../../src/governance/template/flow-picture.ts';
import { templateFolder } from './support/templates.ts';

const at = { x: 200, y: 100, z: 'sub' };

describe('the picture of a flow', () => {
  it('shows a block as the editor does: its ends, junctions, what is switched off, and names as they are', () => {
    const svg = flowPicture([
      { id: 'sub', type: 'subflow', name: 'Count', in: [{ x: 40, y: 100, wires: [{ id: 'a' }] }], out: [{ x: 400, y: 80, wires: [{ id: 'j', port: 0 }] }, { x: 400, y: 140, wires: [{ id: 'a', port: 1 }, { id: 'sub', port: 0 }] }] },
      { id: 'a', type: 'waybill-approval', ...at, name: 'A & <B> "C"\u0007', wires: [['j'], []] },
      { id: 'j', type: 'junction', ...at, x: 320, wires: [[]] },
      { id: 'off', type: 'change', ...at, y: 160, d: true, wires: [['gone']] },
      { id: 'use', type: 'subflow:sub', wires: [[], []] },
    ], 'Two & two');
    assert.equal(svg.match(/<path /g)?.length, 5, 'in, to the junction, to the first end, to the second, and straight through');
    for (const shown of ['<title>Two &amp; two</title>', '>in</text>', '>out 1</text>', '>out 2</text>', 'A &amp; &lt;B&gt; &quot;C&quot; <', 'stroke-dasharray']) assert.ok(svg.includes(shown), shown);
    assert.equal(/Infinity|NaN|undefined/.test(svg + flowPicture([], 'Nothing')), false);
  });

  it('is drawn anew by the command, but never over one that somebody has made', async () => {
    const folder = templateFolder();
    try {
      await assert.rejects(pictureCommand({ values: {}, positionals: [folder] }), /was not drawn by this command/);
      const file = path.join(folder, 'flow.svg');
      rmSync(file);
      assert.equal(await pictureCommand({ values: {}, positionals: [folder] }), 0);
      const drawn = readFileSync(file, 'utf8');
      writeFileSync(file, drawn.replace('ask', 'old'));
      await pictureCommand({ values: {}, positionals: [folder] });
      assert.equal(readFileSync(file, 'utf8'), drawn);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

import assert from 'node:assert/strict';
import { decode, fromBase64, hexDump, stretchesOf, visibleString } from '../../src/web/ui/text/bytes.ts';
import { mergedEdges, relevantPath } from '../../src/web/ui/text/case-path.ts';
import { linePath, ticksFor } from '../../src/web/ui/text/chart.ts';
import { parseObject } from '../../src/web/ui/text/json-input.ts';
import { curve, layoutPath } from '../../src/web/ui/text/path-layout.ts';

const edge = (from: string | null, to: string, passed = 1, label?: string) => ({ from, to, passed, waiting: 0, ...(label === undefined ? {} : { label }) });
const node = (address: string, state: 'done' | 'waiting' | 'ahead') => ({ address, stepId: address, name: '', nodeType: 'waybill-call', state, visits: 1, firstEnteredAt: null, lastLeftAt: null });
const sizes = { main: 100, cross: 50, mainGap: 40, crossGap: 10 };

describe('web: what the console draws and reads', () => {
  it('layers a path along the flow, and no two steps lie on each other', () => {
    const { nodes, edges, rows } = layoutPath(['a', 'b', 'c', 'd'], [edge(null, 'a'), edge('a', 'b'), edge('a', 'c'), edge('b', 'd'), edge('c', 'd'), edge('a', 'd')], sizes);
    assert.deepEqual(nodes.map(({ layer }) => layer), [0, 1, 1, 2]);
    assert.ok(Math.abs(nodes[1]!.cross - nodes[2]!.cross) >= sizes.cross + sizes.crossGap - 1e-9);
    assert.deepEqual(rows.map(({ steps, passing }) => [steps, passing]), [[1, 0], [2, 1], [1, 0]]);
    assert.equal(edges.find(({ edge: { from, to } }) => from === 'a' && to === 'd')!.points.length, 3, 'a long way passes through its layer');
  });

  it('draws loops as ways back, and steps that lead to themselves not at all', () => {
    const { nodes, edges } = layoutPath(['a', 'b'], [edge('a', 'b'), edge('b', 'a'), edge('a', 'a')], sizes);
    assert.deepEqual(nodes.map(({ layer }) => layer), [0, 1]);
    assert.deepEqual(edges.map(({ back }) => back), [false, true]);
    assert.match(curve(edges[0]!.points, false), /^M100 /);
  });

  it('stays within the room of a phone: ends of ways stand below each other', () => {
    const ends = ['p', 'q', 'r', 's'];
    const { nodes } = layoutPath(['a', ...ends], ends.map((end) => edge('a', end)), { ...sizes, cross: 110, beside: 2, room: 280 });
    assert.ok(nodes.every(({ cross }) => cross - 55 >= -1e-9 && cross + 55 <= 280 + 1e-9), JSON.stringify(nodes));
    assert.deepEqual([...new Set(nodes.map(({ layer }) => layer))].sort(), [0, 1, 2]);
  });

  it('shows what happened and what may come next, and wires between the same steps as one', () => {
    const nodes = [node('a', 'done'), node('b', 'waiting'), node('c', 'ahead'), node('d', 'ahead'), node('x', 'ahead')];
    const path = relevantPath({ nodes, edges: [edge(null, 'a'), edge('a', 'b'), edge('a', 'x', 0), edge('b', 'c', 0), edge('c', 'd', 0)] });
    assert.deepEqual(path.nodes.map(({ address }) => address), ['a', 'b', 'c']);
    assert.deepEqual(mergedEdges([edge('a', 'b', 1, 'yes'), edge('a', 'b', 2, 'no')]), [{ from: 'a', to: 'b', passed: 3, waiting: 0, label: 'yes, no' }]);
  });

  it('makes visible what would hide or reorder text, and says its name', () => {
    const text = 'A\u202eB\u200bC\u0000D\u00a0E\n';
    assert.equal(visibleString(text), 'A‹U+202E›B‹U+200B›C␀D‹U+00A0›E\n');
    assert.deepEqual(stretchesOf(text).flatMap(({ hidden }) => hidden ?? []), ['U+202E RLO', 'U+200B ZWSP', 'U+0000 NUL', 'U+00A0 NBSP']);
    assert.equal(visibleString(decode(Uint8Array.of(0xef, 0xbb, 0xbf, 0x41))), '‹U+FEFF›A', 'a byte order mark is not swallowed');
    assert.equal(hexDump(Uint8Array.of(0x3c, 0x00)), `0000  3c 00${' '.repeat(42)}  <·`);
    assert.equal(fromBase64('<'), undefined);
  });

  it('says where JSON goes wrong', () => {
    assert.deepEqual(parseObject('{"a":1}').object, { a: 1 });
    const { problem } = parseObject('{\n  "a": ]\n}');
    assert.deepEqual([problem?.line, problem?.column], [2, 8]);
    assert.equal(parseObject('[1]').problem?.message, '{ … }');
    assert.deepEqual([parseObject('{').problem?.line, parseObject('{').problem?.column], [1, 2]);
    assert.deepEqual([parseObject('{"a":1,}').problem?.column, parseObject('{"a":"\n"}').problem?.column, parseObject('{} x').problem?.column], [8, 6, 4]);
  });

  it('divides an axis into round steps, and breaks a line where samples are missing', () => {
    assert.deepEqual(ticksFor(75), [0, 20, 40, 60, 80]);
    assert.deepEqual(ticksFor(0), [0, 1]);
    assert.deepEqual(ticksFor(0.2), [0, 0.05, 0.1, 0.15, 0.2]);
    assert.equal(linePath([{ at: 0, x: 0, y: 1 }, { at: 5, x: 1, y: 2 }, { at: 99, x: 9, y: 3 }], 10), 'M0.0 1.0L1.0 2.0M9.0 3.0');
  });
});

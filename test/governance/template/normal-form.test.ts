import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import type { FlowNode } from '../../../src/governance/gate/rules/flows.ts';
import { contentHash, normalForm } from '../../../src/governance/template/normal-form.ts';

const root = path.join(import.meta.dirname, '../../..');
const read = (file: string): readonly FlowNode[] => JSON.parse(readFileSync(path.join(root, file), 'utf8')) as readonly FlowNode[];
const examples = readdirSync(path.join(root, 'examples')).filter((name) => name.endsWith('.json')).map((name) => `examples/${name}`);
const receiving = read('flows/receiving.json');

/** A block with everything that a subflow can have: a passage, a status, a scoped config node, a nested subflow, groups, links. */
const block: readonly FlowNode[] = [
  { id: 'aaaaaaaaaaaaaaaa', type: 'subflow', name: 'Check', info: 'text', category: 'Waybill', in: [{ x: 1, y: 2, wires: [{ id: 'aaaaaaaaaaaaaa01' }] }], out: [{ x: 3, y: 4, wires: [{ id: 'aaaaaaaaaaaaaa02', port: 1 }] }, { x: 3, y: 4, wires: [{ id: 'aaaaaaaaaaaaaaaa', port: 0 }] }], env: [{ name: 'limit', type: 'num', value: '5', ui: { label: { 'en-US': 'Limit' } } }], status: { x: 1, y: 1, wires: [{ id: 'aaaaaaaaaaaaaa03', port: 0 }] } },
  { id: 'aaaaaaaaaaaaaa01', type: 'function', z: 'aaaaaaaaaaaaaaaa', g: 'aaaaaaaaaaaaaa10', name: 'weigh', func: 'return msg;', outputs: 2, x: 10, y: 10, wires: [['aaaaaaaaaaaaaa02', 'aaaaaaaaaaaaaa03'], []] },
  { id: 'aaaaaaaaaaaaaa02', type: 'switch', z: 'aaaaaaaaaaaaaaaa', name: '', property: 'payload', rules: [{ t: 'gt', v: '${limit}' }, { t: 'else' }], x: 10, y: 10, wires: [[], ['aaaaaaaaaaaaaa04']] },
  { id: 'aaaaaaaaaaaaaa03', type: 'status', z: 'aaaaaaaaaaaaaaaa', scope: ['aaaaaaaaaaaaaa01', 'aaaaaaaaaaaaaa02'], x: 10, y: 10, wires: [[]] },
  { id: 'aaaaaaaaaaaaaa04', type: 'mqtt out', z: 'aaaaaaaaaaaaaaaa', topic: 'a', broker: 'bbbbbbbbbbbbbbbb', x: 10, y: 10, wires: [] },
  { id: 'aaaaaaaaaaaaaa05', type: 'subflow:cccccccccccccccc', z: 'aaaaaaaaaaaaaaaa', env: [{ name: 'n', type: 'num', value: '1' }], x: 10, y: 10, wires: [] },
  { id: 'aaaaaaaaaaaaaa06', type: 'link out', z: 'aaaaaaaaaaaaaaaa', mode: 'link', links: ['aaaaaaaaaaaaaa07', 'aaaaaaaaaaaaaa08'], x: 10, y: 10, wires: [] },
  { id: 'aaaaaaaaaaaaaa07', type: 'link in', z: 'aaaaaaaaaaaaaaaa', name: 'one', links: ['aaaaaaaaaaaaaa06'], x: 10, y: 10, wires: [['aaaaaaaaaaaaaa05']] },
  { id: 'aaaaaaaaaaaaaa08', type: 'link in', z: 'aaaaaaaaaaaaaaaa', name: 'two', links: ['aaaaaaaaaaaaaa06'], x: 10, y: 10, wires: [[]] },
  { id: 'aaaaaaaaaaaaaa10', type: 'group', z: 'aaaaaaaaaaaaaaaa', name: 'a', nodes: ['aaaaaaaaaaaaaa01'], env: [{ name: 'inner', type: 'str', value: 'x' }], x: 1, y: 1, w: 9, h: 9 },
  { id: 'bbbbbbbbbbbbbbbb', type: 'mqtt-broker', name: 'ours', broker: 'broker.example' },
  { id: 'cccccccccccccccc', type: 'subflow', name: 'inner', in: [], out: [], env: [{ name: 'n', type: 'num', value: '0' }] },
  { id: 'cccccccccccccc01', type: 'inject', z: 'cccccccccccccccc', name: '', x: 1, y: 1, wires: [[]] },
];

/** What Node-RED's *import copy*, another place on the canvas and another order make of nodes. */
function moved(nodes: readonly FlowNode[], seed: readonly number[], order: readonly number[]): FlowNode[] {
  const ids = new Map(nodes.map(({ id }, i) => [id, (seed[i % seed.length]! * 4096 + i).toString(16).padStart(16, '0')]));
  const renamed = (value: unknown): unknown => {
    if (typeof value === 'string') return ids.get(value) ?? value.replace(/^subflow:(.*)$/s, (_all, id: string) => `subflow:${ids.get(id) ?? id}`);
    if (Array.isArray(value)) return value.map(renamed);
    return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value).reverse().map(([name, each]) => [name, renamed(each)])) : value;
  };
  const copies = nodes.map((node, i) => {
    const copy = renamed(node) as Record<string, unknown>;
    for (const name of ['x', 'y', 'w', 'h']) if (name in copy) copy[name] = seed[i % seed.length];
    if (Array.isArray(copy['wires'])) copy['wires'] = (copy['wires'] as string[][]).map((wires) => [...wires].reverse());
    if (copy['type'] === 'link out' || copy['type'] === 'status') for (const name of ['links', 'scope']) if (Array.isArray(copy[name])) copy[name] = [...copy[name] as string[]].reverse();
    return copy as unknown as FlowNode;
  });
  return copies.map((copy, i) => [order[i % order.length]!, i, copy] as const).sort(([a, i], [b, j]) => a - b || i - j).map(([, , copy]) => copy);
}

const anySeed = fc.array(fc.nat(0xffffff), { minLength: 1, maxLength: 40 });

describe('normal form of a template', () => {
  it('is the same under other ids, in other places and in another order', () => {
    const subjects = [block, receiving, ...examples.map(read)].map((nodes) => ({ nodes, hash: contentHash(nodes) }));
    fc.assert(fc.property(fc.constantFrom(...subjects), anySeed, anySeed, ({ nodes, hash }, seed, order) => {
      assert.equal(contentHash(moved(nodes, seed, order)), hash);
    }), { numRuns: 300 });
  });

  it('does not take up what is there for the eye', () => {
    const hash = contentHash(block);
    const dressed = block.map((node) => ({ ...node, info: 'other', l: true, icon: 'font-awesome/fa-bug', inputLabels: ['x'], outputLabels: ['a'], ...(node.type === 'subflow' ? { name: `${node.name} (1)`, color: '#fff', category: 'mine', meta: { version: '2' } } : {}) }));
    assert.equal(contentHash([...dressed, { id: 'ffffffffffffffff', type: 'group', z: 'aaaaaaaaaaaaaaaa', nodes: ['aaaaaaaaaaaaaa04'], x: 1, y: 1, w: 1, h: 1 }]), hash);
    assert.equal(contentHash(block.map((node) => (node.id === 'aaaaaaaaaaaaaa04' ? { ...node, g: 'ffffffffffffffff', name: '', d: false } : node))), hash);
    assert.equal(contentHash(block.map((node) => (node.type === 'mqtt-broker' ? { ...node, name: 'theirs', broker: 'other.example' } : node))), hash, 'config nodes are the site\'s');
    assert.equal(contentHash([...block, { id: 'ffffffffffffffff', type: 'mqtt-broker', name: 'another' }, { id: 'fffffffffffffff0', type: 'global-config', env: [] }]), hash);
  });

  it('takes a site\'s parameters on a tab as values, and their names and types as content', () => {
    const tab = (label: string, ...env: object[]): readonly FlowNode[] => [{ id: '1111111111111111', type: 'tab', label, env: [{ name: 'WAYBILL_TEMPLATE', type: 'str', value: 'a/b@1.0.0' }, ...env] }];
    const hash = contentHash(tab('A', { name: 'limit', type: 'num', value: '5' }));
    assert.equal(contentHash(tab('B', { name: 'limit', type: 'num', value: '9' }, { name: 'WAYBILL_INSTANCE', type: 'str', value: 'dock' })), hash);
    assert.notEqual(contentHash(tab('A', { name: 'limit', type: 'env', value: 'X' })), hash);
    assert.notEqual(contentHash(tab('A', { name: 'limit', type: 'num', value: '5' }, { name: 'WAYBILL_ERP_URL', type: 'str', value: 'x' })), hash);
    assert.notEqual(contentHash(tab('A', { name: 'limit', type: 'num', value: '5' }).map((node) => ({ ...node, disabled: true }))), hash);
  });

  const changes: readonly [string, (nodes: FlowNode[]) => FlowNode[]][] = [
    ['a function\'s text', (nodes) => nodes.map((node) => (node.type === 'function' ? { ...node, func: 'return msg; ' } : node))],
    ['a node taken out', (nodes) => nodes.filter(({ id }) => id !== 'cccccccccccccc01')],
    ['a node put in', (nodes) => [...nodes, { id: 'ffffffffffffffff', type: 'debug', z: 'aaaaaaaaaaaaaaaa', x: 1, y: 1, wires: [] }]],
    ['a node put in without a place', (nodes) => [...nodes, { id: 'ffffffffffffffff', type: 'function', z: 'aaaaaaaaaaaaaaaa', initialize: 'steal()' }]],
    ['a node switched off', (nodes) => nodes.map((node) => (node.type === 'switch' ? { ...node, d: true } : node))],
    ['a value deep in a list', (nodes) => nodes.map((node) => (node.type === 'switch' ? { ...node, rules: [{ t: 'gt', v: '${limit}' }, { t: 'else', x: 1 }] } : node))],
    ['rules in another order', (nodes) => nodes.map((node) => (node.type === 'switch' ? { ...node, rules: [...node['rules'] as object[]].reverse() } : node))],
    ['a wire out of the template', (nodes) => nodes.map((node) => (node.type === 'mqtt out' ? { ...node, wires: [['dddddddddddddddd']] } : node))],
    ['a link out of the template', (nodes) => nodes.map((node) => (node.type === 'link out' ? { ...node, links: [...node['links'] as string[], 'dddddddddddddddd'] } : node))],
    ['what a status node looks at', (nodes) => nodes.map((node) => (node.type === 'status' ? { ...node, scope: ['aaaaaaaaaaaaaa01'] } : node))],
    ['a parameter\'s default in a block', (nodes) => nodes.map((node) => (node.name === 'Check' ? { ...node, env: [{ name: 'limit', type: 'num', value: '6' }] } : node))],
    ['the output to which a way through leads', (nodes) => nodes.map((node) => (node.name === 'Check' ? { ...node, out: [{ wires: [{ id: 'aaaaaaaaaaaaaa02', port: 0 }] }, { wires: [{ id: 'aaaaaaaaaaaaaaaa', port: 0 }] }] } : node))],
    ['the input', (nodes) => nodes.map((node) => (node.name === 'Check' ? { ...node, in: [{ wires: [{ id: 'aaaaaaaaaaaaaa02' }] }] } : node))],
    ['a variable of a group', (nodes) => nodes.map((node) => (node.type === 'group' ? { ...node, env: [{ name: 'inner', type: 'str', value: 'y' }] } : node))],
    ['a node that leaves the group whose variables it reads', (nodes) => nodes.map((node) => (node.type === 'function' ? { ...node, g: undefined } : node))],
    ['a value in an inner subflow\'s instance', (nodes) => nodes.map((node) => (node.type.startsWith('subflow:') ? { ...node, env: [{ name: 'n', type: 'num', value: '2' }] } : node))],
    ['another type of config node', (nodes) => nodes.map((node) => (node.type === 'mqtt-broker' ? { ...node, type: 'function' } : node))],
    ['no config node', (nodes) => nodes.map((node) => (node.type === 'mqtt out' ? { ...node, broker: '' } : node))],
    ['a node that stands in the inner subflow', (nodes) => nodes.map((node) => (node.id === 'aaaaaaaaaaaaaa08' ? { ...node, z: 'cccccccccccccccc' } : node))],
  ];
  for (const [what, change] of changes) {
    it(`tells ${what}`, () => { assert.notEqual(contentHash(change([...block])), contentHash(block)); });
  }

  it('tells every wire, every property of every node', () => {
    const hash = contentHash(receiving);
    const kept = new Set(['id', 'x', 'y', 'w', 'h', 'info', 'style', 'label', 'nodes', 'env', 'z', 'g', 'type']);
    const wires = receiving.flatMap((node, at) => (node.wires ?? []).flatMap((targets, output) => targets.map((target) => ({ at, output, target }))));
    for (const { at, output, target } of wires) {
      const changed = receiving.map((node, i) => (i === at ? { ...node, wires: node.wires!.map((targets, o) => (o === output ? targets.filter((id) => id !== target) : targets)) } : node));
      assert.notEqual(contentHash(changed), hash, `wire ${at} ${output} ${target}`);
    }
    for (const [at, node] of receiving.entries()) {
      if (node.type === 'tab' || node.type === 'group' || !('x' in node)) continue;
      for (const name of Object.keys(node).filter((each) => !kept.has(each) && each !== 'wires' && !(node.type === 'link in' && each === 'links'))) {
        assert.notEqual(contentHash(receiving.map((each, i) => (i === at ? { ...each, [name]: 'changed' } : each))), hash, `${node.type} ${name}`);
      }
    }
  });

  it('tells two rings of three nodes from a ring of six, and takes hundreds of nodes that are alike', () => {
    const ring = (count: number, from: number): FlowNode[] => Array.from({ length: count }, (_each, i) => ({ id: `r${from + i}`, type: 'junction', x: 1, y: 1, wires: [[`r${from + (i + 1) % count}`]] }));
    assert.notEqual(contentHash([...ring(3, 0), ...ring(3, 3)]), contentHash(ring(6, 0)));
    const copies = Array.from({ length: 100 }, (_each, i) => [{ id: `i${i}`, type: 'inject', x: 1, y: 1, wires: [[`d${i}`, `e${i}`]] }, { id: `d${i}`, type: 'debug', x: 1, y: 1, wires: [] }, { id: `e${i}`, type: 'debug', x: 1, y: 1, wires: [] }]).flat();
    assert.equal(contentHash(copies), contentHash(moved(copies, [1], [3, 1, 2])));
  });

  it('ends with one sentence for a graph that was made to be hard', () => {
    // Corners of a cube in six dimensions: each is like every other, however many are told apart.
    const cube = (dimensions: number): FlowNode[] => Array.from({ length: 2 ** dimensions }, (_each, i) => ({ id: `n${i}`, type: 'junction', x: 1, y: 1, wires: [Array.from({ length: dimensions }, (_wire, k) => `n${i ^ (1 << k)}`)] }));
    assert.equal(contentHash(cube(4)), contentHash(moved(cube(4), [7], [5, 3, 9])));
    assert.throws(() => contentHash(cube(6)), { code: 'too-alike' });
  });

  it('refers to nodes by number and to config nodes by type', () => {
    const form = normalForm(block);
    const out = form.find((node) => node['type'] === 'mqtt out')!;
    assert.deepEqual(out['properties'], { topic: 'a', broker: { $config: 'mqtt-broker' } });
    assert.equal(form[Number(out['on'])]!['type'], 'subflow');
    assert.equal(JSON.stringify(form).includes('aaaaaaaaaaaaaa'), false);
  });
});

import assert from 'node:assert/strict';
import type { PublishedTemplate } from '../../../src/governance/catalogue/site-catalogue.ts';
import { differenceOf } from '../../../src/governance/change/difference.ts';
import { proposalOf } from '../../../src/governance/change/proposal.ts';
import { secretsIn } from '../../../src/governance/change/secrets.ts';
import type { FlowNode } from '../../../src/governance/gate/rules/flows.ts';
import { contentHash } from '../../../src/governance/template/normal-form.ts';

const flow: readonly FlowNode[] = [
  { id: 'aaaa000000000001', type: 'tab', label: 'Receiving', env: [{ name: 'limit', type: 'num', value: '5' }] },
  { id: 'aaaa000000000002', type: 'waybill-approval', z: 'aaaa000000000001', x: 1, y: 1, name: 'Approve', stepId: 'approve', role: 'buyer', wires: [['aaaa000000000003'], []] },
  { id: 'aaaa000000000003', type: 'debug', z: 'aaaa000000000001', x: 2, y: 2, name: '', wires: [] },
  { id: 'aaaa000000000004', type: 'mqtt-broker', name: 'Site broker', broker: 'broker.dc-1.acme' },
];
const renumbered = (nodes: readonly FlowNode[]): FlowNode[] => JSON.parse(JSON.stringify(nodes).replaceAll('aaaa0000', 'bbbb1111')) as FlowNode[];
const base = (nodes: readonly FlowNode[]): PublishedTemplate => ({ flow: nodes, contentHash: contentHash(nodes) }) as unknown as PublishedTemplate;
const proposed = (nodes: unknown, on: PublishedTemplate | undefined = base(flow)): Exclude<ReturnType<typeof proposalOf>, { problem: string }> => {
  const proposal = proposalOf(nodes, on);
  assert.ok(!('problem' in proposal), 'problem' in proposal ? proposal.problem : '');
  return proposal;
};

describe('a proposal', () => {
  it('of the same template under other ids, elsewhere on the canvas, changes nothing', () => {
    const moved = renumbered(flow).reverse().map((node) => ('x' in node ? { ...node, x: 500, y: 600 } : node.type === 'tab' ? { ...node, label: 'Receiving, north' } : node));
    const { proposedHash, difference } = proposed(moved);
    assert.equal(proposedHash, base(flow).contentHash);
    assert.deepEqual(difference, []);
  });

  it('has the same config nodes under whatever ids, also where the export leaves them out', () => {
    const using = flow.map((node) => (node.type === 'waybill-approval' ? { ...node, 'mqtt-broker': 'aaaa000000000004' } : node));
    const elsewhere = renumbered(using);
    for (const [exported, running] of [[elsewhere, []], [elsewhere.filter(({ type }) => type !== 'mqtt-broker'), elsewhere]] as const) {
      const proposal = proposalOf(exported, base(using), running);
      assert.ok(!('problem' in proposal));
      assert.deepEqual([proposal.proposedHash, proposal.difference], [base(using).contentHash, []]);
      assert.ok(!JSON.stringify(proposal.nodes).includes('broker.dc-1.acme'));
    }
  });

  it('says what it adds, removes and changes, and which wires', () => {
    const changed = renumbered(flow).filter(({ type }) => type !== 'debug').map((node) => (node.type === 'waybill-approval' ? { ...node, role: 'site-manager', wires: [[], ['cccc222200000009']] } : node));
    const { proposedHash, difference } = proposed([...changed, { id: 'cccc222200000009', type: 'waybill-audit', z: changed[0]!.id, x: 9, y: 9, name: 'Keep', wires: [] }]);
    assert.notEqual(proposedHash, base(flow).contentHash);
    assert.deepEqual((difference as { kind: string; node: string; property: string; before: unknown; after: unknown }[]).map(({ kind, node, property, before, after }) => [kind, node, property, before, after]), [
      ['removed', 'debug', '', null, null], ['changed', 'waybill-approval "Approve"', 'role', 'buyer', 'site-manager'], ['added', 'waybill-audit "Keep"', '', null, null],
      ['removed', 'waybill-approval "Approve" [1] → debug', 'wire', null, null], ['added', 'waybill-approval "Approve" [2] → waybill-audit "Keep"', 'wire', null, null],
    ]);
  });

  it('keeps the addresses of the site at the site, and cuts what is long', () => {
    const { nodes } = proposed([...flow, { id: 'f', type: 'function', z: 'aaaa000000000001', x: 1, y: 1, func: 'x'.repeat(5_000), wires: [[]], credentials: {} }]);
    assert.ok(!JSON.stringify(nodes).includes('broker.dc-1.acme'));
    assert.ok(!JSON.stringify(nodes).includes('credentials'));
    const [line] = differenceOf([{ ...flow[1]!, func: 'a' }], [{ ...flow[1]!, func: 'y'.repeat(5_000) }]);
    assert.equal(String(line?.after).length, 2_001);
  });

  it('leaves the values of a tab\'s variables at the site, and is the same without them', () => {
    const installed = flow.map((node) => (node.type === 'tab' ? { ...node, env: [{ name: 'WAYBILL_TEMPLATE', type: 'str', value: 'returns/x@1.0.0' }, { name: 'limit', type: 'num', value: '4711' }] } : node));
    const { nodes, proposedHash } = proposed(installed);
    assert.equal(proposedHash, contentHash(installed));
    assert.ok(!JSON.stringify(nodes).includes('4711'));
    assert.ok(JSON.stringify(nodes).includes('returns/x@1.0.0'));
  });

  it('has no difference where the published version is not known', () => { assert.ok(!('difference' in (proposalOf(flow, undefined) as object))); });

  it('is taken whatever wires and properties hold', () => {
    for (const node of [{ id: 'a', type: 'x', z: 't', x: 1, y: 1, wires: 'no' }, { id: 'a', type: 'x', x: 1, y: 1, wires: [null, ['a', 7, null]] }, { id: 'a', type: 'subflow', in: null, out: 7, env: 'x' }, { id: '__proto__', type: 'constructor', x: 1, y: 1, wires: [['__proto__']] }]) {
      const result = proposalOf([node], base(flow));
      assert.ok('problem' in result || result.proposedHash.startsWith('sha256:'));
    }
  });
});

describe('secrets in a proposal', () => {
  const found = (node: object): readonly string[] => secretsIn([{ id: 'n', type: 'http request', name: 'Post', ...node } as FlowNode]).map(({ property }) => property);
  it('are found by name, by value, in rows and deep inside', () => {
    for (const [node, property] of [
      [{ password: 'x' }, 'password'], [{ apiKey: 'x' }, 'apiKey'], [{ erp_token: 'x' }, 'erp_token'], [{ credentials: { password: 'p' } }, 'credentials'], [{ url: 'amqp://u:p@h' }, 'url'],
      [{ env: [{ name: 'DB_PASSWORD', type: 'str', value: 'x' }] }, 'env.0.value'], [{ a: { b: [{ c: '-----BEGIN PRIVATE KEY-----' }] } }, 'a.b.0.c'], [{ func: 'h = "Bearer 0123456789abcdef0"' }, 'func'],
    ] as const) assert.deepEqual(found(node), [property], JSON.stringify(node));
  });
  it('are those that the gate knows as well', () => {
    for (const [node, property] of [
      [{ headers: { Authorization: 'Basic dXNlcjpwYXNzd29ydA==' } }, 'headers.Authorization'], [{ func: `const t = "ghp_${'a1'.repeat(18)}"` }, 'func'], [{ wlanPsk: 'geheim' }, 'wlanPsk'],
      [{ connection: 'Server=erp;Password=geheim!' }, 'connection'], [{ func: 'const kennwort = "geheim-und-lang"' }, 'func'], [{ id: 'AKIAABCDEFGHIJKLMNOP' }, 'id'],
    ] as const) assert.deepEqual(found(node), [property], JSON.stringify(node));
  });
  it('are looked for in a moment, whatever the text', () => {
    for (const piece of ['a.', 'eyJ-', 'a://b:c', '-----BEGIN A', 'Bearer ', 'wb_', '_password', ' \t']) {
      const text = piece.repeat(Math.floor(190_000 / piece.length));
      const began = process.hrtime.bigint();
      found({ func: text, [text]: 'x' });
      assert.ok(process.hrtime.bigint() - began < 2_000_000_000n, piece);
    }
  });
  it('are none in parameters, empty fields and words that only sound so', () => {
    for (const node of [{ password: '${erpPassword}' }, { password: '' }, { token: '•••' }, { tokens: 5 }, { name: 'secretary' }, { passwordType: 'cred' }, { credentials: {} }, { url: 'https://erp.acme/a:b@c' }, { env: [{ name: 'LIMIT', value: '5' }] }]) {
      assert.deepEqual(found(node), [], JSON.stringify(node));
    }
  });
});

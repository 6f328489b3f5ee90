import assert from 'node:assert/strict';
import { createRequire } from 'node:module';

import { flowFiles, flowOf, templateFlowFiles } from './support/flows.ts';
import type { FlowNode } from './support/flows.ts';
import { readFlows } from '../../src/governance/gate/rules/read-flows.ts';
import { tokenGraph } from '../../src/governance/gate/rules/token-graph.ts';
import { scriptedEditor } from './support/definitions.ts';
import type { Placed, ScriptedEditor } from './support/definitions.ts';
import { nodesWithForm, read } from './support/sources.ts';

const PLAIN = ['tab', 'subflow', 'group', 'comment', 'inject', 'debug', 'switch', 'link in', 'link out', 'http request'];
const STANDALONE = ['tab', 'group', 'comment'];

interface End { readonly wires: readonly { readonly id: string; readonly port?: number }[] }

const jsonata = createRequire(import.meta.url)('jsonata') as (expression: string) => unknown;

/** `[field, text]` of everything in a node that is JSONata. */
function expressionsOf(node: FlowNode): [string, string][] {
  const typed = Object.entries(node)
    .filter(([key, value]) => key.endsWith('Type') && value === 'jsonata')
    .map(([key]): [string, string] => [key.slice(0, -4), String(node[key.slice(0, -4)])])
    .filter(([, text]) => text !== '');
  return typeof node['autoApprove'] === 'string' && node['autoApprove'] !== '' ? [...typed, ['autoApprove', node['autoApprove']]] : typed;
}

describe('flows that the package offers', () => {
  let editor: ScriptedEditor;

  before(async function () {
    this.timeout(30_000);
    editor = await scriptedEditor();
  });

  beforeEach(() => {
    editor.nodes.length = 0;
  });

  for (const file of [...flowFiles(), ...templateFlowFiles()]) {
    describe(file, () => {
      const flow = flowOf(file);
      const byId = new Map(flow.map((node) => [node.id, node]));
      const ours = flow.filter(({ type }) => type.startsWith('waybill-'));

      it('has ids of Node-RED\'s form, each once', () => {
        assert.equal(byId.size, flow.length);
        flow.forEach(({ id }) => {
          assert.match(id, /^[0-9a-f]{16}$/);
        });
      });

      it('uses only nodes that everybody has, and ours', () => {
        flow.forEach(({ type }) => {
          assert.ok(PLAIN.includes(type) || editor.definitions.has(type), type);
        });
      });

      it('is configured without a mistake', () => {
        editor.nodes.push(...(flow.filter(({ z }) => z !== undefined) as unknown as Placed[]));
        for (const node of ours) {
          const definition = editor.definitions.get(node.type);
          for (const [property, { validate, type, required }] of Object.entries(definition?.defaults ?? {})) {
            assert.ok(node[property] !== undefined, `${node.type}: ${property} is missing`);
            assert.equal(validate?.call(node, node[property], {}) ?? true, true, `${String(node['stepId'])}.${property}`);
            if (type !== undefined && required === true) {
              assert.equal(byId.get(String(node[property]))?.type, type, `${String(node['stepId'])}.${property}`);
            }
          }
        }
      });

      it('has expressions that JSONata can read', () => {
        for (const node of ours) {
          for (const [field, text] of expressionsOf(node)) {
            assert.doesNotThrow(() => jsonata(text), `${String(node['stepId'])}.${field}`);
          }
        }
      });

      it('holds its expressions as the editor does, with tabs for line ends, so that a dialog does not change them', () => {
        for (const node of ours) {
          for (const [field, text] of expressionsOf(node)) assert.doesNotMatch(text, /\n/, `${String(node['stepId'])}.${field}`);
        }
      });

      it('is wired: no output left open, no wire to nowhere, nothing out of reach', () => {
        // A block is entered and left by the ends of its subflow.
        const ends = flow.filter(({ type }) => type === 'subflow').flatMap((each) => [...each['in'] as readonly End[], ...each['out'] as readonly End[]]).flatMap(({ wires }) => wires);
        const reached = new Set([...flow.flatMap(({ wires = [] }) => wires.flat()), ...ends.filter(({ port }) => port === undefined).map(({ id }) => id)]);
        const flows = readFlows(flow);
        const graph = tokenGraph(flows);
        for (const node of flow.filter(({ z, type }) => z !== undefined && !STANDALONE.includes(type))) {
          // A node whose outputs can be configured says how many it has.
          const configured = (node as { readonly outputs?: number }).outputs;
          const outputs = configured ?? editor.definitions.get(node.type)?.outputs ?? node.wires?.length ?? 0;
          assert.equal(node.wires?.length ?? 0, outputs, `${node.type} ${String(node['name'])}`);
          node.wires?.forEach((targets, port) => {
            // The second output of `case open` is news about a message, no case goes there; as it is with the rungs of a ladder, and with what reports to waiting cases.
            const open = node.type === 'link out' || node.type === 'debug' || (node.type.startsWith('waybill-') && (!graph.isStation(flows.byId.get(node.id)!) || !graph.tokenPorts(flows.byId.get(node.id)!).includes(port)));
            const leaves = ends.some((end) => end.id === node.id && end.port === port);
            assert.ok(targets.length > 0 || open || leaves, `${String(node['stepId'] ?? node.type)}: output ${port + 1} is open`);
            targets.forEach((target) => {
              assert.equal(byId.get(target)?.z, node.z, `${String(node['stepId'])} → ${target}`);
            });
          });
          const source = ['inject', 'link in', 'waybill-scan-in', 'waybill-event-in', 'waybill-sparkplug-in', 'waybill-plc-in', 'waybill-service-in', 'waybill-file-in', 'waybill-queue-in'].includes(node.type);
          assert.ok(source || reached.has(node.id), `${String(node['stepId'] ?? node.type)} is out of reach`);
        }
      });

      it('sends a case on one wire at a time', () => {
        for (const node of flow.filter(({ type, wires }) => type !== 'link out' && wires !== undefined)) {
          node.wires?.forEach((targets) => {
            assert.ok(targets.length <= 1, `${String(node['stepId'] ?? node.type)} fans out`);
          });
        }
        flow.filter(({ type }) => type === 'link out').forEach(({ links }) => {
          assert.equal((links as string[]).length, 1);
        });
      });

      it('links go both ways', () => {
        for (const { id, type, links } of flow.filter((node) => node.type.startsWith('link '))) {
          for (const other of links as string[]) {
            const there = byId.get(other);
            assert.equal(there?.type, type === 'link in' ? 'link out' : 'link in');
            assert.ok((there?.['links'] as string[]).includes(id));
          }
        }
      });

      it('holds no credentials', () => {
        flow.forEach((node) => {
          assert.equal(node['credentials'], undefined);
        });
      });
    });
  }

  it('show every node in an example of its own', () => {
    for (const node of nodesWithForm().filter((name) => !['site', 'broker', 'opcua-endpoint', 'system'].includes(name))) {
      const file = flowFiles().find((name) => new RegExp(`^examples/\\d\\d-${node}\\.json$`).test(name));
      assert.ok(file !== undefined, `an example named after ${node}`);
      assert.ok(flowOf(file).some(({ type }) => type === `waybill-${node}`), file);
    }
  });

  it('do not share step ids, so that all can be imported into one workspace', () => {
    const seen = new Map<string, string>();
    for (const file of flowFiles().filter((name) => !name.startsWith('flows/'))) {
      for (const { stepId } of flowOf(file).filter((node) => typeof node['stepId'] === 'string')) {
        assert.equal(seen.get(String(stepId)), undefined, `${String(stepId)} in ${file}`);
        seen.set(String(stepId), file);
      }
    }
  });

  it('offer in the import dialog the receiving flow that starts with Waybill', () => {
    assert.equal(read('examples/00-receiving.json'), read('flows/receiving.json'));
  });
});

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { boundariesOf } from '../engine/support/boundary.ts';
import { crossAll } from '../engine/support/crash-run.ts';
import type { CrashStory } from '../engine/support/crash-run.ts';
import { changed, forking, holdingBack, movedToAnotherTab, personFlow, scanFlow, withException } from '../engine/support/flows.ts';
import type { FlowNode } from '../engine/support/messages.ts';
import { NodeRedProcess } from '../engine/support/node-red-process.ts';

type Variant = Partial<CrashStory> & { readonly change?: (flows: FlowNode[]) => FlowNode[] };

/** A second process on the home that another one holds must refuse, whatever the first is at. */
async function second(node: NodeRedProcess, flows: readonly FlowNode[], home: string): Promise<void> {
  const userDir = mkdtempSync(join(tmpdir(), 'waybill-second-'));
  const other = new NodeRedProcess(userDir);
  const { state } = await other.ask('open', { home, flows, tuning: {} });
  await other.kill();
  rmSync(userDir, { recursive: true, force: true });
  assert.equal(state, 'refusing');
  assert.equal(node.gone, false);
}

const stories: { readonly [name: string]: CrashStory } = {
  'a scanned case': { intake: 'scan', flow: scanFlow },
  'a case that a person decides': { intake: 'message', flow: personFlow },
};

const variants: { readonly [name: string]: Variant } = {
  'an ERP that is busy, then breaks off': { faults: ['busy', 'broken-off'] },
  'an exception that a person resolves': { change: withException },
  'its nodes on another tab at the next start': { next: movedToAnotherTab },
  'a node that is gone at the next start, and comes back': {
    next: (flows) => changed(flows, { 'n-approval': undefined }),
    after: async (node, flows) => { await node.ask('deploy', { type: 'nodes', flows }); },
  },
  'a partial deploy after the next start': {
    after: async (node, flows) => { await node.ask('deploy', { type: 'flows', flows: changed(flows, { 'n-function': { name: 'another name' } }) }); },
  },
  'a plain fork': { change: forking },
  'late arrivals': { change: (flows) => holdingBack(flows, 600), tuning: { stallMs: 300 } },
  'a ledger restored from a backup': { restore: true },
  'a second process on the same home': { after: second },
};

/** The long form, WAYBILL_CRASH_LONG=1: every boundary crossed with everything else that may happen. */
describe('a crash at every boundary, with', function () {
  this.timeout(3_600_000);
  before(function () {
    if (process.env['WAYBILL_CRASH_LONG'] !== '1') this.skip();
  });

  for (const [variant, { change, ...more }] of Object.entries(variants)) {
    for (const [name, story] of Object.entries(stories)) {
      it(`${variant}: ${name}`, async () => {
        const { breaches } = await crossAll({ ...story, ...more, flow: (erpUrl) => change?.(story.flow(erpUrl)) ?? story.flow(erpUrl) }, 2, boundariesOf);
        assert.deepEqual(breaches, []);
      });
    }
  }
});

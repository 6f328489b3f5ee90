import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../../../scripts/lib/paths.ts';

/** Requirements of Sparkplug 3.0 that concern a host application, without `tck-id-`. */
const REQUIREMENTS: readonly string[] = [
  'components-ph-state',
  'conformance-primary-host',
  'host-topic-phid-birth-message',
  'host-topic-phid-birth-payload',
  'host-topic-phid-birth-payload-timestamp',
  'host-topic-phid-birth-qos',
  'host-topic-phid-birth-required',
  'host-topic-phid-birth-retain',
  'host-topic-phid-birth-sub-required',
  'host-topic-phid-birth-topic',
  'host-topic-phid-death-payload',
  'host-topic-phid-death-payload-timestamp-connect',
  'host-topic-phid-death-payload-timestamp-disconnect-clean',
  'host-topic-phid-death-payload-timestamp-disconnect-with-no-disconnect-packet',
  'host-topic-phid-death-qos',
  'host-topic-phid-death-required',
  'host-topic-phid-death-retain',
  'host-topic-phid-death-topic',
  'intro-sparkplug-host-state',
  'message-flow-hid-sparkplug-state-message-delivered',
  'message-flow-phid-sparkplug-clean-session-311',
  'message-flow-phid-sparkplug-clean-session-50',
  'message-flow-phid-sparkplug-state-publish',
  'message-flow-phid-sparkplug-state-publish-payload',
  'message-flow-phid-sparkplug-state-publish-payload-timestamp',
  'message-flow-phid-sparkplug-subscription',
  'operational-behavior-data-commands-dcmd-metric-name',
  'operational-behavior-data-commands-dcmd-metric-value',
  'operational-behavior-data-commands-dcmd-verb',
  'operational-behavior-data-commands-ncmd-metric-name',
  'operational-behavior-data-commands-ncmd-metric-value',
  'operational-behavior-data-commands-ncmd-rebirth-name',
  'operational-behavior-data-commands-ncmd-rebirth-value',
  'operational-behavior-data-commands-ncmd-rebirth-verb',
  'operational-behavior-data-commands-ncmd-verb',
  'operational-behavior-edge-node-termination-host-action-ddeath-devices-offline',
  'operational-behavior-edge-node-termination-host-action-ddeath-devices-tags-stale',
  'operational-behavior-edge-node-termination-host-action-ndeath-devices-offline',
  'operational-behavior-edge-node-termination-host-action-ndeath-devices-tags-stale',
  'operational-behavior-edge-node-termination-host-action-ndeath-node-offline',
  'operational-behavior-edge-node-termination-host-action-ndeath-node-tags-stale',
  'operational-behavior-host-application-connect-birth',
  'operational-behavior-host-application-connect-birth-payload',
  'operational-behavior-host-application-connect-birth-qos',
  'operational-behavior-host-application-connect-birth-retained',
  'operational-behavior-host-application-connect-birth-topic',
  'operational-behavior-host-application-connect-will',
  'operational-behavior-host-application-connect-will-payload',
  'operational-behavior-host-application-connect-will-qos',
  'operational-behavior-host-application-connect-will-retained',
  'operational-behavior-host-application-connect-will-topic',
  'operational-behavior-host-application-death-payload',
  'operational-behavior-host-application-death-qos',
  'operational-behavior-host-application-death-retained',
  'operational-behavior-host-application-death-topic',
  'operational-behavior-host-application-disconnect-intentional',
  'operational-behavior-host-application-host-id',
  'operational-behavior-host-application-multi-server-timestamp',
  'operational-behavior-host-application-termination',
  'operational-behavior-host-reordering-param',
  'operational-behavior-host-reordering-rebirth',
  'operational-behavior-host-reordering-start',
  'operational-behavior-host-reordering-success',
  'payloads-dcmd-qos',
  'payloads-dcmd-retain',
  'payloads-dcmd-seq',
  'payloads-dcmd-timestamp',
  'payloads-ncmd-qos',
  'payloads-ncmd-retain',
  'payloads-ncmd-seq',
  'payloads-ncmd-timestamp',
  'payloads-state-birth',
  'payloads-state-birth-payload',
  'payloads-state-subscribe',
  'payloads-state-will-message',
  'payloads-state-will-message-payload',
  'payloads-state-will-message-qos',
  'payloads-state-will-message-retain',
  'principles-birth-certificates-order',
  'topic-structure',
  'topic-structure-namespace-a',
  'topic-structure-namespace-device-id-associated-message-types',
  'topic-structure-namespace-device-id-non-associated-message-types',
  'topics-dcmd-mqtt',
  'topics-dcmd-payload',
  'topics-dcmd-timestamp',
  'topics-dcmd-topic',
  'topics-ncmd-mqtt',
  'topics-ncmd-payload',
  'topics-ncmd-timestamp',
  'topics-ncmd-topic',
];

interface Row { readonly id: string; readonly result: string; readonly shown: string }

const rows: readonly Row[] = [...readFileSync(path.join(ROOT, 'docs/sparkplug.md'), 'utf8').matchAll(/^\| `([a-z0-9-]+)` \| (met|partly|not met) \| (.+) \|$/gm)]
  .map(([, id = '', result = '', shown = '']) => ({ id, result, shown }));

/** Titles of tests that are there. */
const titles = new Set(readdirSync(import.meta.dirname).filter((file) => file.endsWith('.test.ts') && file !== 'conformance.test.ts')
  .flatMap((file) => [...readFileSync(path.join(import.meta.dirname, file), 'utf8').matchAll(/\bit\('((?:[^'\\]|\\.)+)'/g)].map(([, title = '']) => title.replaceAll("\\'", "'"))));

describe('conformance list of Sparkplug', () => {
  it('has every requirement of a host application, each once', () => {
    assert.deepEqual(rows.map(({ id }) => id).sort(), [...REQUIREMENTS].sort());
  });

  it('names a test that is there for each that is met', () => {
    assert.ok(titles.size > 60, 'the test found the titles');
    assert.deepEqual(rows.filter(({ result, shown }) => result === 'met' && !titles.has(shown)), []);
  });

  it('says why for each that is not met', () => {
    for (const { id, result, shown } of rows) if (result !== 'met') assert.ok(shown.length > 20, id);
  });
});

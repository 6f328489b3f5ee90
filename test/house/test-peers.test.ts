import assert from 'node:assert/strict';

import { peersOf } from '../../scripts/lib/test-peers.ts';

describe('the peers of a test file', () => {
  it('are those that it or its support starts', () => {
    assert.deepEqual(peersOf('test/nodes/plc-in/handshake.test.ts'), ['open62541']);
    assert.deepEqual(peersOf('test/connectors/odata/cap.slow.test.ts'), ['SAP CAP']);
    assert.deepEqual(peersOf('test/house/manifest.test.ts'), []);
  });

  it('are not found only because other programs are', () => {
    assert.deepEqual(peersOf('test/editor/browser.test.ts'), []);
  });
});

import assert from 'node:assert/strict';
import { nodeRedUrl, webPlace } from '../../src/editor/bare-node-red/web-place.ts';
import { nodeVersionProblem } from '../../src/engine/node-red/node-version.ts';

describe('Waybill in a Node-RED of one\'s own', () => {
  it('has its pages below the node root, unless something of Node-RED\'s stands in front of it', () => {
    assert.deepEqual(webPlace({}), { kind: 'below-node-red', root: '/' });
    assert.deepEqual(webPlace({ httpNodeRoot: '/red/' }), { kind: 'below-node-red', root: '/red/' });
    assert.equal(webPlace({ httpNodeRoot: false }).kind, 'own-port');
    assert.equal(webPlace({ httpNodeRoot: '/', httpNodeAuth: { user: 'u' } }).kind, 'own-port');
  });

  it('names an address that a person on this machine can open', () => {
    assert.equal(nodeRedUrl({ uiHost: '0.0.0.0', uiPort: 1880 }, '/'), 'http://127.0.0.1:1880');
    assert.equal(nodeRedUrl({ uiHost: '::', uiPort: '1881', https: {} }, '/red/'), 'https://127.0.0.1:1881/red');
    assert.equal(nodeRedUrl({ uiHost: 'fd00::1', uiPort: 80 }, '/'), 'http://[fd00::1]:80');
  });

  it('says which Node.js is too old', () => {
    for (const version of ['22.22.2', '22.23.0', '24.15.0', '24.21.0', '26.0.0', '100.1.0']) assert.equal(nodeVersionProblem(version), undefined, version);
    for (const version of ['22.22.1', '22.16.0', '24.14.9', '25.1.0', '20.19.0', '18.5.0', '8.0.0']) assert.match(nodeVersionProblem(version) ?? '', /needs Node\.js 22\.22\.2 or later of line 22, .*; this is .* Update Node\.js/, version);
  });
});

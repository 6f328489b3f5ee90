import { operation } from '../operation.ts';
import { problem } from '../problems.ts';
import { parseTilePath } from '../tile-path.ts';

const plainText = 'text/plain; charset=utf-8';

export const getCheckpoint = operation({
  id: 'getCheckpoint', method: 'get', path: '/ledger/checkpoint', tag: 'Ledger', access: 'ledger.read',
  summary: 'The newest signed checkpoint (C2SP tlog-checkpoint)',
  success: { status: 200, description: 'A signed note.', contentType: plainText },
  handle: async ({ ledger }) => {
    const checkpoint = await ledger().checkpoint();
    if (checkpoint === undefined) throw problem('not-found', 'The ledger has no checkpoint yet.');
    return { status: 200, body: checkpoint, contentType: plainText };
  },
});

export const getLedgerKey = operation({
  id: 'getLedgerKey', method: 'get', path: '/ledger/key', tag: 'Ledger', access: 'ledger.read',
  summary: 'The key that verifies checkpoints (C2SP signed-note verifier key)',
  success: { status: 200, description: 'One line.', contentType: plainText },
  handle: async ({ ledger }) => ({ status: 200, body: `${ledger().verifierKey}\n`, contentType: plainText }),
});

export const getTile = operation<{ level: string; index: string }>({
  id: 'getTile', method: 'get', path: '/ledger/tile/{level}/{index}', pattern: '/ledger/tile/:level/*index', tag: 'Ledger', access: 'ledger.read',
  summary: 'A tile of the log (C2SP tlog-tiles)',
  description: '`level` is 0 to 63 or `entries`. `index` is written in groups of three digits, `x001/x234/067`, a partial tile with `.p/<width>` behind it; its slashes are part of the path.',
  params: { level: { type: 'string', pattern: '^(entries|0|[1-9][0-9]?)$' }, index: { type: 'string', pattern: '^[x0-9/.p]{3,64}$' } },
  success: { status: 200, description: 'The tile.', contentType: 'application/octet-stream' },
  handle: async ({ params, ledger }) => {
    const path = parseTilePath(params.level, params.index);
    const tile = path === undefined ? undefined : await ledger().tile(path.level, path.index, path.width);
    if (tile === undefined) throw problem('not-found', 'The log has no such tile.');
    // A tile of this index and width never changes.
    return { status: 200, body: tile, contentType: 'application/octet-stream', headers: { 'Cache-Control': 'private, max-age=31536000, immutable' } };
  },
});

export const ledgerResource = [getCheckpoint, getLedgerKey, getTile];

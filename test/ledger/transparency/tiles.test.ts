import assert from 'node:assert/strict';

import fc from 'fast-check';

import {
  createTileEdge,
  decodeEntryBundle,
  encodeEntryBundle,
  entriesPath,
  growTiles,
  leafHash,
  parseTilePath,
  partialTilesOf,
  tileEdgeOf,
  tileEdgeRoot,
  tileHashes,
  tileHead,
  tilePath,
  tilesForGrowth,
  tilesOf,
  tileWidth,
  treeHead,
} from '../../../src/ledger/transparency/index.ts';
import { hex, hexes, makeLeaves, refused, tileStore } from './support.ts';

describe('ledger/transparency: tile paths (C2SP tlog-tiles)', () => {
  const known: readonly (readonly [string, number, number, number])[] = [
    ['tile/0/000', 0, 0, 256],
    ['tile/0/000.p/1', 0, 0, 1],
    ['tile/0/x001/x234/067', 0, 1_234_067, 256],
    ['tile/4/x001/x234/067.p/255', 4, 1_234_067, 255],
    ['tile/1/999', 1, 999, 256],
    ['tile/1/x001/000', 1, 1000, 256],
    ['tile/63/x009/x007/x199/x254/x740/991', 63, Number.MAX_SAFE_INTEGER, 256],
  ];

  for (const [path, level, index, width] of known) {
    it(`writes and reads ${path}`, () => {
      assert.equal(tilePath({ level, index, width }), path);
      assert.deepEqual(parseTilePath(path), { kind: 'hashes', level, index, width });
    });
  }

  it('writes and reads the paths of entry bundles', () => {
    assert.equal(entriesPath({ index: 1_234_067, width: 256 }), 'tile/entries/x001/x234/067');
    assert.equal(entriesPath({ index: 5, width: 17 }), 'tile/entries/005.p/17');
    assert.deepEqual(parseTilePath('tile/entries/005.p/17'), { kind: 'entries', level: 0, index: 5, width: 17 });
  });

  it('reads back every path it writes', () => {
    const coordinate = fc.record({
      level: fc.integer({ min: 0, max: 63 }),
      index: fc.maxSafeNat(),
      width: fc.integer({ min: 1, max: 256 }),
    });
    fc.assert(
      fc.property(coordinate, (tile) => {
        assert.deepEqual(parseTilePath(tilePath(tile)), { kind: 'hashes', ...tile });
        assert.deepEqual(parseTilePath(entriesPath(tile)), { ...tile, kind: 'entries', level: 0 });
      }),
    );
  });

  for (const path of [
    '',
    'tile',
    'tile/0',
    'tile/0/0',
    'tile/0/00',
    'tile/0/0000',
    'tile/0/x001',
    'tile/0/x000/001',
    'tile/0/001/002',
    'tile/0/x1/002',
    'tile/00/000',
    'tile/01/000',
    'tile/64/000',
    'tile/-1/000',
    'tile/data/000',
    'tile/8/0/000',
    'tile/0/000.p/0',
    'tile/0/000.p/00',
    'tile/0/000.p/01',
    'tile/0/000.p/256',
    'tile/0/000.p/',
    'tile/0/000.p',
    'tile/0/000/',
    '/tile/0/000',
    'tile/0/000\n',
    'tile/0/../000',
    'tile/0/x009/x007/x199/x254/x740/992',
    'tile/entries/x999/x999/x999/x999/x999/x999/999',
  ]) {
    it(`refuses ${JSON.stringify(path)}`, () => {
      refused(() => parseTilePath(path), 'tile-path-malformed');
    });
  }

  it('refuses coordinates that name no tile', () => {
    refused(() => tilePath({ level: 64, index: 0, width: 1 }), 'tile-malformed');
    refused(() => tilePath({ level: -1, index: 0, width: 1 }), 'tile-malformed');
    refused(() => tilePath({ level: 0, index: 0, width: 0 }), 'tile-malformed');
    refused(() => tilePath({ level: 0, index: 0, width: 257 }), 'tile-malformed');
    refused(() => entriesPath({ index: -1, width: 1 }), 'argument-out-of-range');
    refused(() => entriesPath({ index: 0.5, width: 1 }), 'argument-out-of-range');
  });
});

describe('ledger/transparency: tiles of a tree (C2SP tlog-tiles, "Partial Tiles")', () => {
  it('has the tiles of the example of the specification, size 70,000', () => {
    const tiles = tilesOf(70_000);
    const full = (level: number) => tiles.filter((tile) => tile.level === level && tile.width === 256).length;
    assert.deepEqual([full(0), full(1), full(2)], [273, 1, 0]);
    const partial = tiles.filter((tile) => tile.width < 256);
    assert.deepEqual(partial, [
      { level: 0, index: 273, width: 112 },
      { level: 1, index: 1, width: 17 },
      { level: 2, index: 0, width: 1 },
    ]);
  });

  it('has a full tile and a partial one above it at size 256', () => {
    assert.deepEqual(tilesOf(256), [
      { level: 0, index: 0, width: 256 },
      { level: 1, index: 0, width: 1 },
    ]);
    assert.deepEqual(tilesOf(0), []);
  });

  it('publishes what became full and what is partial now, and nothing twice', () => {
    assert.deepEqual(tilesForGrowth(5, 5), []);
    assert.deepEqual(tilesForGrowth(255, 256), tilesOf(256));
    assert.deepEqual(tilesForGrowth(256, 257), [{ level: 0, index: 1, width: 1 }]);
    assert.deepEqual(tilesForGrowth(500, 600), [
      { level: 0, index: 1, width: 256 },
      { level: 0, index: 2, width: 88 },
      { level: 1, index: 0, width: 2 },
    ]);
    refused(() => tilesForGrowth(2, 1), 'argument-out-of-range');
  });

  it('publishes on the way every tile that the tree has in the end', () => {
    const steps = fc.array(fc.integer({ min: 1, max: 40_000 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(steps, (groups) => {
        const published = new Map<string, number>();
        let size = 0;
        for (const group of groups) {
          for (const tile of tilesForGrowth(size, size + group)) {
            assert.equal(tile.width, tileWidth(tile.level, tile.index, size + group));
            assert.ok(tile.width > tileWidth(tile.level, tile.index, size), 'it changed');
            published.set(`${tile.level}/${tile.index}`, tile.width);
          }
          size += group;
        }
        const all = new Map(tilesOf(size).map((tile) => [`${tile.level}/${tile.index}`, tile.width]));
        assert.deepEqual(published, all);
      }),
      { numRuns: 30 },
    );
  });
});

describe('ledger/transparency: growing tiles', () => {
  const leaves = makeLeaves(1400);
  const hashes = leaves.map(leafHash);

  it('gives the listed tiles with the right hashes, however the leaves are grouped', () => {
    const groupings = fc.array(fc.integer({ min: 1, max: 350 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(groupings, (groups) => {
        let edge = createTileEdge();
        for (const group of groups) {
          const added = hashes.slice(edge.size, edge.size + group);
          const grown = growTiles(edge, added);
          const coordinates = grown.tiles.map(({ level, index, width }) => ({ level, index, width }));
          assert.deepEqual(coordinates, tilesForGrowth(edge.size, edge.size + group));
          for (const { level, index, width, bytes } of grown.tiles) {
            assert.equal(bytes.length, width * 32);
            const span = 256 ** level;
            for (const [i, hash] of tileHashes(bytes).entries()) {
              const start = (index * 256 + i) * span;
              assert.equal(hex(hash), hex(treeHead(hashes, start, start + span)));
            }
          }
          edge = grown.edge;
          assert.equal(hex(tileEdgeRoot(edge)), hex(treeHead(hashes, 0, edge.size)));
        }
      }),
      { numRuns: 25 },
    );
  });

  it('has the head of every tree up to 600 leaves', () => {
    let edge = createTileEdge();
    for (let size = 0; size <= 600; size += 1) {
      assert.equal(hex(tileEdgeRoot(edge)), hex(treeHead(hashes, 0, size)), `size ${size}`);
      edge = growTiles(edge, [hashes[size]!]).edge;
    }
  });

  it('goes on from the stored partial tiles', () => {
    for (const size of [0, 1, 255, 256, 257, 1023, 1024, 1400]) {
      const { tiles, edge } = tileStore(leaves.slice(0, size), size === 0 ? [] : [size]);
      const partials = partialTilesOf(size).map(({ level, index, width }) =>
        width === 0 ? new Uint8Array() : tiles.get(`${level}/${index}`)!.bytes,
      );
      const restored = tileEdgeOf(size, partials);
      assert.equal(restored.size, size);
      assert.deepEqual(restored.levels.map(hexes), edge.levels.map(hexes));
    }
    refused(() => tileEdgeOf(3, [Buffer.alloc(64)]), 'tile-malformed');
    refused(() => tileEdgeOf(256, [Buffer.alloc(0)]), 'tile-malformed');
  });

  it('leaves the old edge as it was', () => {
    const edge = growTiles(createTileEdge(), hashes.slice(0, 255)).edge;
    const before = hex(tileEdgeRoot(edge));
    growTiles(edge, hashes.slice(255, 600));
    assert.equal(hex(tileEdgeRoot(edge)), before);
    assert.deepEqual(growTiles(edge, []), { edge, tiles: [] });
  });

  it('refuses what is no hash or no tile', () => {
    refused(() => growTiles(createTileEdge(), [Buffer.alloc(33)]), 'hash-malformed');
    for (const bytes of [0, 31, 33, 257 * 32]) refused(() => tileHead(Buffer.alloc(bytes)), 'tile-malformed');
    assert.equal(hex(tileHead(hashes[0]!)), hex(hashes[0]!));
  });
});

describe('ledger/transparency: entry bundles (C2SP tlog-tiles, "Log entries")', () => {
  it('puts the length in front of each entry, big-endian', () => {
    const bundle = encodeEntryBundle([Buffer.from('ab'), Buffer.alloc(0), Buffer.alloc(0x0102, 0x7a)]);
    assert.equal(hex(bundle.subarray(0, 8)), '0002616200000102');
    assert.equal(bundle.length, 2 + 2 + 2 + 2 + 0x0102);
  });

  it('reads back what it wrote', () => {
    const entries = fc.array(fc.uint8Array({ maxLength: 400 }), { minLength: 1, maxLength: 256 });
    fc.assert(
      fc.property(entries, (leaves) => {
        const bundle = encodeEntryBundle(leaves);
        assert.deepEqual(hexes(decodeEntryBundle(bundle, leaves.length)), hexes(leaves));
      }),
      { numRuns: 40 },
    );
    const longest = Buffer.alloc(65_535, 1);
    assert.equal(decodeEntryBundle(encodeEntryBundle([longest, longest])).length, 2);
  });

  it('refuses leaves that are too long, and too few or too many', () => {
    refused(() => encodeEntryBundle([Buffer.alloc(65_536)]), 'leaf-too-long');
    refused(() => encodeEntryBundle([]), 'bundle-malformed');
    refused(() => encodeEntryBundle(makeLeaves(257)), 'bundle-malformed');
  });

  it('refuses a bundle that is cut off or holds another number of entries', () => {
    const bundle = encodeEntryBundle([Buffer.from('abc'), Buffer.from('de')]);
    for (const length of [1, 2, 4, 6, 8]) {
      refused(() => decodeEntryBundle(bundle.subarray(0, length)), 'bundle-malformed');
    }
    refused(() => decodeEntryBundle(bundle, 3), 'bundle-malformed');
    refused(() => decodeEntryBundle(bundle.subarray(0, 5), 2), 'bundle-malformed');
    refused(() => decodeEntryBundle(Buffer.alloc(0)), 'bundle-malformed');
    refused(() => decodeEntryBundle(Buffer.alloc(2 * 257)), 'bundle-malformed');
  });
});

import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { find, needs } from '../support/system-programs.ts';

describe('needs', () => {
  const saved = { path: process.env['PATH'], all: process.env['WAYBILL_REQUIRE_ALL'] };
  let bin: string;

  beforeEach(() => {
    bin = mkdtempSync(path.join(tmpdir(), 'waybill-bin-'));
    process.env['PATH'] = bin;
    delete process.env['WAYBILL_REQUIRE_ALL'];
  });

  afterEach(() => {
    process.env['PATH'] = saved.path;
    if (saved.all !== undefined) {
      process.env['WAYBILL_REQUIRE_ALL'] = saved.all;
    } else {
      delete process.env['WAYBILL_REQUIRE_ALL'];
    }
    rmSync(bin, { recursive: true, force: true });
  });

  it('gives the path of a program that is on the PATH', function () {
    const program = path.join(bin, 'chromium');
    writeFileSync(program, '#!/bin/sh\n');
    chmodSync(program, 0o755);
    assert.equal(needs(this, 'chromium'), program);
  });

  it('does not take a file that cannot be executed', () => {
    writeFileSync(path.join(bin, 'chromium'), '', { mode: 0o644 });
    assert.equal(find('chromium'), undefined);
  });

  it('fails a test whose program is missing when WAYBILL_REQUIRE_ALL=1', function () {
    process.env['WAYBILL_REQUIRE_ALL'] = '1';
    assert.throws(() => needs(this, 'chromium'), /chromium is not installed/);
  });
});

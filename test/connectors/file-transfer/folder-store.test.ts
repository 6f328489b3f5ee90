import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { FolderStore, readFileAddress } from '../../../src/connectors/file-transfer/index.ts';
import { storeContract } from './stores.ts';

describe('files: a folder of this machine', () => {
  let folder: string;
  before(() => { folder = mkdtempSync(path.join(tmpdir(), 'waybill-folder-')); });
  after(() => { rmSync(folder, { recursive: true, force: true }); });
  storeContract(() => ({ store: new FolderStore(folder), folder }));

  it('reads addresses of folders and SFTP servers, and says what is wrong with others', () => {
    assert.deepEqual(readFileAddress('file:///srv/edi/'), { kind: 'folder', folder: '/srv/edi' });
    assert.deepEqual(readFileAddress('sftp://edi.example:2222/way/bill'), { kind: 'sftp', host: 'edi.example', port: 2222, folder: '/way/bill' });
    assert.deepEqual(readFileAddress('sftp://edi.example'), { kind: 'sftp', host: 'edi.example', port: 22, folder: '' });
    for (const [wrong, said] of [['sftp://me:geheim@edi.example', /user or a password/], ['file://server/share', /three slashes/], ['sftp://h/a?x', /query/], ['ftp://h', /no address of files/], ['nothing', /no address/]] as const) {
      assert.throws(() => readFileAddress(wrong), said);
    }
  });
});

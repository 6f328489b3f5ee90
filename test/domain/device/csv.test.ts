import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readDeviceList } from '../../../src/domain/device/index.ts';

describe('a list of devices', () => {
  it('is read with comma, semicolon or tab, with quotes, and whatever line ends', () => {
    for (const [separator, end] of [[',', '\n'], [';', '\r\n'], ['\t', '\r']] as const) {
      const { devices, problems } = readDeviceList(['\uFEFFid', 'Kind', 'Silent After', 'name'].join(separator) + end + end + ['S1', 'Gateway', '30', `"a ""b""${separator} c"`].join(separator) + end);
      assert.deepEqual([devices, problems], [[{ line: 3, deviceId: 'S1', kind: 'gateway', silentAfter: 30, name: `a "b"${separator} c`, station: '', certificate: '' }], []]);
    }
  });

  it('says what is wrong, by line', () => {
    assert.match(readDeviceList('name\nx').problems[0]?.message ?? '', /names the columns/);
    assert.match(readDeviceList('').problems[0]?.message ?? '', /names the columns/);
    const { devices, problems } = readDeviceList('id,kind,silentAfter\nA,robot\nB,,soon\nC,,,d\n"D\nE\n');
    assert.deepEqual([devices.map(({ deviceId }) => deviceId), problems.map(({ line }) => line)], [['E'], [2, 3, 4, 5]]);
  });

  it('never fails, and every line is either a device or a problem', () => {
    fc.assert(fc.property(fc.string({ unit: fc.constantFrom('a', '"', ',', ';', '\n', ' ', '\t'), maxLength: 200 }), (text) => {
      const { devices, problems } = readDeviceList(`id,name\n${text}`);
      assert.equal(devices.length + problems.length, text.split('\n').filter((line) => line.trim() !== '').length);
    }));
  });
});

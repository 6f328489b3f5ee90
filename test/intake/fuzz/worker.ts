import { parentPort, workerData } from 'node:worker_threads';
import { parseEpc96, parseGs1 } from '../../../src/intake/gs1/index.ts';
import { createScanMapper, lifeSignOf, suggestMapper, type MapperPreset, type ScanMapper } from '../../../src/intake/mapper/index.ts';
import { decodePayload, interpret, SparkplugPayloadError } from '../../../src/intake/sparkplug/index.ts';
import { Chance, nextInput } from './generate.ts';

/** `watch`: at which input the worker is, and since when; so that whoever waits sees one that does not end. */
const { seed, seconds, watch } = workerData as { readonly seed: number; readonly seconds: number; readonly watch: SharedArrayBuffer };
const place = new Float64Array(watch);
const NOW = Date.UTC(2026, 10, 29);
const POINTERS = { code: '/code', items: '/items', id: '/id', quantity: '/quantity', time: '/d/b/0' };
const mappers: readonly ScanMapper[] = (['auto', 'plain-text', 'proglove', 'zebra-rfd', 'waybill', 'custom'] as const).flatMap((preset: MapperPreset) => (['gs1', 'any'] as const).map((codes) => createScanMapper({
  preset, codes, fnc1Substitutes: ['|', '{GS}'], ...(preset === 'custom' ? { pointers: POINTERS } : {}),
})));

/** All that may become of an input, without a throw; undefined when it is as it should be. */
function wrongWith(input: Uint8Array): string | undefined {
  const text = Buffer.from(input).toString('utf8');
  const code = parseGs1(text, { referenceYear: 2026, fnc1Substitutes: ['|'] });
  if (code.ok ? code.elements.length === 0 : code.message === '' || code.at < 0) return `parseGs1 gave ${JSON.stringify(code)}`;
  parseEpc96(text.slice(0, 24), 2026);
  for (const map of mappers) {
    const result = map(input, { receivedAt: NOW, topic: { device: 'd-1' } });
    if (!result.ok && (result.message === '' || result.reason.length === 0)) return `the mapper gave ${JSON.stringify(result)}`;
    if (result.ok && result.scans.some((scan) => typeof scan.code !== 'string' || scan.code === '')) return 'a scan without a code';
    JSON.stringify(result);
  }
  suggestMapper([input], NOW);
  lifeSignOf(input);
  try {
    for (const { raw, type } of decodePayload(input).metrics) if (raw !== undefined && type !== undefined) interpret(raw, type);
  } catch (error) {
    if (!(error instanceof SparkplugPayloadError)) throw error;
  }
  return undefined;
}

const chance = new Chance(seed);
const ends = performance.now() + seconds * 1_000;
let slowest = 0;
let count = 0;
let told: string | undefined;
for (; performance.now() < ends && told === undefined; count += 1) {
  const input = nextInput(chance);
  const began = performance.now();
  place[0] = count;
  place[1] = Date.now();
  try {
    told = wrongWith(input);
  } catch (error) {
    told = error instanceof Error ? error.stack ?? error.message : String(error);
  }
  place[1] = 0;
  slowest = Math.max(slowest, performance.now() - began);
  if (told !== undefined) told = `${told}\ninput ${count}, base64: ${Buffer.from(input).toString('base64').slice(0, 4_000)}`;
}
parentPort?.postMessage({ count, slowest, ...(told === undefined ? {} : { wrong: told }) });

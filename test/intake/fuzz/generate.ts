import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../../../scripts/lib/paths.ts';

/** Numbers that repeat for a seed (mulberry32). */
export class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** 0 to `below` - 1. */
  below(below: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4_294_967_296) * below);
  }

  one<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }
}

/** Codes that are right, and codes that GS1's engine refuses. */
const CODES: readonly string[] = Object.values(JSON.parse(readFileSync(path.join(ROOT, 'test/vectors/gs1/engine.json'), 'utf8')) as Record<string, unknown>)
  .flatMap((rows) => (Array.isArray(rows) ? (rows as readonly (readonly [string])[]).map(([code]) => code) : []))
  .flatMap((code) => [code, `]C1${code.replace(/^\^/, '').replaceAll('^', '\x1d')}`]);

const MESSAGES: readonly string[] = [
  '{"id":"e-1","code":"(00)340123450000000086","operator":"anna","quantity":"12","po":"PO-7","line":"10","final":true}',
  '{"api_version":"1.0","event_type":"scan","event_id":"02114da8","time_created":1546300800000,"device_serial":"M2MR111100928","scan_code":"]C100340123450000000086","scan_symbology":"CODE128"}',
  '{"data":{"eventNum":12,"format":"epc","idHex":"3174257BF4499602D2000000","reads":1},"timestamp":"2026-11-29T08:00:00.000+0000","type":"SIMPLE"}',
  '[{"code":"(01)09521234543213(10)A"},{"code":"(01)09521234543213(10)B"}]',
  '{"d":{"b":["340123450000000086","x"]},"n":1e308,"t":"2026-11-29T08:00:00Z"}',
];

const ODD = ['\ud800', '\udfff', '\u202e', '\u0301'.repeat(50), '\0', '\ufeff', '\u2028', '😀', '٠١٢', 'Ⅷ', 'ß', '\x1d', '\x1e', '\x04', '%', '%zz', '%00', '%C0%AF', '&', '=', '?', '#', '(', ')', ')(', '\\', '"', '__proto__', 'constructor', '-0', '1e400', 'NaN', 'null'];
const KEYS = ['code', 'id', '__proto__', 'constructor', 'toString', 'scan_code', 'data', 'idHex', '', '0', 'length', 'quantity', 'time', 'items'];

/** The next input: its bytes. */
export function nextInput(chance: Chance): Uint8Array {
  return GENERATORS[chance.below(GENERATORS.length)]?.(chance) ?? new Uint8Array();
}

const GENERATORS: readonly ((chance: Chance) => Uint8Array)[] = [
  (chance) => Uint8Array.from({ length: chance.below(400) }, () => chance.below(256)),
  (chance) => Buffer.from(damaged(chance, chance.one(CODES))),
  (chance) => Buffer.from(damaged(chance, `${chance.one(CODES)}${chance.one(['\x1d', '', '|', '(10)'])}${chance.one(CODES)}`)),
  (chance) => Buffer.from(damaged(chance, chance.one(MESSAGES))),
  (chance) => Buffer.from(JSON.stringify({ code: damaged(chance, chance.one(CODES)), id: chance.one(ODD), [chance.one(KEYS)]: chance.one(ODD), quantity: chance.one(['1', '-1', '1e9', '0.1', '１', '9'.repeat(400), 7, null, [], {}]) })),
  (chance) => Buffer.from(deep(chance)),
  (chance) => Buffer.from(wide(chance)),
  (chance) => Buffer.from(`https://${chance.one(['a', 'id.gs1.org', '[::1]', ''])}/${damaged(chance, chance.one(['01/09520123456788/10/ABC1/21/12345?17=180426', '00/952012345678912345?02=09520123456788&37=25', '01/'.repeat(500), '/'.repeat(3_000), `01/09520123456788?${'99=A&'.repeat(700)}`]))}`),
  (chance) => Buffer.from(Array.from({ length: 1 + chance.below(200) }, () => chance.one(ODD)).join('')),
  (chance) => Buffer.from(chance.one(['(', ')', '(01)', '(10)(', '0', '\x1d', '10', '%25', ' ', '\u0002']).repeat(1 + chance.below(4_000))),
  (chance) => Buffer.concat([Buffer.from(chance.one(MESSAGES).slice(0, chance.below(60))), Uint8Array.from({ length: chance.below(8) }, () => chance.below(256)), Buffer.from(chance.one(CODES))]),
];

/** A text in which a few characters were changed, lost, doubled, cut off or put in. */
function damaged(chance: Chance, text: string): string {
  let now = text;
  for (let changes = chance.below(6); changes > 0 && now.length > 0; changes -= 1) {
    const at = chance.below(now.length);
    switch (chance.below(6)) {
      case 0: now = now.slice(0, at) + String.fromCharCode(chance.below(128)) + now.slice(at + 1); break;
      case 1: now = now.slice(0, at) + now.slice(at + 1); break;
      case 2: now = now.slice(0, at) + chance.one(ODD) + now.slice(at); break;
      case 3: now = now.slice(0, at); break;
      case 4: now = now.slice(0, at) + now.slice(at, at + 20).repeat(chance.below(40)) + now.slice(at); break;
      default: now = now.slice(0, at) + String.fromCharCode(48 + chance.below(10)) + now.slice(at + 1);
    }
  }
  return now;
}

function deep(chance: Chance): string {
  const levels = chance.one([5, 15, 16, 17, 100, 5_000, 20_000]);
  const [open, close] = chance.one([['[', ']'], ['{"a":', '}'], ['{"code":', '}'], ['[{"items":', '}]']] as const);
  return open.repeat(levels) + chance.one(['1', '"x"', '', '{"code":"(10)A"}']) + (chance.below(4) === 0 ? '' : close.repeat(levels));
}

function wide(chance: Chance): string {
  const count = chance.one([10, 1_000, 8_000]);
  switch (chance.below(4)) {
    case 0: return `[${'1,'.repeat(count)}1]`;
    case 1: return `[${Array.from({ length: Math.min(count, 2_000) }, (_none, at) => `{"code":"(10)A${at}"}`).join(',')}]`;
    case 2: return `{${Array.from({ length: Math.min(count, 3_000) }, (_none, at) => `"k${at}":${at}`).join(',')},"code":"(10)A"}`;
    default: return JSON.stringify({ code: `(10)${'A'.repeat(count)}`, list: Array.from({ length: Math.min(count, 3_000) }, () => chance.one(ODD)) });
  }
}

import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { EdiError, fromJson, readEdi, toJson, writeInterchanges } from '../../../../src/connectors/edi/index.ts';
import type { JsonFile } from '../../../../src/connectors/edi/index.ts';

export const SAMPLES = path.join(import.meta.dirname, '../samples');

export interface RoundTrip {
  readonly file: string;
  readonly messages: readonly string[];
  readonly segments: number;
  /** Nothing wrong was found. */
  readonly clean: boolean;
  /** What is written of the segments is the file, byte for byte. */
  readonly sameBytes: boolean;
  /** What is written of the JSON documents is what is written of the segments. */
  readonly sameByMap: boolean;
  /** Why the documents cannot be written. */
  readonly refusal?: string;
  /** What is written, read and written again stays the same. */
  readonly stable: boolean;
  /** Objects of the documents that hold something which the map does not name. */
  readonly rests: number;
}

function writtenByMap(json: string): Buffer | string {
  try {
    return writeInterchanges((JSON.parse(json) as JsonFile).interchanges.map(fromJson));
  } catch (error) {
    if (error instanceof EdiError) return error.message;
    throw error;
  }
}

/** Takes a document through: read, write, read; and through its JSON. */
export function roundTrip(file: string): RoundTrip {
  const bytes = readFileSync(file);
  const read = readEdi(bytes);
  const written = writeInterchanges(read.interchanges);
  const { file: json, findings } = toJson(read);
  const text = JSON.stringify(json);
  const byMap = writtenByMap(text);
  const all = read.interchanges.flatMap(({ groups }) => groups.flatMap(({ messages }) => messages));
  return {
    file, segments: all.reduce((sum, { segments }) => sum + segments.length + 2, 0),
    messages: json.interchanges.flatMap(({ groups }) => groups.flatMap(({ messages }) => messages.map(({ message }) => message))),
    clean: findings.every(({ severity }) => severity !== 'error'), sameBytes: written.equals(bytes), sameByMap: typeof byMap !== 'string' && byMap.equals(written), ...(typeof byMap === 'string' ? { refusal: byMap } : {}),
    stable: writeInterchanges(readEdi(written).interchanges).equals(written), rests: text.split('"rest":').length - 1,
  };
}

/** Files below a folder. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => path.join(folder, name)).filter((name) => statSync(name).isFile()).sort();
}

export const samples = (): string[] => filesBelow(SAMPLES).filter((name) => name.endsWith('.edi'));

const yes = (value: boolean): string => (value ? 'yes' : 'no');

/** The table in docs/edi.md. */
export function sampleTable(): string {
  const rows = samples().map(roundTrip).map(({ file, messages, segments, sameBytes, sameByMap, stable, rests }) =>
    `| \`${path.basename(file)}\` | ${[...new Set(messages)].join(', ')} | ${segments} | ${yes(sameBytes)} | ${yes(sameByMap)} | ${yes(stable)} | ${rests} |`);
  return ['| Document | Message | Segments | read, written: same bytes | by the map: same bytes | read again: the same | objects with a rest |', '|---|---|---|---|---|---|---|', ...rows].join('\n');
}

/**
 * Round trips of EDI documents.
 *
 *   node scripts/edi-round-trips.ts              writes the table of docs/edi.md
 *   node scripts/edi-round-trips.ts <folder> …   takes every document below these folders through, and counts
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { filesBelow, roundTrip, sampleTable } from '../test/connectors/edi/support/round-trips.ts';
import { ROOT } from './lib/paths.ts';

const BEGIN = '<!-- round trips: node scripts/edi-round-trips.ts -->';
const END = '<!-- end of round trips -->';

function writeTable(): void {
  const page = path.join(ROOT, 'docs/edi.md');
  const [before, rest] = readFileSync(page, 'utf8').split(BEGIN);
  const after = rest?.split(END)[1];
  if (after === undefined) throw new Error(`${page} has no place for the table.`);
  writeFileSync(page, `${before ?? ''}${BEGIN}\n${sampleTable()}\n${END}${after}`);
}

function count(folder: string): void {
  const sums = { files: 0, segments: 0, clean: 0, sameBytes: 0, sameByMap: 0, stable: 0 };
  for (const file of filesBelow(folder)) {
    // Names say nothing; what begins like an interchange is one.
    if (!/^\s*(ISA[^A-Za-z0-9]\d\d|UNB\+|UNA)/.test(readFileSync(file).subarray(0, 200).toString('latin1').replace(/^\u00EF\u00BB\u00BF/, ''))) continue;
    sums.files += 1;
    const trip = roundTrip(file);
    sums.segments += trip.segments;
    for (const name of ['clean', 'sameBytes', 'sameByMap', 'stable'] as const) sums[name] += Number(trip[name]);
    if (!trip.sameByMap || !trip.stable) console.log(`${file}: ${trip.refusal ?? JSON.stringify(trip)}`);
  }
  console.log(`${folder}: ${JSON.stringify(sums)}`);
}

const folders = process.argv.slice(2);
if (folders.length === 0) writeTable();
else folders.forEach(count);

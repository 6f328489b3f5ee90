import { parentPort, workerData } from 'node:worker_threads';
import { ledgerErrorOf } from './database.ts';
import type { FromReader, FromWriter, ReaderData, ToReader, ToWriter, WriterData } from './messages.ts';
import { SqliteReader } from './reader.ts';
import type { ReaderMethod } from './reader.ts';
import { Writer } from './writer.ts';

/** Entry point of the ledger's worker threads: one that writes, one that reads (long lists must never stall a commit). */

if (parentPort === null) throw new Error('This file is run as a worker thread by the ledger.');
const port = parentPort;
const data = workerData as WriterData | ReaderData;

function failure(error: unknown): { code: ReturnType<typeof ledgerErrorOf>['code']; message: string } {
  const { code, message } = ledgerErrorOf(error);
  return { code, message };
}

function runWriter(own: WriterData): void {
  const writer = new Writer(own, (message: FromWriter) => {
    port.postMessage(message);
    if (message.kind === 'closed') port.close();
  });
  try {
    writer.start();
  } catch (error) {
    port.postMessage({ kind: 'failed', ...failure(error) } satisfies FromWriter);
    return;
  }
  port.on('message', (message: ToWriter) => writer.handle(message));
}

function runReader({ path }: ReaderData): void {
  let reader: SqliteReader;
  try {
    reader = new SqliteReader(path);
  } catch (error) {
    port.postMessage({ kind: 'failed', ...failure(error) } satisfies FromReader);
    return;
  }
  port.on('message', ({ id, method, args }: ToReader) => {
    if (method === 'close') {
      reader.close();
      port.close();
      return;
    }
    try {
      const call = reader[method as ReaderMethod] as (...args: readonly unknown[]) => unknown;
      port.postMessage({ id, result: call.apply(reader, [...args]) } satisfies FromReader);
    } catch (error) {
      port.postMessage({ id, ...failure(error) } satisfies FromReader);
    }
  });
  port.postMessage({ kind: 'ready' } satisfies FromReader);
}

if (data.role === 'writer') runWriter(data);
else runReader(data);

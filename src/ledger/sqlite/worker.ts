import { parentPort, workerData } from 'node:worker_threads';
import { ledgerErrorOf } from './database.ts';
import type { FromReader, FromWriter, ReaderData, ToReader, ToWriter, WriterData } from './messages.ts';
import { SqliteReader } from './reader.ts';
import type { ReaderMethod } from './reader.ts';
import { FREE } from './threads.ts';
import { Writer } from './writer.ts';

/** Entry point of the ledger's worker threads: one that writes, one that reads (long lists must never stall a commit). */

if (parentPort === null) throw new Error('This file is run as a worker thread by the ledger.');
const port = parentPort;
let handle: (message: unknown) => void = () => undefined;
const first = workerData as (WriterData | ReaderData) & { readonly keep?: true };

function failure(error: unknown): { code: ReturnType<typeof ledgerErrorOf>['code']; message: string } {
  const { code, message } = ledgerErrorOf(error);
  return { code, message };
}

function runWriter(own: WriterData): void {
  const writer = new Writer(own, (message: FromWriter) => {
    port.postMessage(message);
    if (message.kind === 'closed') end();
  });
  try {
    writer.start();
  } catch (error) {
    port.postMessage({ kind: 'failed', ...failure(error) } satisfies FromWriter);
    return;
  }
  handle = (message) => { writer.handle(message as ToWriter); };
}

function runReader({ path }: ReaderData): void {
  let reader: SqliteReader;
  try {
    reader = new SqliteReader(path);
  } catch (error) {
    port.postMessage({ kind: 'failed', ...failure(error) } satisfies FromReader);
    return;
  }
  handle = (message) => {
    const { id, method, args } = message as ToReader;
    if (method === 'close') {
      reader.close();
      end();
      return;
    }
    try {
      const call = reader[method as ReaderMethod] as (...args: readonly unknown[]) => unknown;
      port.postMessage({ id, result: call.apply(reader, [...args]) } satisfies FromReader);
    } catch (error) {
      port.postMessage({ id, ...failure(error) } satisfies FromReader);
    }
  };
  port.postMessage({ kind: 'ready' } satisfies FromReader);
}

function begin(data: WriterData | ReaderData): void {
  if (data.role === 'writer') runWriter(data);
  else runReader(data);
}

/** The ledger is closed: the thread ends, or waits for the next ledger where threads are kept (threads.ts). */
function end(): void {
  if (first.keep !== true) return port.close();
  handle = (next) => { begin(next as WriterData | ReaderData); };
  port.postMessage(FREE);
}

port.on('message', (message: unknown) => { handle(message); });
begin(first);

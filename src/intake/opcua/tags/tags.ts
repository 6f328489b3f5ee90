import type { ClientSession, DataValue } from 'node-opcua-client';
import type { Json } from '../../../domain/json.ts';
import { OpcUaIntakeError } from '../errors.ts';
import { loadOpcUa } from '../load.ts';
import { localNodeId } from '../node-ids.ts';
import { plainValue, typeName, typeNumber } from './values.ts';

/** What was read of one tag. */
export interface TagRead {
  /** Name of its status, `Good` and the like (OPC 10000-4 §7.38). */
  readonly status: string;
  readonly good: boolean;
  /** As JSON; absent when there is none. */
  readonly value?: Json;
  /** Name of its built-in type. */
  readonly type: string;
  readonly array: boolean;
  /** Epoch milliseconds: when the value came to be, by the source, else by the server. */
  readonly at?: number;
}

export interface TagWrite { readonly nodeId: string; readonly type: string; /** As `coerce` gave it. */ readonly value: unknown }

export interface MethodCalled {
  readonly status: string;
  readonly good: boolean;
  /** Of its results, as JSON. */
  readonly results: readonly Json[];
  /** Statuses of its arguments, where one was refused. */
  readonly arguments: readonly string[];
}

export interface MethodArgument { readonly name: string; readonly type: string; readonly array: boolean }

/** Who gives the session there is now, or rejects with one sentence. */
export interface SessionSource { withSession<T>(work: (session: ClientSession) => Promise<T>): Promise<T> }

const VALUE = 13; // AttributeIds.Value, OPC 10000-6 §A.1
/** Tags of one service call; servers limit it, none is known to take fewer. */
const MOST_AT_ONCE = 100;

/** Reads, writes and calls on the server of one connection. What the server answers are values; what breaks the connection rejects. */
export class OpcUaTags {
  readonly #source: SessionSource;
  #namespaces: { readonly session: ClientSession; readonly uris: readonly string[] } | undefined;

  constructor(source: SessionSource) {
    this.#source = source;
  }

  /** As they are in the device now (maxAge 0, OPC 10000-4 §5.11.2), all of up to 100 in one service call. */
  read(nodeIds: readonly string[]): Promise<readonly TagRead[]> {
    return this.#source.withSession(async (session) => {
      const nodes = await this.#resolve(session, nodeIds);
      const read: DataValue[] = [];
      for (let at = 0; at < nodes.length; at += MOST_AT_ONCE) {
        read.push(...await session.read(nodes.slice(at, at + MOST_AT_ONCE).map((nodeId) => ({ nodeId, attributeId: VALUE })), 0));
      }
      if (read.length !== nodeIds.length) throw new OpcUaIntakeError('status', `The server answered ${read.length} of ${nodeIds.length} tags.`);
      return read.map(tagRead);
    });
  }

  /** In one service call, in this order; the name of the status of each. */
  write(writes: readonly TagWrite[]): Promise<readonly string[]> {
    return this.#source.withSession(async (session) => {
      const { DataType, VariantArrayType } = await loadOpcUa();
      const nodes = await this.#resolve(session, writes.map(({ nodeId }) => nodeId));
      const statuses = await session.write(writes.map(({ type, value }, at) => ({
        nodeId: nodes[at] as string, attributeId: VALUE,
        // Only the value: many controllers refuse a write that brings status or times along (Bad_WriteNotSupported, OPC 10000-4 §5.11.4).
        value: { value: { dataType: typeNumber(type) ?? DataType.Null, arrayType: VariantArrayType.Scalar, value } },
      })));
      return writes.map((_write, at) => statusName(statuses[at]));
    });
  }

  call(objectId: string, methodId: string, inputs: readonly { readonly type: string; readonly value: unknown }[]): Promise<MethodCalled> {
    return this.#source.withSession(async (session) => {
      const { DataType, VariantArrayType } = await loadOpcUa();
      const [object, method] = await this.#resolve(session, [objectId, methodId]);
      const result = await session.call({
        objectId: object as string, methodId: method as string,
        inputArguments: inputs.map(({ type, value }) => ({ dataType: typeNumber(type) ?? DataType.Null, arrayType: VariantArrayType.Scalar, value })),
      });
      return {
        status: statusName(result.statusCode), good: isGood(result.statusCode), results: (result.outputArguments ?? []).map((each) => plainValue(each) ?? null),
        arguments: (result.inputArgumentResults ?? []).map(statusName),
      };
    });
  }

  /** What a method takes and gives, as it declares it (OPC 10000-3 §6.4); undefined for what is no method. */
  methodArguments(methodId: string): Promise<{ readonly inputs: readonly MethodArgument[]; readonly outputs: readonly MethodArgument[] } | undefined> {
    return this.#source.withSession(async (session) => {
      const [method] = await this.#resolve(session, [methodId]);
      const declared = await session.getArgumentDefinition(method as string).catch((error: unknown) => {
        // a method without arguments has no such properties
        if (error instanceof Error && /argument/i.test(error.message)) return { inputArguments: [], outputArguments: [] };
        throw error;
      });
      const plain = (list: readonly { name?: string | null; dataType: { value: unknown; namespace: number }; valueRank: number }[]): MethodArgument[] => list.map(({ name, dataType, valueRank }) => ({
        name: name ?? '', type: dataType.namespace === 0 && typeof dataType.value === 'number' && dataType.value <= 25 ? typeName(dataType.value) : String(dataType), array: valueRank >= 0,
      }));
      return { inputs: plain(declared.inputArguments ?? []), outputs: plain(declared.outputArguments ?? []) };
    });
  }

  /** `nsu=<uri>;…` by the server's own list of namespaces, everything else as it is. */
  async #resolve(session: ClientSession, nodeIds: readonly string[]): Promise<readonly string[]> {
    if (!nodeIds.some((nodeId) => nodeId.startsWith('nsu='))) return nodeIds;
    if (this.#namespaces?.session !== session) this.#namespaces = { session, uris: await session.readNamespaceArray() };
    const { uris } = this.#namespaces;
    return nodeIds.map((nodeId) => localNodeId(nodeId, uris));
  }
}

interface StatusLike { readonly name?: string; readonly value?: number; isGood?(): boolean }

export function statusName(status: StatusLike | undefined): string {
  return status?.name?.replace(/#.*$/, '') ?? 'BadUnexpectedError';
}

/** Severity Good (OPC 10000-4 §7.38.1): the two highest bits are 0. */
export function isGood(status: StatusLike | undefined): boolean {
  return status !== undefined && ((status.value ?? 0) >>> 30) === 0;
}

export function tagRead({ statusCode, value, sourceTimestamp, serverTimestamp }: DataValue): TagRead {
  const plain = plainValue(value as unknown as { dataType?: number; arrayType?: number; value?: unknown });
  const at = sourceTimestamp ?? serverTimestamp;
  return {
    status: statusName(statusCode), good: isGood(statusCode), type: typeName(value?.dataType), array: (value?.arrayType ?? 0) !== 0,
    ...(plain === undefined ? {} : { value: plain }), ...(at instanceof Date && !Number.isNaN(at.getTime()) ? { at: at.getTime() } : {}),
  };
}

import type { ClientSession } from 'node-opcua-client';
import type { PlcTag } from '../../../domain/plc/tag.ts';
import { queueSizeFor, type ItemProblem, type WatchedItem } from '../subscription/watched.ts';
import { loadOpcUa } from '../load.ts';
import { OpcUaIntakeError } from '../errors.ts';
import { localNodeId } from '../node-ids.ts';

export type { PlcTag };

const DATA_TYPE = 14; // AttributeIds.DataType
/** Numbers of OPC UA Part 6 §5.1.2: SByte to Double; and Number, Integer, UInteger. */
const NUMERIC = new Set([2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 26, 27, 28]);

export function keyOf({ nodeId, samplingMs, deadband }: PlcTag): string {
  return `${nodeId}@${samplingMs}${deadband === undefined ? '' : `/${deadband.kind}${deadband.value}`}`;
}

/** The server's own list of namespaces, for {@link localNodeId}; asked for only where a tag names its namespace. */
export async function namespacesFor(session: ClientSession, tags: readonly PlcTag[]): Promise<readonly string[]> {
  return tags.some(({ nodeId }) => nodeId.startsWith('nsu=')) ? session.readNamespaceArray() : [];
}

/** What the server is asked to watch. Tags with a deadband are looked at first: only numbers take one, and percent only with a range. */
export async function watchedItems(session: ClientSession, tags: readonly PlcTag[], publishingMs: number, outageMs: number): Promise<{ readonly items: readonly WatchedItem[]; readonly problems: readonly ItemProblem[] }> {
  const items: WatchedItem[] = [];
  const problems: ItemProblem[] = [];
  const seen = new Set<string>();
  const namespaces = await namespacesFor(session, tags);
  for (const configured of tags) {
    const key = keyOf(configured);
    if (seen.has(key)) continue;
    seen.add(key);
    const tag = placed(configured, namespaces);
    if ('problem' in tag) {
      problems.push({ key, status: 'node-id', message: tag.problem });
      continue;
    }
    const item: WatchedItem = { key, nodeId: tag.nodeId, kind: 'value', samplingMs: tag.samplingMs, queueSize: queueSizeFor(tag.samplingMs, publishingMs, outageMs) };
    if (tag.deadband === undefined) {
      items.push(item);
      continue;
    }
    const problem = await deadbandProblem(session, tag);
    if (problem !== undefined) problems.push({ key, status: 'deadband', message: problem });
    // watched all the same: every change is more than was asked for, and nothing is lost
    items.push(problem === undefined ? { ...item, filter: await deadbandFilter(tag.deadband) } : item);
  }
  return { items, problems };
}

/** With the node id as this server has it now, or why it has none. */
function placed(tag: PlcTag, namespaces: readonly string[]): PlcTag | { readonly problem: string } {
  try {
    return { ...tag, nodeId: localNodeId(tag.nodeId, namespaces) };
  } catch (error) {
    if (error instanceof OpcUaIntakeError) return { problem: error.message };
    throw error;
  }
}

async function deadbandFilter({ kind, value }: NonNullable<PlcTag['deadband']>): Promise<object> {
  const { DataChangeFilter, DataChangeTrigger } = await loadOpcUa();
  // OPC UA Part 4 §7.22.2: 1 absolute, 2 percent of EURange (Part 8 §6.2)
  return new DataChangeFilter({ trigger: DataChangeTrigger.StatusValue, deadbandType: kind === 'absolute' ? 1 : 2, deadbandValue: value });
}

async function deadbandProblem(session: ClientSession, { name, nodeId, deadband }: PlcTag): Promise<string | undefined> {
  const [dataType] = await session.read([{ nodeId, attributeId: DATA_TYPE }]);
  if (dataType === undefined || !dataType.statusCode.isGood()) return undefined; // what is wrong with the node is said where it is watched
  const type = dataType.value.value as { readonly namespace?: number; readonly value?: unknown } | null;
  const numeric = type?.namespace === 0 ? NUMERIC.has(Number(type.value)) : NUMERIC.has(Number(await session.getBuiltInDataType((await loadOpcUa()).resolveNodeId(nodeId)).catch(() => 0)));
  if (!numeric) return `The tag "${name}" is no number, so it has no deadband: every change of it is reported; take the deadband away.`;
  if (deadband?.kind !== 'percent') return undefined;
  const range = await session.translateBrowsePath({
    startingNode: nodeId,
    relativePath: { elements: [{ referenceTypeId: 'ns=0;i=46', isInverse: false, includeSubtypes: true, targetName: { namespaceIndex: 0, name: 'EURange' } }] },
  } as never).catch(() => undefined);
  return (range?.targets?.length ?? 0) > 0 ? undefined : `The tag "${name}" has no range of its unit (EURange) on the server, so it has no deadband in percent: every change of it is reported; give the deadband in its unit.`;
}

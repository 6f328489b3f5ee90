import type { ClientSession, ClientSessionPublishService, ClientSessionRawSubscriptionService, DeleteSubscriptionsResponse, ModifyMonitoredItemsRequestOptions, ModifyMonitoredItemsResponse, NotificationMessage, RepublishRequest, RepublishResponse, TransferSubscriptionsResponse } from 'node-opcua-client';
import type { GrantedItem, ItemProblem, WatchedItem } from './watched.ts';

/** Services of OPC UA Part 4 §5.13 and §5.14, called directly: the library's own subscription decides too much by itself. */

/** The part of a session that the library keeps for itself; test/intake/opcua/library-contract.test.ts holds it to what is used here. */
export function raw(session: ClientSession): RawSession {
  return session as unknown as RawSession;
}

interface RawSession extends ClientSessionPublishService, Pick<ClientSessionRawSubscriptionService, 'createSubscription' | 'modifySubscription' | 'createMonitoredItems' | 'deleteMonitoredItems'> {
  transferSubscriptions(options: { readonly subscriptionIds: number[]; readonly sendInitialValues: boolean }): Promise<TransferSubscriptionsResponse>;
  modifyMonitoredItems(options: ModifyMonitoredItemsRequestOptions): Promise<ModifyMonitoredItemsResponse>;
  deleteSubscriptions(options: { readonly subscriptionIds: number[] }): Promise<DeleteSubscriptionsResponse>;
}

export interface CreatedSubscription { readonly serverId: number; readonly publishingMs: number; readonly keepAliveMs: number; readonly lifetimeMs: number }

const KEEP_ALIVE_MS = 5_000;
const MOST_PER_MESSAGE = 5_000;
const ITEMS_PER_CALL = 500;
const FILTER_REFUSED = /Filter|BadEventNotAcknowledgeable|BadNotSupported/;

export async function createSubscription(session: ClientSession, publishingMs: number, outageMs: number): Promise<CreatedSubscription> {
  const answer = await raw(session).createSubscription({ ...wanted(publishingMs, outageMs), maxNotificationsPerPublish: MOST_PER_MESSAGE, publishingEnabled: true, priority: 10 });
  return { serverId: answer.subscriptionId, ...granted(answer) };
}

/** One that was made by another process, or before a deploy, with what is wanted of it now (OPC 10000-4 §5.14.3). */
export async function modifySubscription(session: ClientSession, serverId: number, publishingMs: number, outageMs: number): Promise<CreatedSubscription> {
  const answer = await raw(session).modifySubscription({ subscriptionId: serverId, ...wanted(publishingMs, outageMs), maxNotificationsPerPublish: MOST_PER_MESSAGE, priority: 10 });
  return { serverId, ...granted(answer) };
}

function wanted(publishingMs: number, outageMs: number): { readonly requestedPublishingInterval: number; readonly requestedMaxKeepAliveCount: number; readonly requestedLifetimeCount: number } {
  const keepAlive = Math.max(1, Math.ceil(KEEP_ALIVE_MS / publishingMs));
  // a lifetime of at least three times the keep-alive (OPC UA Part 4 §5.14.2.2), and as long as the outage that is to be survived
  return { requestedPublishingInterval: publishingMs, requestedMaxKeepAliveCount: keepAlive, requestedLifetimeCount: Math.max(3 * keepAlive, Math.ceil(outageMs / publishingMs)) };
}

function granted({ revisedPublishingInterval: publishingMs, revisedMaxKeepAliveCount, revisedLifetimeCount }: { readonly revisedPublishingInterval: number; readonly revisedMaxKeepAliveCount: number; readonly revisedLifetimeCount: number }): Omit<CreatedSubscription, 'serverId'> {
  return { publishingMs, keepAliveMs: publishingMs * revisedMaxKeepAliveCount, lifetimeMs: publishingMs * revisedLifetimeCount };
}

/** Asks the server to watch these; what it refuses comes back with a sentence each. */
export async function createItems(session: ClientSession, serverId: number, items: readonly WatchedItem[], firstHandle: number): Promise<{ readonly granted: GrantedItem[]; readonly refused: ItemProblem[] }> {
  const granted: GrantedItem[] = [];
  const refused: ItemProblem[] = [];
  for (let from = 0; from < items.length; from += ITEMS_PER_CALL) {
    const part = items.slice(from, from + ITEMS_PER_CALL);
    const answer = await ask(session, serverId, part, firstHandle + from);
    for (const [at, item] of part.entries()) {
      const handle = firstHandle + from + at;
      let result = answer.results?.[at];
      if (item.fallback !== undefined && FILTER_REFUSED.test(result?.statusCode.name ?? '')) result = (await ask(session, serverId, [{ ...item, filter: item.fallback }], handle)).results?.[0];
      if (result?.statusCode.isGood() === true) {
        granted.push({ key: item.key, handle, itemId: result.monitoredItemId, samplingMs: result.revisedSamplingInterval, queueSize: result.revisedQueueSize });
      } else {
        const status = result?.statusCode.name ?? 'no answer';
        refused.push({ key: item.key, status, message: explainItem(item, status) });
      }
    }
  }
  return { granted, refused };
}

async function ask(session: ClientSession, serverId: number, items: readonly WatchedItem[], firstHandle: number): ReturnType<RawSession['createMonitoredItems']> {
  return raw(session).createMonitoredItems({
    subscriptionId: serverId, timestampsToReturn: 2, // Both
    itemsToCreate: items.map((item, at) => ({
      itemToMonitor: { nodeId: item.nodeId, attributeId: item.kind === 'value' ? 13 : 12 },
      monitoringMode: 2, // Reporting
      requestedParameters: {
        clientHandle: firstHandle + at, samplingInterval: item.samplingMs, queueSize: item.queueSize, discardOldest: true,
        ...(item.filter === undefined ? {} : { filter: item.filter as never }),
      },
    })),
  });
}

/** Longer queues for items that are watched already; what the server does not lengthen stays as it is. */
export async function lengthenQueues(session: ClientSession, serverId: number, items: readonly { readonly item: WatchedItem; readonly granted: GrantedItem }[]): Promise<readonly GrantedItem[]> {
  const lengthened: GrantedItem[] = [];
  for (let from = 0; from < items.length; from += ITEMS_PER_CALL) {
    const part = items.slice(from, from + ITEMS_PER_CALL);
    const answer = await raw(session).modifyMonitoredItems({
      subscriptionId: serverId, timestampsToReturn: 2, // Both
      itemsToModify: part.map(({ item, granted: { itemId, handle } }) => ({
        monitoredItemId: itemId,
        requestedParameters: { clientHandle: handle, samplingInterval: item.samplingMs, queueSize: item.queueSize, discardOldest: true, ...(item.filter === undefined ? {} : { filter: item.filter as never }) },
      })),
    });
    for (const [at, { granted: before }] of part.entries()) {
      const result = answer.results?.[at];
      lengthened.push(result?.statusCode.isGood() === true ? { ...before, samplingMs: result.revisedSamplingInterval, queueSize: result.revisedQueueSize } : before);
    }
  }
  return lengthened;
}

export async function deleteItems(session: ClientSession, serverId: number, itemIds: readonly number[]): Promise<void> {
  if (itemIds.length > 0) await raw(session).deleteMonitoredItems({ subscriptionId: serverId, monitoredItemIds: [...itemIds] });
}

export async function deleteSubscription(session: ClientSession, serverId: number): Promise<void> {
  await raw(session).deleteSubscriptions({ subscriptionIds: [serverId] });
}

/** The sequence numbers that the server keeps for us; or the status by which it refuses. */
export async function transferSubscription(session: ClientSession, serverId: number): Promise<{ readonly available: readonly number[] } | { readonly refused: string }> {
  try {
    const answer = await raw(session).transferSubscriptions({ subscriptionIds: [serverId], sendInitialValues: false });
    const result = answer.results?.[0];
    if (result?.statusCode.isGood() !== true) return { refused: result?.statusCode.name ?? 'no answer' };
    return { available: [...result.availableSequenceNumbers ?? []] };
  } catch (error) {
    const status = /\b(Bad[A-Z]\w+)/.exec(error instanceof Error ? error.message : '')?.[1];
    // a fault of the service is an answer; a broken connection is none
    if (status === undefined || /Connection|SecureChannel|Session|Timeout/.test(status)) throw error;
    return { refused: status };
  }
}

export type Republished = { readonly kind: 'message'; readonly message: NotificationMessage } | { readonly kind: 'none' } | { readonly kind: 'gone'; readonly status: string };

/** OPC UA Part 4 §5.14.6. `none`: the server keeps no such message. */
export function republish(session: ClientSession, serverId: number, sequence: number): Promise<Republished> {
  return new Promise((resolve, reject) => {
    raw(session).republish({ subscriptionId: serverId, retransmitSequenceNumber: sequence } as unknown as RepublishRequest, (error: Error | null, response?: RepublishResponse) => {
      const said = error === null ? response?.responseHeader.serviceResult.name ?? '' : error.message;
      if (error === null && response?.responseHeader.serviceResult.isGood() === true) resolve({ kind: 'message', message: response.notificationMessage });
      else if (said.includes('BadMessageNotAvailable')) resolve({ kind: 'none' });
      else if (said.includes('BadSubscriptionIdInvalid') || said.includes('BadNoSubscription')) resolve({ kind: 'gone', status: 'BadSubscriptionIdInvalid' });
      else reject(error ?? new Error(said));
    });
  });
}

function explainItem(item: WatchedItem, status: string): string {
  const node = `The node "${item.nodeId}"`;
  switch (status) {
    case 'BadNodeIdUnknown': return `${node} is not known to the server; choose it anew from its tree, or correct the id.`;
    case 'BadNodeIdInvalid': return `"${item.nodeId}" is no node id; write it like ns=2;s=Line.Speed.`;
    case 'BadAttributeIdInvalid': return item.kind === 'event' ? `${node} tells no events; choose the Server object, or a node that the tree marks as a source of events.` : `${node} has no value to watch; choose a variable.`;
    case 'BadNotReadable': case 'BadUserAccessDenied': return `${node} may not be read by this user; give the user the right, or sign in as another one.`;
    case 'BadEventFilterInvalid': return `${node} is not watched: the server takes no such filter of events; choose other types of events.`;
    case 'BadFilterNotAllowed': case 'BadDeadbandFilterInvalid': case 'BadMonitoredItemFilterUnsupported': case 'BadMonitoredItemFilterInvalid':
      return `${node} takes no deadband (${status}); take the deadband away, or choose an analog value.`;
    case 'BadTooManyMonitoredItems': return `${node} is not watched: the server watches no more at once; watch fewer tags, or raise its limit.`;
    default: return `${node} is not watched by the server (${status}).`;
  }
}

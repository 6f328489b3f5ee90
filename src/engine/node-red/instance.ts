interface FlowNode { readonly z?: string; readonly _alias?: string; readonly _flow?: { getSetting?(name: string): unknown } }

/**
 * Instance part of an address: inside a subflow its own `WAYBILL_INSTANCE` when it is set, else the subflow instance's id;
 * outside `WAYBILL_INSTANCE` of the tab or group when it is set, else `main`. Independent of tab and node id (PROTOCOL §1).
 * What the tab says does not hold inside a subflow: two blocks on one tab are two instances.
 */
export function instanceOf(node: object): string {
  const { z, _alias, _flow } = node as FlowNode;
  const named = _flow?.getSetting?.('WAYBILL_INSTANCE');
  const own = typeof named === 'string' && named !== '' ? named : undefined;
  if (_alias === undefined || z === undefined) return own ?? 'main';
  return own === undefined || own === _flow?.getSetting?.('$parent.WAYBILL_INSTANCE') ? z : own;
}

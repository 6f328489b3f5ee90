interface FlowNode { readonly z?: string; readonly _alias?: string; readonly _flow?: { getSetting?(name: string): unknown } }

/**
 * Instance part of an address: `WAYBILL_INSTANCE` of the tab, group or subflow when it is set, the subflow
 * instance's id inside a subflow, else `main`. Independent of tab and node id (PROTOCOL §1).
 */
export function instanceOf(node: object): string {
  const { z, _alias, _flow } = node as FlowNode;
  const named = _flow?.getSetting?.('WAYBILL_INSTANCE');
  if (typeof named === 'string' && named !== '') return named;
  return _alias === undefined || z === undefined ? 'main' : z;
}

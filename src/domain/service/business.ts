import type { Mapping } from '../mapping/index.ts';

/** A step of the business that systems offer under many names, with the canonical contracts that a flow gives and gets. */
export interface BusinessOperation {
  /** Which nodes offer it. */
  readonly nodes: readonly ('erp' | 'wms')[];
  readonly effect: 'reads' | 'writes';
  /** Contract of what a flow gives; absent: what the operation asks for, such as a number. */
  readonly takes?: string;
  /** Contract of what a flow gets; absent: what the system answers. */
  readonly gives?: string;
}

/** By name, in the order of a list to choose from. */
export const BUSINESS_OPERATIONS: Readonly<Record<string, BusinessOperation>> = {
  'read-purchase-order': { nodes: ['erp', 'wms'], effect: 'reads', gives: 'purchase-order' },
  'book-goods-receipt': { nodes: ['erp', 'wms'], effect: 'writes', takes: 'receipt' },
  'match-supplier-invoice': { nodes: ['erp'], effect: 'writes', takes: 'invoice' },
  'read-stock': { nodes: ['erp', 'wms'], effect: 'reads', gives: 'inventory' },
  'post-inventory-difference': { nodes: ['erp', 'wms'], effect: 'writes', takes: 'inventory' },
  'create-shipment': { nodes: ['erp', 'wms'], effect: 'writes', takes: 'shipment' },
};

/** A mapping from a canonical contract, or to one: `receipt@1.0.0`. */
export interface ReadyMapping { readonly contract: string; readonly mapping: Mapping }

/** What an operation of a service is for a business: nodes `erp` and `wms` find it by that, and need no mapping of their own. */
export interface BusinessUse {
  /** One of {@link BUSINESS_OPERATIONS}. */
  readonly as: string;
  readonly takes?: ReadyMapping;
  readonly gives?: ReadyMapping;
}

/** Terms of the Core Business Vocabulary 2.0 that a scan's event may carry, in the short form of EPCIS 2.0 JSON. */

/** CBV 2.0 §7.1. */
export const BUSINESS_STEPS = [
  'accepting', 'arriving', 'assembling', 'collecting', 'commissioning', 'consigning', 'creating_class_instance', 'cycle_counting', 'decommissioning',
  'departing', 'destroying', 'disassembling', 'dispensing', 'encoding', 'entering_exiting', 'holding', 'inspecting', 'installing', 'killing', 'loading',
  'other', 'packing', 'picking', 'receiving', 'removing', 'repackaging', 'repairing', 'replacing', 'reserving', 'retail_selling', 'sampling',
  'sensor_reporting', 'shipping', 'staging_outbound', 'stock_taking', 'stocking', 'storing', 'transporting', 'unloading', 'unpacking', 'void_shipping',
] as const;

/** CBV 2.0 §7.2. */
export const DISPOSITIONS = [
  'active', 'available', 'completeness_inferred', 'completeness_verified', 'conformant', 'container_closed', 'container_open', 'damaged', 'destroyed',
  'dispensed', 'disposed', 'encoded', 'expired', 'in_progress', 'in_transit', 'inactive', 'mismatch_class', 'mismatch_instance', 'mismatch_quantity',
  'needs_replacement', 'no_pedigree_match', 'non_conformant', 'non_sellable_other', 'partially_dispensed', 'recalled', 'reserved', 'retail_sold',
  'returned', 'sellable_accessible', 'sellable_not_accessible', 'stolen', 'unavailable', 'unknown',
] as const;

export type BusinessStep = (typeof BUSINESS_STEPS)[number];
export type Disposition = (typeof DISPOSITIONS)[number];

export function isBusinessStep(term: string): term is BusinessStep {
  return (BUSINESS_STEPS as readonly string[]).includes(term);
}

export function isDisposition(term: string): term is Disposition {
  return (DISPOSITIONS as readonly string[]).includes(term);
}

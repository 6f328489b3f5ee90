/** The mapping form of a call: an order of an ERP becomes the canonical one. */
import type { Page } from 'playwright-core';
import { closeForm, openForm } from './editor.ts';

export const MAPPING = ['form-mapping', 'form-mapping-trial'] as const;

export type MappingPicture = (typeof MAPPING)[number];

const SAMPLE = { PurchaseOrder: '4500001234', Supplier: 'S-1001', OrderDate: '20260301', Currency: 'EUR', Items: [{ PurchaseOrderItem: '10', Material: '100-200', OrderQuantity: 240.5, OrderUnit: 'ST', NetPrice: '14,90', Batch: 'L2603' }] };

/** Takes them, in the order of {@link MAPPING}. */
export async function mappingPictures(page: Page, shoot: (name: MappingPicture) => Promise<void>): Promise<void> {
  await openForm(page, { type: 'waybill-call' });
  await page.locator('#waybill-call-map-answer button').first().click();
  await page.locator('.waybill-map-target select option[value="purchase-order@1.0.0"]').waitFor({ state: 'attached' });
  await page.locator('.waybill-map-target select').first().selectOption('purchase-order@1.0.0');
  await page.locator('.waybill-map-trial textarea').fill(JSON.stringify(SAMPLE, null, 1));
  await page.locator('.waybill-try-buttons button').last().click();
  await page.locator('.waybill-map-source [data-pointer="/Items/*/OrderUnit"]').waitFor();
  await page.locator('.waybill-map-suggest button').first().click();
  const line = (side: 'source' | 'target', pointer: string) => page.locator(`.waybill-map-${side} [data-pointer="${pointer}"] > .waybill-tree-line`);
  await line('target', '/lines/*/quantity').locator('.waybill-tree-chevron').click();
  await line('target', '/lines/*/quantity/unit').click();
  await line('source', '/Items/*/OrderUnit').click();
  await page.locator('.waybill-map-add-conversion').selectOption('codes');
  await page.locator('.waybill-map-conversion select').first().selectOption('units-sap@1.0.0');
  await page.locator('.waybill-map-status').scrollIntoViewIfNeeded();
  await shoot('form-mapping');
  await page.locator('.waybill-map-run').click();
  await page.locator('.waybill-map-result').waitFor();
  await page.locator('.waybill-map-trial').evaluate((part) => { part.scrollIntoView({ block: 'start' }); });
  await shoot('form-mapping-trial');
  await page.locator('#waybill-mapping-cancel').click();
  await page.locator('.waybill-map').waitFor({ state: 'detached' });
  await closeForm(page);
}

import type { IdempotencyPlace } from '../../../domain/service/index.ts';
import type { ServiceBinding } from '../binding.ts';

/** Published conventions of a product, as data: what a service definition of it need not say. */
export interface Preset {
  readonly name: string;
  readonly title: string;
  /** Where a service is found below the system's address; what stands in braces is filled in by the engineer. */
  readonly path: string;
  readonly binding: Omit<ServiceBinding, 'path' | 'metadata'>;
  /** Where an idempotency key may live, by entity set, and how many characters are kept there. */
  readonly idempotency: Readonly<Record<string, IdempotencyPlace>>;
  /** What somebody who connects such a system should know. */
  readonly notes: readonly string[];
}

/** Header texts of SAP are kept in a field of 25 characters (BKTXT). The reference document (XBLNR) beside it belongs to the supplier's delivery note or invoice number. */
const sapHeaderText = (name: string): IdempotencyPlace => ({ in: 'field', name, maxLength: 25 });

export const presets: readonly Preset[] = [
  {
    name: 'sap-s4hana-v2', title: 'SAP S/4HANA, OData V2', path: '/sap/opu/odata/sap/{service}',
    binding: {
      csrf: true, update: 'MERGE-by-POST', withoutEtag: 'refuse', batch: 'multipart', query: { 'sap-language': 'EN' },
      // Documents that are locked by somebody else's transaction.
      busy: { codes: ['ME/006', 'M3/024', 'M3/897'] },
    },
    idempotency: {
      A_MaterialDocumentHeader: sapHeaderText('/MaterialDocumentHeaderText'), A_SupplierInvoice: sapHeaderText('/DocumentHeaderText'),
      A_PurchaseOrder: { in: 'field', name: '/CorrespncExternalReference', maxLength: 12 }, A_SalesOrder: { in: 'field', name: '/PurchaseOrderByCustomer', maxLength: 35 },
      A_InbDeliveryHeader: { in: 'field', name: '/DeliveryDocumentBySupplier', maxLength: 35 }, A_OutbDeliveryHeader: { in: 'field', name: '/DeliveryDocumentBySupplier', maxLength: 35 },
    },
    notes: [
      'sap-client belongs to the address of the system: add it to "query" of the binding, for example {"sap-client": "100"}.',
      'Writes take a token (x-csrf-token) with the cookie of its session; the driver fetches both and keeps them in memory.',
      'A header text is no unique key in SAP: repeated calls ask by a query before they send again.',
    ],
  },
  {
    name: 'sap-s4hana', title: 'SAP S/4HANA, OData V4', path: '/sap/opu/odata4/sap/{group}/srvd_a2x/sap/{service}/{version}',
    binding: { csrf: true, update: 'PATCH', withoutEtag: 'refuse', batch: 'multipart', query: { 'sap-language': 'EN' } },
    idempotency: {
      MaterialDocument: sapHeaderText('/MaterialDocumentHeaderText'), SupplierInvoice: sapHeaderText('/DocumentHeaderText'), PurchaseOrder: { in: 'field', name: '/CorrespncExternalReference', maxLength: 12 },
    },
    notes: ['sap-client belongs to the address of the system: add it to "query" of the binding, for example {"sap-client": "100"}.', 'Changes need the ETag of what was read (If-Match); 428 says that it was missing.'],
  },
  {
    name: 'dynamics-365-finance', title: 'Dynamics 365 Finance and Supply Chain', path: '/data',
    binding: { update: 'PATCH', withoutEtag: 'refuse', batch: 'multipart', query: { 'cross-company': 'true' }, headers: { 'odata-maxversion': '4.0' }, metadataMinutes: 0 },
    idempotency: { PurchaseOrderHeadersV2: { in: 'field', name: '/VendorOrderReference', maxLength: 60 }, VendorInvoiceHeaders: { in: 'field', name: '/HeaderReference', maxLength: 20 } },
    notes: [
      'cross-company=true asks over all companies: name dataAreaId in the key and in filters.',
      'All entities are one service whose metadata have some 30 MB: make the definition from the entities that are needed; the driver does not read them again by itself.',
      'Too many calls are answered with 429 and Retry-After (priority-based throttling).',
    ],
  },
  {
    name: 'dataverse', title: 'Microsoft Dataverse and Dynamics 365', path: '/api/data/v9.2',
    binding: { update: 'PATCH', withoutEtag: 'refuse', batch: 'multipart', headers: { 'odata-maxversion': '4.0', 'odata-version': '4.0' }, metadataMinutes: 0, duplicate: { status: [412], codes: ['0x80040333', '0x80060892'] } },
    idempotency: {},
    notes: [
      'Create with an alternate key: update with "etag": "any" on a key of your own makes it or changes it, so that a repeat does no harm.',
      'If-None-Match and If-Match decide between create and update of such an upsert.',
      'Service protection limits are answered with 429 and Retry-After.',
    ],
  },
  {
    name: 'business-central', title: 'Dynamics 365 Business Central', path: '/v2.0/{tenant}/{environment}/api/v2.0/companies({company})',
    binding: { update: 'PATCH', withoutEtag: 'any', batch: 'json', headers: { 'odata-maxversion': '4.0' }, conflict: { status: [409], codes: ['Request_EntityChanged'] }, duplicate: { codes: ['Internal_EntityWithSameKeyExists'] } },
    idempotency: {
      purchaseInvoices: { in: 'field', name: '/vendorInvoiceNumber', maxLength: 35 }, salesOrders: { in: 'field', name: '/externalDocumentNumber', maxLength: 35 },
      journalLines: { in: 'field', name: '/externalDocumentNumber', maxLength: 35 },
    },
    notes: [
      'The company is part of the path, by its id.',
      'Changes need If-Match; without the ETag of what was read the driver sends If-Match: *, which overwrites. Read first and map @odata.etag to be told of conflicts.',
      'An entity that was changed meanwhile is answered with 409 Request_EntityChanged, which is a conflict here as 412 is.',
    ],
  },
];

/** The preset of that name; undefined for none or an unknown one. */
export function presetOf(name: string | undefined): Preset | undefined {
  return presets.find((each) => each.name === name);
}

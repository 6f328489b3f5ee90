export { importOpenApi } from './import.ts';
export type { Imported, ImportOptions } from './import.ts';
export { OpenApiError } from './openapi-error.ts';

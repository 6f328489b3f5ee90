import { ask, post } from '../intake/server.ts';

/** What the server side says to the OData browser; src/engine/services/odata-shelf.ts makes it. */
export interface Preset { readonly name: string; readonly title: string; readonly path: string; readonly notes: readonly string[] }
export interface SetEntry { readonly name: string; readonly label: string; readonly singleton: boolean; readonly can: readonly string[]; readonly etag: boolean; readonly fields: number }
export interface OperationEntry { readonly name: string; readonly label: string; readonly kind: 'action' | 'function'; readonly entitySet?: string; readonly parameters: readonly { readonly name: string; readonly type: string; readonly required: boolean }[] }
export interface Overview { readonly token: string; readonly path: string; readonly version: string; readonly bytes: number; readonly sets: readonly SetEntry[]; readonly operations: readonly OperationEntry[] }
export interface Field { readonly name: string; readonly label: string; readonly type: string; readonly required: boolean; readonly nullable: boolean; readonly computed: boolean; readonly filterable: boolean; readonly maxLength?: number; readonly scale?: number }
export interface SetDetail extends Omit<SetEntry, 'fields'> { readonly key: readonly string[]; readonly properties: readonly Field[]; readonly navigation: readonly { readonly name: string; readonly entitySet?: string; readonly list: boolean }[] }
export interface Drafted { readonly definition: object; readonly notes: readonly string[]; readonly problems: readonly string[] }

export interface SignIn { readonly kind: string; readonly more: string }
/** An operation as it will stand in the definition, with the property that keeps its idempotency key. */
export interface ChosenOperation { readonly name: string; readonly binding: Readonly<Record<string, unknown>>; readonly key: string }

// Metadata of a whole ERP take their time.
const patience = 120_000;

export const askPresets = async (): Promise<readonly Preset[]> => (await ask<{ readonly presets: readonly Preset[] }>('systems/odata/presets', { method: 'GET' })).presets;
export const askMetadata = (system: object, path: string, preset: string, authentication: SignIn): Promise<Overview> => ask('systems/odata/read', {
  method: 'POST', contentType: 'application/json', timeout: patience, data: JSON.stringify({ system, path, preset, authentication }),
});
export const askSet = (token: string, name: string): Promise<SetDetail> => post('systems/odata/set', { token, name });
export const askDraft = (draft: object): Promise<Drafted> => post('systems/odata/draft', draft);

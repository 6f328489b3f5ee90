import { textsOf } from '../texts.ts';

const system = textsOf('system');

/** Texts of the OData browser stand in the catalogue of the system node, below `odata`. */
export const text = (key: string, values?: Readonly<Record<string, string | number>>): string => system(`odata.${key}`, values);

export const problemText = (error: unknown): string => (error instanceof Error && error.message !== '' ? error.message : system('state.silent'));

/** What `waybill:` in settings.js is to say. */
export interface SettingsValues {
  /** A relative one starts at the user folder. */
  readonly home: string;
  readonly site: string;
  readonly enterprise?: string | undefined;
  readonly legalEntity?: string | undefined;
  readonly publicUrl?: string | undefined;
}

/** The line that lets the editor take Waybill's sign-in. */
export const adminAuthLine = "adminAuth: require('@waybill/node-red/editor-sign-in')(),";

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll('\'', '\\\'').replaceAll('\n', '\\n')}'`;
}

/** Lines for the exported object, without indentation; each ends in a comma. */
export function settingsLines(values: SettingsValues, parts: { readonly waybill: boolean; readonly adminAuth: boolean }): readonly string[] {
  const given = Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return [
    ...(parts.waybill ? ['waybill: {', ...given.map(([key, value]) => `    ${key}: ${quoted(value)},`), '},'] : []),
    ...(parts.adminAuth ? ['// The editor asks for a Waybill account: engineers and administrators change flows, others look.', adminAuthLine] : []),
  ];
}

/** One key of `waybill:` in settings.js. */
export interface SettingsValue {
  /** As it is written: a JavaScript expression. */
  readonly expression: string;
  /** What it comes to here, to see that the finished file gives it. */
  readonly value: string | undefined;
}

/** Keys of `waybill:` in settings.js that init writes, in their order. */
export type SettingsValues = Readonly<Record<string, SettingsValue>>;

/** The line that lets the editor take Waybill's sign-in. */
export const adminAuthLine = "adminAuth: require('@waybill/node-red/editor-sign-in')(),";

/** The two layers of the deploy gate: keys and lines. */
export const gateLines = {
  storageModule: "storageModule: require('@waybill/node-red/storage'),",
  httpAdminMiddleware: "httpAdminMiddleware: require('@waybill/node-red/gate')(),",
} as const;
export type GateKey = keyof typeof gateLines;

/** What to write where something is set already. */
export const gateByHand: Readonly<Record<GateKey, string>> = {
  storageModule: "storageModule: require('@waybill/node-red/storage')({ storageModule: /* what stands there now */ }),",
  httpAdminMiddleware: "httpAdminMiddleware: [require('@waybill/node-red/gate')(), /* what stands there now */],",
};

/** A text as a JavaScript expression. */
export function literal(text: string): SettingsValue {
  return { expression: `'${text.replaceAll('\\', '\\\\').replaceAll('\'', '\\\'').replaceAll('\n', '\\n')}'`, value: text };
}

/** An environment variable with a fallback: whoever has set the variable for Node-RED keeps what it says. */
export function environmentOr(name: string, fallback: string, env: NodeJS.ProcessEnv): SettingsValue {
  return { expression: `process.env.${name} || ${literal(fallback).expression}`, value: env[name] || fallback };
}

/** Lines for the exported object, without indentation; each ends in a comma. */
export function settingsLines(values: SettingsValues, parts: { readonly waybill: boolean; readonly adminAuth: boolean; readonly gate: readonly GateKey[] }): readonly string[] {
  return [
    ...(parts.waybill ? ['waybill: {', ...Object.entries(values).map(([key, { expression }]) => `    ${key}: ${expression},`), '},'] : []),
    ...(parts.adminAuth ? ['// The editor asks for a Waybill account: engineers and administrators change flows, others look.', adminAuthLine] : []),
    ...(parts.gate.length > 0 ? ['// Every deploy passes Waybill\'s gate, which judges it by the rules.', ...parts.gate.map((key) => gateLines[key])] : []),
  ];
}

/** The expressions in lines that {@link settingsLines} made. */
export function expressionsIn(lines: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(lines.flatMap((line) => {
    const [, key, expression] = /^ {4}(\w+): (.+),$/.exec(line) ?? [];
    return key === undefined || expression === undefined ? [] : [[key, expression]];
  }));
}

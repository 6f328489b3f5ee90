/** Looks up a text of one message catalogue; `values` fill its `__placeholders__`. */
export type Texts = (key: string, values?: Readonly<Record<string, string | number>>) => string;

const PACKAGE = '@waybill/node-red';

/** Texts of `nodes/<node>/locales/<language>/<node>.json`. Node-RED names the catalogue after the node set. */
export function textsOf(node: string): Texts {
  return (key, values) => RED._(`${PACKAGE}/${node}:${key}`, { ...values });
}

/** Texts that all forms share; they stand in the catalogue of the site node, below `common`. */
export const commonText: Texts = (key, values) => textsOf('site')(`common.${key}`, values);

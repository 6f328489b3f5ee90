/**
 * Entry of a map that is kept in a plain object. Ids come from outside (`msg.waybill`, the API), and a plain
 * `map[id]` would find what every object inherits, for example `constructor`.
 */
export function own<T>(map: { readonly [key: string]: T }, key: string | undefined): T | undefined {
  return key !== undefined && Object.hasOwn(map, key) ? map[key] : undefined;
}

import { readFileSync } from 'node:fs';

/** A fact that only some roles see. */
export interface FieldMask {
  /** JSON pointer into the case document; `*` stands for every item of a list. */
  readonly pointer: string;
  readonly roles: readonly string[];
}

/** The file of WAYBILL_FIELD_MASKS cannot be used; the message says what to mend. */
export class FieldMaskError extends Error {
  override readonly name = 'FieldMaskError';
}

/** Reads the file; none named means no masks. @throws FieldMaskError */
export function readFieldMasks(path: string | undefined): readonly FieldMask[] {
  if (path === undefined || path === '') return [];
  return fieldMasks(parsed(path), path);
}

function parsed(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as unknown;
  } catch (error) {
    const what = error instanceof SyntaxError ? `is not JSON (${error.message}); mend it` : `cannot be read (${(error as Error).message}); name a file that can`;
    throw new FieldMaskError(`WAYBILL_FIELD_MASKS: ${path} ${what}.`, { cause: error });
  }
}

/** Checks what the file holds. @throws FieldMaskError */
export function fieldMasks(value: unknown, path: string): readonly FieldMask[] {
  const wrong = (what: string): FieldMaskError => new FieldMaskError(`WAYBILL_FIELD_MASKS: ${path}: ${what}`);
  if (!Array.isArray(value)) throw wrong('write a list such as [{"pointer": "/order/price", "roles": ["buyer"]}].');
  return value.map((each: unknown, index) => {
    const entry = `entry ${index + 1}`;
    if (typeof each !== 'object' || each === null || Array.isArray(each)) throw wrong(`${entry} must be an object with "pointer" and "roles".`);
    const { pointer, roles, ...rest } = each as Record<string, unknown>;
    const [unknown] = Object.keys(rest);
    if (unknown !== undefined) throw wrong(`${entry} has a member "${unknown}" that means nothing; only "pointer" and "roles" do.`);
    if (typeof pointer !== 'string' || !/^(?:\/(?:[^~/]|~[01])+)+$/.test(pointer)) throw wrong(`${entry}: "pointer" must be a JSON pointer such as "/order/price".`);
    if (!Array.isArray(roles) || !roles.every((role) => typeof role === 'string' && role !== '')) throw wrong(`${entry}: "roles" must be a list of roles that may see it, for example ["buyer"].`);
    return { pointer, roles: roles as string[] };
  });
}

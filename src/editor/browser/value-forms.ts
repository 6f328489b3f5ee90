/** Path in a case document: names joined by dots, for example `receipt.reservation`. */
export const DOT_PATH = /^[A-Za-z_$][\w$-]*(\.[A-Za-z0-9_$][\w$-]*)*$/;

/** JSON Pointer (RFC 6901), blank for the whole document. */
export const JSON_POINTER = /^(\/([^~/]|~[01])*)*$/;

/** Name of a milestone, for example `approved`, or two that different people must have reached: `approved != counted`. */
export const MILESTONES = /^[a-z0-9][a-z0-9-]{0,63}(?:\s*(?:!=|≠)\s*[a-z0-9][a-z0-9-]{0,63})?$/;

/** `name@version`, for example `goods-receipt@1` or `receiving@1.0.0`. */
export const NAME_VERSION = /^[a-z0-9][a-z0-9._/-]*@\d+(\.\d+){0,2}(-[0-9A-Za-z.-]+)?$/;

export { ROLE } from '../../governance/gate/rules/role.ts';

/** Code of an exception, its category, or how it was resolved. */
export const EXCEPTION_CODE = /^[a-z0-9-]{2,40}$/;

/** What may stand between two slashes of an MQTT topic and in a file name: a site, an enterprise. */
export const TOPIC_LEVEL = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** An HTTP header's name (RFC 9110 §5.6.2, token). */
export const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** Whether a config node is chosen in its field; `_ADD_` is the editor's own entry for a new one. */
export function isConfigNode(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value !== '_ADD_';
}

/** `${NAME}`, which Node-RED fills in from the environment of tab, group or instance when the flows start. */
export const ENVIRONMENT_VARIABLE = /^\$[{(][A-Za-z_]\w*[)}]$/;

/** Whether a value is a finite number within bounds; `${NAME}` is, for Node-RED fills it in at the start. */
export function isDecimal(value: unknown, min: number, max: number): boolean {
  const text = String(value).trim();
  if (ENVIRONMENT_VARIABLE.test(text)) {
    return true;
  }
  const number = Number(text);
  return text !== '' && Number.isFinite(number) && number >= min && number <= max;
}

/** The same for whole numbers. */
export function isWhole(value: unknown, min: number, max: number): boolean {
  return isDecimal(value, min, max) && (ENVIRONMENT_VARIABLE.test(String(value).trim()) || Number.isInteger(Number(value)));
}

/** Whether a topic pattern or filter has a level that is fixed text: without one it would take whatever anybody publishes. */
export function hasFixedLevel(text: string): boolean {
  return text.replace(/^\$share\/[^/]*\//, '').split('/').some((level) => level !== '' && level !== '+' && level !== '#' && !level.startsWith('{'));
}

/** Splits `a, b` into its trimmed parts; blank parts fall away. */
export function listOf(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

export function isListOf(text: string, form: RegExp): boolean {
  return listOf(text).every((part) => form.test(part));
}

/**
 * A topic pattern: levels that are a plain word or one `{variable}` each, no MQTT wildcard (variables
 * become `+` in the subscription) and none named twice.
 */
export function isTopicPattern(text: string): boolean {
  const levels = text.split('/');
  const variables = levels.flatMap((level) => /^\{([A-Za-z]\w*)\}$/.exec(level)?.[1] ?? []);
  const plain = levels.filter((level) => !level.startsWith('{'));
  return (
    text !== '' &&
    variables.length + plain.length === levels.length &&
    new Set(variables).size === variables.length &&
    plain.every((level) => /^[^{}+#]+$/.test(level))
  );
}

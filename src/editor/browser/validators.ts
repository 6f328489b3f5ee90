import { DOT_PATH, ENVIRONMENT_VARIABLE, isConfigNode, isDecimal, isListOf, isWhole, MILESTONES, NAME_VERSION } from './value-forms.ts';
import type { PlacedNode, Validator } from './node-definition.ts';
import { commonText, textsOf } from './texts.ts';

/** Bounds of a number field, both included. */
export interface Bounds {
  readonly min: number;
  readonly max: number;
}

/**
 * Validators for the properties of one node. Every message begins with the field's label, and a
 * property that an older flow does not have (`undefined`) is good: a migration fills it in.
 */
export interface Validators {
  /** Text that may not be blank. */
  text(property: string): Validator;
  /** Text of a given form, or `${NAME}`; blank is good unless `required`. `message` is a key of the shared `error` texts. */
  form(property: string, pattern: RegExp, message: string, required?: boolean): Validator;
  whole(property: string, bounds: Bounds): Validator;
  decimal(property: string, bounds: Bounds): Validator;
  /** `name@version`. */
  nameVersion(property: string, required?: boolean): Validator;
  /** Path in the case document, such as `receipt.lines`. */
  path(property: string, required?: boolean): Validator;
  /** Comma-separated paths in the case document. */
  paths(property: string, required?: boolean): Validator;
  /** Comma-separated milestones. */
  milestones(property: string): Validator;
  /** Value of a typed input whose type stands in `typeProperty`. */
  typed(property: string, typeProperty: string, blank?: 'blank' | 'filled'): Validator;
  /** A config node that is chosen. */
  configNode(property: string): Validator;
  /** JSONata text; blank is good. */
  expression(property: string): Validator;
}

/** @param node the folder of the node, which is also the name of its message catalogue */
export function validatorsOf(node: string): Validators {
  const say = (property: string, key: string, values?: Readonly<Record<string, string | number>>): string =>
    `${labelOf(node, property)}: ${commonText(`error.${key}`, values)}`;
  return {
    text: (property) => optional((value) => (String(value).trim() === '' ? say(property, 'missing') : true)),
    form: (property, pattern, message, required = false) => blankOr(say, property, required, (text) => (pattern.test(text) || ENVIRONMENT_VARIABLE.test(text) ? true : say(property, message))),
    whole: (property, { min, max }) =>
      optional((value) => (isWhole(value, min, max) ? true : say(property, 'whole', { min, max }))),
    decimal: (property, { min, max }) => optional((value) => (isDecimal(value, min, max) ? true : say(property, 'number', { min, max }))),
    nameVersion: (property, required = false) =>
      blankOr(say, property, required, (text) => (NAME_VERSION.test(text) ? true : say(property, 'nameVersion'))),
    path: (property, required = false) => blankOr(say, property, required, (text) => (DOT_PATH.test(text) ? true : say(property, 'path'))),
    paths: (property, required = false) => blankOr(say, property, required, (text) => (isListOf(text, DOT_PATH) ? true : say(property, 'paths'))),
    milestones: (property) => blankOr(say, property, false, (text) => (isListOf(text, MILESTONES) ? true : say(property, 'milestones'))),
    typed: (property, typeProperty, blank = 'filled') => typed(say, property, typeProperty, blank === 'blank'),
    configNode: (property) => (value, _options) => (value === undefined || isConfigNode(value) ? true : say(property, 'missing')),
    expression: (property) => blankOr(say, property, false, (text) => judged(say, property, text, 'jsonata')),
  };
}

/**
 * Asks `validator` only while another property has a value (default: is ticked); a field that the
 * dialog hides cannot be wrong.
 */
export function onlyWhen(property: string, validator: Validator, value: unknown = true): Validator {
  return function (candidate, options) {
    return current(this, property) === value ? validator.call(this, candidate, options) : true;
  };
}

/** As {@link onlyWhen}, for a condition on the other property's value. */
export function whenever(property: string, holds: (value: unknown) => boolean, validator: Validator): Validator {
  return function (candidate, options) {
    return holds(current(this, property)) ? validator.call(this, candidate, options) : true;
  };
}

/** Properties that several nodes have in common, and with them their label. */
const SHARED_LABELS: readonly string[] = ['requires', 'milestone', 'recordAs', 'process', 'template'];

function labelOf(node: string, property: string): string {
  return SHARED_LABELS.includes(property) ? commonText(`label.${property}`) : textsOf(node)(`label.${property}`);
}

type Say = (property: string, key: string, values?: Readonly<Record<string, string | number>>) => string;

function optional(judge: (value: unknown) => true | string): Validator {
  // Two parameters: by their number the editor knows that the answer may be a sentence.
  return function (value, _options) {
    return value === undefined || value === null ? true : judge(value);
  };
}

function blankOr(say: Say, property: string, required: boolean, judge: (text: string) => true | string): Validator {
  return optional((value) => {
    const text = String(value).trim();
    if (text === '') {
      return required ? say(property, 'missing') : true;
    }
    return judge(text);
  });
}

function typed(say: Say, property: string, typeProperty: string, blankIsGood: boolean): Validator {
  return function (value, _options) {
    if (value === undefined || value === null) {
      return true;
    }
    const type = currentType(this, typeProperty);
    const text = String(value);
    if (text.trim() === '' && type !== 'json') {
      return blankIsGood ? true : say(property, 'missing');
    }
    return judged(say, property, text, type);
  };
}

function judged(say: Say, property: string, text: string, type: string): true | string {
  if (type === 'facts') {
    return DOT_PATH.test(text) ? true : say(property, 'path');
  }
  // The editor's own judgement of JSON, numbers, expressions and message properties: `true` or what is wrong.
  const verdict = RED.utils.validateTypedProperty(text, type, {});
  return verdict === true ? true : say(property, 'typed', { reason: verdict });
}

function currentType(node: PlacedNode, typeProperty: string): string {
  const type = current(node, typeProperty);
  return typeof type === 'string' ? type : '';
}

/** What stands in the open dialog, when it is this node's, else what was saved. */
function current(node: PlacedNode, property: string): unknown {
  if (RED.editor.getEditStack?.().at(-1)?.id !== node.id) {
    return node[property];
  }
  // A config node's dialog lies over that of the node that uses it.
  const own = $(`#node-config-input-${property}`);
  const input = own.length > 0 ? own : $(`#node-input-${property}`);
  if (input.length === 0) {
    return node[property];
  }
  return input.attr('type') === 'checkbox' ? input.prop('checked') : input.val();
}

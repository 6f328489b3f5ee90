import type { Texts } from '../texts.ts';
import type { ParameterAnswer } from './answers.ts';

/** What a parameter may be, in words: `from 1 to 500 EUR`. Empty when nothing bounds it. */
export function boundsInWords(parameter: ParameterAnswer, text: Texts): string {
  const { enum: choices, minimum, maximum, exclusiveMinimum, exclusiveMaximum, minLength, maxLength, unit } = parameter;
  if (choices !== undefined) {
    return text('bounds.oneOf', { list: choices.join(', ') });
  }
  const words: string[] = [];
  if (minimum !== undefined && maximum !== undefined) {
    words.push(text('bounds.between', { min: minimum, max: maximum }));
  } else if (minimum !== undefined) {
    words.push(text('bounds.from', { min: minimum }));
  } else if (maximum !== undefined) {
    words.push(text('bounds.upTo', { max: maximum }));
  }
  if (exclusiveMinimum !== undefined) {
    words.push(text('bounds.above', { min: exclusiveMinimum }));
  }
  if (exclusiveMaximum !== undefined) {
    words.push(text('bounds.below', { max: exclusiveMaximum }));
  }
  if (words.length > 0 && unit !== undefined) {
    words.push(unit);
  }
  if (minLength !== undefined && minLength > 0) {
    words.push(text('bounds.atLeastLong', { min: minLength }));
  }
  if (maxLength !== undefined) {
    words.push(text('bounds.atMostLong', { max: maxLength }));
  }
  return words.join(' ');
}

/** What is wrong with a value as it stands in its field, in one sentence; undefined when it is good. */
export function problemOf(parameter: ParameterAnswer, value: string, text: Texts): string | undefined {
  const name = parameter.title;
  if (value.trim() === '') {
    return parameter.required && parameter.default === undefined ? text('wrong.missing', { name }) : undefined;
  }
  // What Node-RED fills in when it starts cannot be judged here; the gate asks where it is deployed.
  if (/^\$\{[^}]+\}$/.test(value.trim())) {
    return undefined;
  }
  if (parameter.enum !== undefined) {
    return parameter.enum.some((choice) => String(choice) === value) ? undefined : text('wrong.oneOf', { name, list: parameter.enum.join(', ') });
  }
  if (parameter.type === 'boolean') {
    return value === 'true' || value === 'false' ? undefined : text('wrong.boolean', { name });
  }
  return parameter.type === 'string' ? textProblem(parameter, value, text) : numberProblem(parameter, value.trim(), text);
}

function numberProblem(parameter: ParameterAnswer, value: string, text: Texts): string | undefined {
  const { title: name, minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf, type, unit = '' } = parameter;
  if (!/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(value)) {
    return text(/^[+-]?\d+,\d+$/.test(value) ? 'wrong.comma' : 'wrong.number', { name, value: value.replace(',', '.') });
  }
  const number = Number(value);
  if (type === 'integer' && !Number.isInteger(number)) {
    return text('wrong.whole', { name });
  }
  if ((minimum !== undefined && number < minimum) || (exclusiveMinimum !== undefined && number <= exclusiveMinimum) || (maximum !== undefined && number > maximum) || (exclusiveMaximum !== undefined && number >= exclusiveMaximum)) {
    return text('wrong.bounds', { name, value: `${value} ${unit}`.trim(), bounds: boundsInWords(parameter, text) });
  }
  if (multipleOf !== undefined && Math.abs(number / multipleOf - Math.round(number / multipleOf)) > 1e-9) {
    return text('wrong.multiple', { name, step: multipleOf });
  }
  return undefined;
}

function textProblem({ title: name, pattern, minLength = 0, maxLength, secret }: ParameterAnswer, value: string, text: Texts): string | undefined {
  if (secret) {
    return undefined;
  }
  if (value.length < minLength) {
    return text('wrong.short', { name, min: minLength });
  }
  if (maxLength !== undefined && value.length > maxLength) {
    return text('wrong.long', { name, max: maxLength });
  }
  return pattern !== undefined && !matches(pattern, value) ? text('wrong.pattern', { name, pattern }) : undefined;
}

/** A pattern that this browser cannot read is the gate's affair. */
function matches(pattern: string, value: string): boolean {
  try {
    return new RegExp(pattern, 'u').test(value);
  } catch (error) {
    console.warn(`Waybill: the pattern ${pattern} cannot be read here`, error);
    return true;
  }
}

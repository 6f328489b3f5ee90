import { shown } from './place.ts';
import { EdiError } from './types.ts';

/** Whether JSON has the form of an interchange, before anything is made of it: it may come from people and from other programs. */

type Check = (value: unknown, where: string) => void;

const refuse = (where: string, problem: string): never => { throw new EdiError('not-written', `${where} ${problem}.`); };
function said(value: unknown): string {
  const json = JSON.stringify(value) ?? 'nothing';
  return json.length <= 60 ? json : `${json.slice(0, 59)}…`;
}

const text: Check = (value, where) => { if (typeof value !== 'string') refuse(where, `must be a text, and is ${said(value)}`); };
const flag: Check = (value, where) => { if (typeof value !== 'boolean') refuse(where, `must be true or false, and is ${said(value)}`); };
const blank: Check = (value, where) => { if (typeof value !== 'string' || !/^[\r\n\t ]*$/.test(value)) refuse(where, `must be line ends or blanks, and is ${said(value)}`); };
const character: Check = (value, where) => { if (typeof value !== 'string' || !/^[^A-Za-z0-9]$/.test(value) || value > '\u00FF') refuse(where, `must be one character, no letter or digit, and is ${said(value)}`); };
const number: Check = (value, where) => { if (typeof value !== 'number' || !Number.isInteger(value) || value < 0) refuse(where, `must be a whole number, and is ${said(value)}`); };

const listOf = (check: Check): Check => (value, where) => {
  if (!Array.isArray(value)) refuse(where, `must be a list, and is ${said(value)}`);
  else value.forEach((each, index) => { check(each, `${where} ${index + 1}`); });
};
const anyMember = (check: Check): Check => (value, where) => {
  object({})(value, where);
  for (const [name, each] of Object.entries(value as object)) check(each, `${where}, ${shown(name)}`);
};
const either = (one: (value: unknown) => boolean, check: Check): Check => (value, where) => { if (!one(value)) check(value, where); };
const isText = (value: unknown): boolean => typeof value === 'string';

/** Members that are there are checked; `needed` must be there. */
function object(members: Readonly<Record<string, Check>>, needed: readonly string[] = []): Check {
  return (value, where) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) { refuse(where, `must be an object, and is ${said(value)}`); return; }
    for (const name of needed) if (!Object.hasOwn(value, name)) refuse(where, `needs ${shown(name)}`);
    for (const [name, check] of Object.entries(members)) if (Object.hasOwn(value, name)) check((value as Record<string, unknown>)[name], `${where}, ${name}`);
  };
}

const element = either(isText, listOf(listOf(text)));
const segment: Check = (value, where) => {
  listOf(element)(value, where);
  const [tag] = value as readonly unknown[];
  if (typeof tag !== 'string') refuse(where, `must begin with its tag, and is ${said(value)}`);
};
const cell = either((value) => value === null, element);
const rest = object({
  elements: anyMember((value, where) => {
    anyMember(object({ is: cell, for: cell }, ['is', 'for']))(value, where);
    for (const at of Object.keys(value as object)) if (!/^[1-9]\d{0,3}(\.[1-9]\d{0,3})?$/.test(at)) refuse(where, `has ${shown(at)}, which is no number of an element`);
  }),
  segments: listOf(object({ after: number, segment }, ['after', 'segment'])),
});

/** A document may hold anything; what counts here are its rests. What is no text is refused where it is written. */
const inDocument: Check = (value, where) => {
  if (typeof value !== 'object' || value === null) return;
  for (const [name, each] of Object.entries(value)) {
    if (name === 'rest') rest(each, `${where}, rest`);
    else inDocument(each, Array.isArray(value) ? `${where} ${Number(name) + 1}` : `${where}, ${name}`);
  }
};
const document: Check = (value, where) => {
  object({ type: text }, ['type'])(value, where);
  inDocument(value, where);
};

const message = object({ message: text, document, segments: listOf(segment), rest }, ['message']);
const group = object({ header: flag, messages: listOf(message), rest }, ['messages']);
const separators = object({ element: character, component: character, segment: either((value) => value === '\n' || value === '\r', character), repetition: character, release: character, decimal: character }, ['element', 'component', 'segment']);

const interchange = object({
  standard: text, separators, serviceString: flag, afterServiceString: blank, charset: text, newline: blank, tail: blank, rest,
  loose: listOf(segment), groups: listOf(group), sender: object({}), receiver: object({}),
}, ['standard', 'groups']);

const CHARSETS = /^(ascii|latin1|utf-8|iso-8859-([2-9]|15))$/;

/** @throws EdiError with the place in the JSON */
export function refuseOtherForms(json: unknown, where = 'The interchange'): void {
  interchange(json, where);
  const { standard, separators: given, charset } = json as { standard: string; separators?: Record<string, string>; charset?: string };
  if (standard !== 'x12' && standard !== 'edifact') refuse(where, `needs "standard": "x12" or "edifact", and has ${said(standard)}`);
  if (charset !== undefined && !CHARSETS.test(charset)) refuse(where, `has the character set ${said(charset)}; known are ascii, latin1, utf-8, iso-8859-2 to 9 and 15`);
  const characters = Object.entries(given ?? {}).filter(([name]) => name !== 'decimal').map(([, each]) => each);
  if (new Set(characters).size !== characters.length) refuse(where, `has separators that do not differ from each other: ${said(given)}`);
}

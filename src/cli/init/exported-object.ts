import { parse } from 'acorn';
import type { AnyNode, AssignmentExpression, Expression, ObjectExpression, Program, SpreadElement } from 'acorn';

/** The object literal that settings.js exports, where lines can be put in. */
export interface ExportedObject {
  /** Offset just behind its `{`. */
  readonly start: number;
  /** Names of its own keys, as far as they are written down. */
  readonly keys: ReadonlySet<string>;
  /** Column of its first key; undefined when it has none, or when it stands on the line of the `{`. */
  readonly indent: number | undefined;
}

/** What settings.js exports cannot be added to by a program; `message` says why, in one sentence. */
export class UnusualSettings extends Error {
  override readonly name = 'UnusualSettings';
}

/**
 * Finds the object literal in the source of a settings.js: `module.exports = {…}`, also over a constant,
 * `Object.assign(…, {…})` or `Object.freeze({…})`.
 * @throws UnusualSettings
 */
export function exportedObject(source: string): ExportedObject {
  const program = parseSource(source);
  const assigned = program.body.flatMap((statement) => (statement.type === 'ExpressionStatement' && statement.expression.type === 'AssignmentExpression' ? exportsOf(statement.expression) : []));
  if (assigned.length !== 1) throw new UnusualSettings(assigned.length === 0 ? 'It does not say "module.exports = {…}" at its top level.' : 'It sets module.exports more than once.');
  const object = literalOf(assigned[0]!, program);
  const first = object.properties[0];
  const keys = new Set(object.properties.flatMap((each) => {
    if (each.type !== 'Property' || each.computed) return [];
    return each.key.type === 'Identifier' ? [each.key.name] : each.key.type === 'Literal' ? [String(each.key.value)] : [];
  }));
  return { start: object.start + 1, keys, indent: first === undefined ? undefined : columnOf(source, object.start, first) };
}

function parseSource(source: string): Program {
  try {
    return parse(source, { ecmaVersion: 'latest', sourceType: 'script', allowReturnOutsideFunction: true, allowHashBang: true });
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    if (/'import' and 'export'/.test(error.message)) throw new UnusualSettings('It is an ES module, which Node-RED does not load as its settings.');
    throw new UnusualSettings(`It is not valid JavaScript: ${error.message}.`);
  }
}

/** What `module.exports = …` or `exports = module.exports = …` assigns; nothing for any other assignment. */
function exportsOf(assignment: AssignmentExpression): Expression[] {
  if (assignment.operator !== '=') return [];
  if (assignment.right.type === 'AssignmentExpression') {
    const inner = exportsOf(assignment.right);
    if (inner.length > 0) return inner;
    return isModuleExports(assignment.left) ? [innermost(assignment.right)] : [];
  }
  return isModuleExports(assignment.left) ? [assignment.right] : [];
}

function innermost(assignment: AssignmentExpression): Expression {
  return assignment.right.type === 'AssignmentExpression' ? innermost(assignment.right) : assignment.right;
}

function isModuleExports(target: AnyNode): boolean {
  if (target.type !== 'MemberExpression' || target.object.type !== 'Identifier' || target.object.name !== 'module') return false;
  const { property } = target;
  return target.computed ? property.type === 'Literal' && property.value === 'exports' : property.type === 'Identifier' && property.name === 'exports';
}

function literalOf(value: Expression | SpreadElement, program: Program): ObjectExpression {
  if (value.type === 'ObjectExpression') return value;
  if (value.type === 'Identifier') return literalOf(constantNamed(value.name, program), program);
  if (value.type === 'CallExpression' && value.callee.type === 'MemberExpression' && value.callee.object.type === 'Identifier' && value.callee.object.name === 'Object' && value.callee.property.type === 'Identifier') {
    const last = value.arguments.at(-1);
    const known = value.callee.property.name === 'assign' || (value.callee.property.name === 'freeze' && value.arguments.length === 1);
    if (known && last !== undefined) return literalOf(last, program);
  }
  throw new UnusualSettings('What it exports is made by a program, not written down as an object.');
}

function constantNamed(name: string, program: Program): Expression {
  const found = program.body.flatMap((statement) => (statement.type === 'VariableDeclaration' ? statement.declarations : []))
    .filter(({ id }) => id.type === 'Identifier' && id.name === name);
  const init = found.length === 1 ? found[0]?.init : undefined;
  if (init === undefined || init === null || (init.type === 'Identifier' && init.name === name)) throw new UnusualSettings(`What it exports, "${name}", is not written down as an object.`);
  return init;
}

function columnOf(source: string, brace: number, node: { readonly start: number }): number | undefined {
  const line = source.lastIndexOf('\n', node.start - 1) + 1;
  return line > brace && /^[ \t]*$/.test(source.slice(line, node.start)) ? node.start - line : undefined;
}

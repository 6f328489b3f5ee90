import { partsOf } from './syntax.ts';
import type { Syntax } from './syntax.ts';

/** A name that code declares, or one of the surroundings of the function. */
export interface Binding {
  readonly name: string;
  /** Declared nowhere in the code: Node-RED's, JavaScript's, or given a value without being declared. */
  readonly free: boolean;
  /** Function that a name is declared for, or a constant that holds one. */
  fn?: Syntax;
}

interface Scope { readonly names: Map<string, Binding>; readonly around: Scope | undefined; readonly isFunction: boolean }

/** A node with what is around it, in the order in which values are worked out: parts before the whole. */
export interface Place { readonly node: Syntax; readonly part: string; readonly around: Syntax | undefined }

export interface Code {
  readonly places: readonly Place[];
  /** Names that stand for a value, by the identifier. */
  readonly names: ReadonlyMap<Syntax, Binding>;
  /** Every `this` that is the surroundings of the function. */
  readonly outerThis: ReadonlySet<Syntax>;
}

const FUNCTIONS: ReadonlySet<string> = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression']);
const BLOCKS: ReadonlySet<string> = new Set(['BlockStatement', 'ForStatement', 'ForInStatement', 'ForOfStatement', 'SwitchStatement', 'CatchClause', 'StaticBlock', 'ClassBody']);

export const isFunction = (node: Syntax | undefined): boolean => node !== undefined && FUNCTIONS.has(node.type);

/** Identifiers that are names of parts, not of values. */
function isLabel({ node, part, around }: Place): boolean {
  if (around === undefined || node.type !== 'Identifier') return false;
  if (part === 'property') return around['computed'] !== true;
  if (part === 'key') return around['computed'] !== true;
  return part === 'label' || around.type === 'MetaProperty';
}

/** Identifiers that a pattern gives values to. */
function targetsOf(pattern: Syntax): readonly Syntax[] {
  const targets: Syntax[] = [];
  const queue = [pattern];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    if (next.type === 'Identifier') targets.push(next);
    else if (next.type === 'AssignmentPattern') queue.push(next['left'] as Syntax);
    else if (next.type === 'Property') queue.push(next['value'] as Syntax);
    else if (next.type !== 'MemberExpression') queue.push(...partsOf(next).map(([, each]) => each));
  }
  return targets;
}

/** Names and places of code in several pieces, which share what none of them declares. */
export class Scopes implements Code {
  readonly places: Place[] = [];
  readonly names = new Map<Syntax, Binding>();
  readonly outerThis = new Set<Syntax>();
  readonly #top: Scope = { names: new Map(), around: undefined, isFunction: true };
  readonly #asked: { readonly name: Syntax; readonly scope: Scope }[] = [];

  /** @param given names that are there besides, as those of modules */
  constructor(pieces: readonly Syntax[], given: readonly string[]) {
    for (const name of given) this.#top.names.set(name, { name, free: false });
    for (const piece of pieces) this.#read(piece);
    for (const { name, scope } of this.#asked) this.names.set(name, this.#found(String(name['name']), scope));
  }

  /** Without recursion: code may be nested as deep as its writer likes. */
  #read(piece: Syntax): void {
    interface Step { readonly place: Place; readonly scope: Scope; readonly outer: boolean; readonly done: boolean }
    const queue: Step[] = [{ place: { node: piece, part: '', around: undefined }, scope: this.#top, outer: true, done: false }];
    for (let step = queue.pop(); step !== undefined; step = queue.pop()) {
      const { place, scope, outer, done } = step;
      const { node } = place;
      if (done) {
        this.places.push(place);
        continue;
      }
      queue.push({ ...step, done: true });
      if (node.type === 'Identifier' && !isLabel(place)) this.#asked.push({ name: node, scope });
      if (node.type === 'ThisExpression' && outer) this.outerThis.add(node);
      const inner = this.#scopeOf(place, scope);
      const parts = partsOf(node);
      for (let i = parts.length - 1; i >= 0; i -= 1) {
        const [part, each] = parts[i]!;
        queue.push({ place: { node: each, part, around: node }, scope: inner, outer: keepsThis(place, outer), done: false });
      }
    }
  }

  /** Scope of what is inside a node; declares what the node declares. */
  #scopeOf({ node, part, around }: Place, scope: Scope): Scope {
    if (isFunction(node)) {
      const inner: Scope = { names: new Map(), around: scope, isFunction: true };
      const id = node['id'] as Syntax | null | undefined;
      if (id) this.#declare(node.type === 'FunctionDeclaration' ? scope : inner, id, node);
      for (const param of node['params'] as readonly Syntax[]) for (const target of targetsOf(param)) this.#declare(inner, target);
      return inner;
    }
    if (node.type === 'ClassDeclaration' && node['id']) this.#declare(scope, node['id'] as Syntax);
    if (node.type === 'VariableDeclaration') this.#variables(node, scope);
    // The body of a function is the scope of its parameters.
    if (!BLOCKS.has(node.type) || (part === 'body' && isFunction(around))) return scope;
    const inner: Scope = { names: new Map(), around: scope, isFunction: false };
    if (node.type === 'CatchClause' && node['param']) for (const target of targetsOf(node['param'] as Syntax)) this.#declare(inner, target);
    return inner;
  }

  #variables(node: Syntax, scope: Scope): void {
    let into = scope;
    while (node['kind'] === 'var' && !into.isFunction && into.around !== undefined) into = into.around;
    for (const each of node['declarations'] as readonly Syntax[]) {
      const init = each['init'] as Syntax | null;
      for (const target of targetsOf(each['id'] as Syntax)) this.#declare(into, target, init && node['kind'] === 'const' && isFunction(init) ? init : undefined);
    }
  }

  #declare(scope: Scope, { name: said }: Syntax, fn?: Syntax): void {
    const name = String(said);
    const binding = scope.names.get(name) ?? { name, free: false };
    if (fn !== undefined) binding.fn = fn;
    scope.names.set(name, binding);
  }

  #found(name: string, from: Scope): Binding {
    for (let scope: Scope | undefined = from; scope !== undefined; scope = scope.around) {
      const binding = scope.names.get(name);
      if (binding !== undefined) return binding;
    }
    const free: Binding = { name, free: true };
    this.#top.names.set(name, free);
    return free;
  }
}

/** Whether `this` inside a node is still the one outside: in arrow functions and plain functions, not in methods and classes. */
function keepsThis({ node, part, around }: Place, outer: boolean): boolean {
  if (node.type === 'ClassBody') return false;
  if (node.type !== 'FunctionExpression') return outer;
  return outer && !(around?.type === 'Property' && part === 'value') && around?.type !== 'MethodDefinition';
}

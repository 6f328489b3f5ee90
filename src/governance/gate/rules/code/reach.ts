import { isFunction, Scopes } from './scopes.ts';
import type { Binding, Place } from './scopes.ts';
import { lineAt, partOf, syntaxOf } from './syntax.ts';
import type { CodePart, Syntax } from './syntax.ts';
import { Entangled, isNetwork, KIND, kindOfMember, kindOfName, Values } from './values.ts';

/** What code reaches for that a policy may forbid. */
export type Reach = 'require' | 'eval' | 'global' | 'network';

/** Where code first does something, or why it cannot be judged. */
export interface Reached { readonly reach: Reach | 'unreadable'; readonly what: string; readonly tab: CodePart['tab']; readonly line: number }

/** A module of the *Setup* tab: the name that the code has for it, and what it is. */
export interface CodeModule { readonly name: string; readonly module: string }

/** Functions of lists that change them. */
const CHANGING: ReadonlySet<string> = new Set(['push', 'pop', 'shift', 'unshift', 'splice']);

/** What Node-RED hands to functions as it is: who changes it changes it for all of them. */
const HANDED: ReadonlySet<string> = new Set(['console', 'util', 'Buffer', 'URL', 'URLSearchParams', 'Date']);
const PASSED_ON: ReadonlySet<string> = new Set(['VariableDeclarator init', 'AssignmentExpression right', 'AssignmentPattern right', 'ConditionalExpression consequent', 'ConditionalExpression alternate', 'ConditionalExpression test',
  'LogicalExpression left', 'LogicalExpression right', 'SequenceExpression expressions', 'ChainExpression expression', 'AwaitExpression argument', 'UnaryExpression argument', 'BinaryExpression left', 'BinaryExpression right',
  'ExpressionStatement expression', 'IfStatement test', 'MemberExpression object', 'MemberExpression property', 'ForInStatement right', 'AssignmentExpression left', 'TemplateLiteral expressions', 'CallExpression callee']);

/** Judges one function node: all pieces of its code at once, for they share what they do not declare. */
class Judge {
  readonly #scopes: Scopes;
  readonly #values: Values;
  readonly #around: ReadonlyMap<Syntax, Place>;
  readonly #found = new Map<Reach, { readonly what: string; readonly at: number; readonly piece: number }>();
  /** Function nodes rarely look at `arguments`; where they do, a parameter has two names. */
  readonly #hasArguments: boolean;
  #piece = 0;

  constructor(pieces: readonly Syntax[], modules: readonly CodeModule[]) {
    this.#scopes = new Scopes(pieces, modules.map(({ name }) => name));
    this.#values = new Values(this.#scopes, new Map(modules.map(({ name, module }) => [name, isNetwork(module) ? KIND.network : 0])));
    this.#around = new Map(this.#scopes.places.map((place) => [place.node, place]));
    this.#hasArguments = [...this.#scopes.names.values()].some(({ name, free }) => free && name === 'arguments');
    for (const place of this.#scopes.places) {
      this.#look(place);
      if (place.around === undefined) this.#piece += 1;
    }
  }

  /** The first place of each kind. */
  get found(): ReadonlyMap<Reach, { readonly what: string; readonly at: number; readonly piece: number }> {
    return this.#found;
  }

  #tell(reach: Reach, what: string, { start }: Syntax): void {
    const before = this.#found.get(reach);
    if (before === undefined || (before.piece === this.#piece && start < before.at)) this.#found.set(reach, { what, at: start, piece: this.#piece });
  }

  #look(place: Place): void {
    const { node } = place;
    const kind = this.#values.of(node);
    const name = this.#scopes.names.get(node);
    if (name?.free === true) this.#free(place, name);
    if ((kind & KIND.global) !== 0) this.#holder(place);
    if (node.type === 'MemberExpression') this.#member(place);
    if (node.type === 'ObjectPattern') this.#taken(node, this.#valueFor(place));
    if (node.type === 'ImportExpression') this.#tell('require', 'loads a module while it runs', node);
    if (node.type === 'CallExpression' || node.type === 'NewExpression') this.#called(node);
    if (node.type === 'WithStatement') this.#tell('eval', 'uses "with", which hides what its names stand for', node);
    this.#changes(node);
  }

  /** A name of the surroundings. Asking what it is, or comparing with it, is no use of it. */
  #free({ node, part, around }: Place, { name }: Binding): void {
    if ((around?.type === 'UnaryExpression' && around['operator'] === 'typeof') || around?.type === 'BinaryExpression' || (around?.type === 'AssignmentExpression' && part === 'left')) return;
    if (name === 'Function' && around?.type === 'MemberExpression' && part === 'object' && ['prototype', 'name', 'length'].includes(this.#values.nameOf(around) ?? '')) return;
    this.#named(name, node);
  }

  #named(name: string, node: Syntax): void {
    const kind = kindOfName(name);
    if ((kind & KIND.require) !== 0) this.#tell('require', `reaches for ${name === 'process' ? 'the process of Node-RED' : 'modules'} (${name})`, node);
    if ((kind & KIND.eval) !== 0 || name === 'Function') this.#tell('eval', `makes code out of text (${name})`, node);
    if ((kind & KIND.network) !== 0 && !isNetwork(name)) this.#tell('network', `talks to the network (${name})`, node);
  }

  /** The global context may be read, and have another name; where it goes on to nobody sees, somebody may write into it. */
  #holder(place: Place): void {
    const { node, part, around } = place;
    if (around === undefined || this.#isTarget(place) || (around.type === 'CallExpression' && part === 'arguments' && this.#isKept(around, node))) return;
    if (PASSED_ON.has(`${around.type} ${part}`)) {
      const target = around.type === 'VariableDeclarator' ? partOf(around, 'id') : around.type === 'AssignmentExpression' && part === 'right' ? partOf(around, 'left') : undefined;
      if (target === undefined || target.type === 'Identifier' || target.type === 'ObjectPattern') return;
    }
    this.#tell('global', 'hands the global context on, so that nobody sees who writes into it', node);
  }

  /** Whether an identifier is given a value here rather than used. */
  #isTarget({ node, part, around }: Place): boolean {
    if (node.type !== 'Identifier' || around === undefined) return false;
    if (part === 'params' || part === 'id' || part === 'param' || around.type === 'ArrayPattern' || around.type === 'RestElement') return true;
    if ((around.type === 'AssignmentPattern' || around.type === 'AssignmentExpression') && part === 'left') return true;
    return around.type === 'Property' && part === 'value' && this.#around.get(around)?.around?.type === 'ObjectPattern';
  }

  /** An argument for a function of this code, which has a name for it there. */
  #isKept(call: Syntax, argument: Syntax): boolean {
    const at = (call['arguments'] as readonly Syntax[]).indexOf(argument);
    const param = (this.#values.calledBy(call)?.['params'] as readonly Syntax[] | undefined)?.[at];
    const name = param?.type === 'AssignmentPattern' ? partOf(param, 'left') : param;
    return name?.type === 'Identifier' && !this.#hasArguments;
  }

  #member({ node, part, around }: Place): void {
    const of = this.#values.of(partOf(node, 'object'));
    const name = this.#values.nameOf(node);
    if ((of & KIND.global) !== 0 && name === 'set') this.#tell('global', WRITES, node);
    if ((of & KIND.global) !== 0 && name === undefined) this.#tell('global', 'reaches into the global context by a name that is worked out, so that it may write', node);
    if ((of & KIND.context) !== 0 && name === undefined) this.#tell('global', 'reaches into its contexts by a name that is worked out, so that it may write into the global one', node);
    if ((of & KIND.surroundings) !== 0) {
      if (name === undefined && !(around?.type === 'AssignmentExpression' && part === 'left')) this.#tell('require', 'reaches for its surroundings by a name that is worked out', node);
      else if (name !== undefined) this.#named(name, node);
    }
    if (name === 'constructor' && isFunction(partOf(node, 'object'))) this.#tell('eval', 'makes code out of text (constructor of a function)', node);
    if ((of & KIND.constructor) !== 0 && (name === undefined || ['constructor', 'call', 'apply', 'bind'].includes(name))) this.#tell('eval', 'makes code out of text (constructor)', node);
    if ((of & KIND.shared) !== 0 && around?.type === 'CallExpression' && part === 'callee' && CHANGING.has(name ?? '')) this.#tell('global', CHANGES, node);
  }

  /** What a pattern takes out of the global context, or out of the surroundings. */
  #taken(pattern: Syntax, from: number): void {
    for (const each of pattern['properties'] as readonly Syntax[]) {
      const name = each.type === 'Property' ? this.#values.nameOf(each) : undefined;
      if ((from & KIND.global) !== 0 && (name === 'set' || name === undefined)) this.#tell('global', WRITES, each);
      if ((from & KIND.surroundings) !== 0 && name !== undefined) this.#named(name, each);
    }
  }

  /** Kinds of what a pattern takes apart, as far as that is written beside it. */
  #valueFor({ part, around }: Place): number {
    if (around?.type === 'VariableDeclarator') return this.#values.of(around['init'] as Syntax | null);
    if (around?.type === 'AssignmentExpression') return this.#values.of(partOf(around, 'right'));
    if (around?.type === 'Property' && part === 'value') {
      const outer = this.#around.get(around)?.around;
      const of = outer?.type === 'ObjectPattern' ? this.#valueFor(this.#around.get(outer)!) : 0;
      return kindOfMember(of, this.#values.nameOf(around), kindOfName);
    }
    return 0;
  }

  #called(node: Syntax): void {
    const callee = partOf(node, 'callee');
    const kind = this.#values.of(callee);
    if ((kind & KIND.network) !== 0) this.#tell('network', 'talks to the network', node);
    // `new this.constructor()` makes another of the same class, which is written there.
    const own = callee.type === 'MemberExpression' && partOf(callee, 'object').type === 'ThisExpression';
    if ((kind & KIND.constructor) !== 0 && !own) this.#tell('eval', 'makes code out of text (constructor)', node);
    if ((kind & KIND.require) !== 0 && callee.type === 'CallExpression') this.#tell('require', 'reaches for modules', node);
    if ((kind & KIND.eval) !== 0) this.#tell('eval', 'makes code out of text (eval)', node);
    if (node.type === 'CallExpression' && (kind & KIND.get) !== 0 && (this.#values.of(node) & KIND.require) !== 0) this.#tell('require', 'reaches for modules or the process of Node-RED in the global context', node);
    if (callee.type === 'MemberExpression' && isFreeName(this.#scopes, partOf(callee, 'object'), 'Reflect', 'Object')) this.#reflects(node, this.#values.nameOf(callee));
  }

  /** The same as above, done by functions of `Object` and `Reflect`. */
  #reflects(node: Syntax, name: string | undefined): void {
    const [first, second] = node['arguments'] as readonly Syntax[];
    if (first === undefined) return;
    const kind = this.#values.of(first);
    if ((kind & KIND.constructor) !== 0 && (name === 'construct' || name === 'apply')) this.#tell('eval', 'makes code out of text (constructor)', node);
    if (second !== undefined && this.#values.textOf(second) === 'constructor' && (name === 'get' || name === 'getOwnPropertyDescriptor')) this.#tell('eval', 'makes code out of text (constructor)', node);
    if (!['assign', 'defineProperty', 'defineProperties', 'set', 'deleteProperty', 'setPrototypeOf'].includes(name ?? '')) return;
    if ((kind & KIND.shared) !== 0) this.#tell('global', CHANGES, node);
    if (this.#isHanded(first)) this.#tell('global', CHANGES_ALL, node);
  }

  /** Assignments to what is shared with others. */
  #changes(node: Syntax): void {
    const target = node.type === 'AssignmentExpression' ? partOf(node, 'left') : node.type === 'UpdateExpression' || (node.type === 'UnaryExpression' && node['operator'] === 'delete') ? partOf(node, 'argument') : undefined;
    const member = target?.type === 'ChainExpression' ? partOf(target, 'expression') : target;
    if (member?.type !== 'MemberExpression') return;
    const of = this.#values.of(partOf(member, 'object'));
    if ((of & KIND.global) !== 0) this.#tell('global', WRITES, node);
    if ((of & KIND.shared) !== 0) this.#tell('global', CHANGES, node);
    if (this.#isHanded(partOf(member, 'object'))) this.#tell('global', CHANGES_ALL, node);
  }

  /** `util`, `util.inspect`, `Buffer.prototype`: by its name, at the root of the expression. */
  #isHanded(node: Syntax): boolean {
    let root = node;
    while (root.type === 'MemberExpression') root = partOf(root, 'object');
    return isFreeName(this.#scopes, root, ...HANDED);
  }
}

const WRITES = 'writes into the global context, which every flow shares and no ledger knows';
const CHANGES = 'changes what it got out of the global context, which is the same for every flow';
const CHANGES_ALL = 'changes what all functions of Node-RED share';

const isFreeName = (scopes: Scopes, node: Syntax, ...names: readonly string[]): boolean => {
  const binding = node.type === 'Identifier' ? scopes.names.get(node) : undefined;
  return binding?.free === true && names.includes(binding.name);
};

/** What was found out about code, kept: most functions stay the same from one deploy to the next. */
const known = new Map<string, readonly Reached[]>();
/** Characters of all code that is kept. */
const MAX_KNOWN = 10_000_000;
let characters = 0;

/** What the code of a function node reaches for: the first place of each kind; or one `unreadable`. */
export function reachOf(parts: readonly CodePart[], modules: readonly CodeModule[]): readonly Reached[] {
  const key = JSON.stringify([parts.map(({ tab, code }) => [tab, code]), modules.map(({ name, module }) => [name, module])]);
  const before = known.get(key);
  if (before !== undefined) return before;
  const found = judged(parts, modules);
  if ((characters += key.length) > MAX_KNOWN) {
    known.clear();
    characters = key.length;
  }
  known.set(key, found);
  return found;
}

function judged(parts: readonly CodePart[], modules: readonly CodeModule[]): readonly Reached[] {
  const pieces: Syntax[] = [];
  for (const { tab, code } of parts) {
    const syntax = syntaxOf(code);
    if ('why' in syntax) return [{ reach: 'unreadable', what: String(syntax.why), tab, line: Number(syntax['line']) }];
    pieces.push(syntax);
  }
  try {
    return [...new Judge(pieces, modules).found].map(([reach, { what, at, piece }]) => ({ reach, what, tab: parts[piece]!.tab, line: lineAt(parts[piece]!.code, at) }));
  } catch (error) {
    if (error instanceof Entangled) return [{ reach: 'unreadable', what: 'has names that stand for each other in too many ways', tab: parts[0]!.tab, line: 1 }];
    throw error;
  }
}

import { isFunction } from './scopes.ts';
import type { Binding, Code, Place } from './scopes.ts';
import { partOf } from './syntax.ts';
import type { Syntax } from './syntax.ts';

/** What a value in code can be, as a set of bits: a name may stand for several. */
export const KIND = {
  /** The global context, and what holds it. */
  global: 1, context: 2, surroundings: 4,
  /** Its functions. */
  set: 8, get: 16,
  /** Something that was got out of the global context, which is still there. */
  shared: 32,
  eval: 64, constructor: 128, require: 256,
  /** A module, or a function, that talks to the network. */
  network: 512,
} as const;

/** Modules of which each function talks to the network. */
const NETWORK: ReadonlySet<string> = new Set(['http', 'https', 'http2', 'net', 'tls', 'dgram', 'undici', 'axios', 'got', 'ky', 'needle', 'node-fetch', 'request', 'superagent', 'ws', 'mqtt', 'nodemailer', 'ssh2', 'basic-ftp']);
/** Those that code uses by this name, wherever it has them from. */
const BY_NAME: ReadonlySet<string> = new Set(['http', 'https', 'net', 'tls', 'dgram', 'axios', 'got']);
const FETCHING: ReadonlySet<string> = new Set(['fetch', 'WebSocket', 'XMLHttpRequest', 'EventSource']);
/** What leads to modules: a name of the surroundings, or what settings.js may have put into the global context. */
const OF_THE_MACHINE: ReadonlySet<string> = new Set(['require', 'process', 'child_process']);
const CALLERS: ReadonlySet<string> = new Set(['call', 'apply', 'bind']);

const bareModule = (name: string): string => name.replace(/^node:/, '').replace(/(?!^)@[^@]*$/, '').split('/')[0]!;

export const isNetwork = (module: string): boolean => NETWORK.has(bareModule(module));

/** What a name of the surroundings stands for. */
export function kindOfName(name: string): number {
  switch (name) {
    case 'global': return KIND.global;
    case 'context': return KIND.context;
    case 'globalThis': return KIND.surroundings;
    case 'eval': return KIND.eval;
    case 'Function': return KIND.constructor;
    default: return OF_THE_MACHINE.has(name) ? KIND.require : FETCHING.has(name) || BY_NAME.has(name) ? KIND.network : 0;
  }
}

/** What a property of a value is; `name` is undefined when the code works it out. */
export function kindOfMember(of: number, name: string | undefined, names: (name: string) => number): number {
  let kind = of & (KIND.shared | KIND.network | KIND.require);
  if ((of & KIND.surroundings) !== 0 && name !== undefined) kind |= names(name);
  if ((of & KIND.context) !== 0 && (name === 'global' || name === undefined)) kind |= KIND.global;
  if ((of & KIND.global) !== 0) kind |= name === 'set' ? KIND.set : name === 'get' ? KIND.get : 0;
  if (name === 'constructor') kind |= KIND.constructor;
  if (name !== undefined && CALLERS.has(name)) kind |= of & (KIND.set | KIND.get | KIND.eval | KIND.constructor | KIND.context);
  return kind;
}

/** Longer texts are no names. */
const LONGEST_NAME = 200;

/** After so many rounds code is too entangled to be judged. */
const MAX_ROUNDS = 100;

export class Entangled extends Error {
  override readonly name = 'Entangled';
}

/** What every expression of a code can be: names are followed from where they get their values, as long as something new turns up. */
export class Values {
  readonly #code: Code;
  readonly #kinds = new Map<Syntax, number>();
  readonly #texts = new Map<Syntax, string>();
  readonly #bindings = new Map<Binding, number>();
  readonly #given: ReadonlyMap<string, number>;
  readonly #constants = new Map<Binding, string>();
  /** Names that get more than one value: what one of them was got from is then not certain. */
  readonly #several = new Set<Binding>();
  readonly #assigned = new Set<Binding>();
  #changed = false;

  /** @param given kinds of names that are there besides, as those of modules */
  constructor(code: Code, given: ReadonlyMap<string, number>) {
    this.#code = code;
    this.#given = given;
    this.#countValues();
    let rounds = 0;
    do {
      if ((rounds += 1) > MAX_ROUNDS) throw new Entangled('Its names stand for each other in too many ways.');
      this.#changed = false;
      for (const place of code.places) this.#work(place);
    } while (this.#changed);
  }

  of(node: Syntax | null | undefined): number {
    return node ? this.#kinds.get(node) ?? 0 : 0;
  }

  /** A text that the code names, also when it is put together; undefined when it is none, or worked out. */
  textOf(node: Syntax): string | undefined {
    return this.#texts.get(node);
  }

  /** Name of the property that a member expression, or a property of a pattern, is about. */
  nameOf(node: Syntax): string | undefined {
    const key = partOf(node, node.type === 'MemberExpression' ? 'property' : 'key');
    if (node['computed'] !== true && key.type === 'Identifier') return String(key['name']);
    return key.type === 'PrivateIdentifier' ? `#${String(key['name'])}` : this.#texts.get(key);
  }

  /** The function of this code that is called, when it is known. */
  calledBy(call: Syntax): Syntax | undefined {
    const callee = partOf(call, 'callee');
    return isFunction(callee) ? callee : callee.type === 'Identifier' ? this.#code.names.get(callee)?.fn : undefined;
  }

  #nameKind(name: string): number {
    return this.#given.get(name) ?? kindOfName(name);
  }

  #countValues(): void {
    const note = (target: Syntax): void => {
      const binding = target.type === 'Identifier' ? this.#code.names.get(target) : undefined;
      if (binding === undefined) return;
      if (this.#assigned.has(binding)) this.#several.add(binding);
      this.#assigned.add(binding);
    };
    for (const { node } of this.#code.places) {
      if (node.type === 'VariableDeclarator' && node['init']) note(partOf(node, 'id'));
      if (node.type === 'AssignmentExpression') note(partOf(node, 'left'));
    }
  }

  #work({ node }: Place): void {
    const kind = this.#kindOf(node);
    if (kind !== (this.#kinds.get(node) ?? 0)) {
      this.#kinds.set(node, kind);
      this.#changed = true;
    }
    const text = this.#textFrom(node);
    if (text !== undefined && this.#texts.get(node) !== text) {
      this.#texts.set(node, text);
      this.#changed = true;
    }
    if (node.type === 'VariableDeclarator' && node['init']) this.#give(partOf(node, 'id'), this.of(partOf(node, 'init')), partOf(node, 'init'));
    if (node.type === 'AssignmentExpression') this.#give(partOf(node, 'left'), this.of(partOf(node, 'right')), partOf(node, 'right'));
    if (node.type === 'AssignmentPattern') this.#give(partOf(node, 'left'), this.of(partOf(node, 'right')), partOf(node, 'right'));
    if (node.type === 'CallExpression') this.#pass(node);
  }

  #kindOf(node: Syntax): number {
    switch (node.type) {
      case 'Identifier': {
        const binding = this.#code.names.get(node);
        if (binding === undefined) return 0;
        return (this.#bindings.get(binding) ?? 0) | (this.#given.get(binding.name) ?? (binding.free && !this.#assigned.has(binding) ? kindOfName(binding.name) : 0));
      }
      case 'ThisExpression': return this.#code.outerThis.has(node) ? KIND.surroundings : 0;
      case 'MemberExpression': return kindOfMember(this.of(partOf(node, 'object')), this.nameOf(node), (name) => this.#nameKind(name));
      case 'CallExpression': return this.#kindOfCall(node);
      case 'ImportExpression': return KIND.require | (isNetwork(this.textOf(partOf(node, 'source')) ?? '') ? KIND.network : 0);
      case 'AwaitExpression': return this.of(partOf(node, 'argument'));
      case 'ChainExpression': return this.of(partOf(node, 'expression'));
      case 'ConditionalExpression': return this.of(partOf(node, 'consequent')) | this.of(partOf(node, 'alternate'));
      case 'LogicalExpression': return this.of(partOf(node, 'left')) | this.of(partOf(node, 'right'));
      case 'AssignmentExpression': return this.of(partOf(node, 'right'));
      case 'SequenceExpression': return this.of((node['expressions'] as readonly Syntax[]).at(-1));
      default: return 0;
    }
  }

  #kindOfCall(node: Syntax): number {
    const callee = partOf(node, 'callee');
    const kind = this.of(callee);
    if (callee.type === 'MemberExpression' && this.nameOf(callee) === 'bind') return kind;
    const [first] = node['arguments'] as readonly Syntax[];
    const name = first === undefined ? undefined : this.textOf(first);
    if ((kind & KIND.get) !== 0) return KIND.shared | (OF_THE_MACHINE.has(name ?? '') ? KIND.require : 0) | (isNetwork(name ?? '') ? KIND.network : 0);
    if ((kind & KIND.require) !== 0) return KIND.require | (isNetwork(name ?? '') ? KIND.network : 0);
    return kind & KIND.context;
  }

  #textFrom(node: Syntax): string | undefined {
    const short = (text: string): string | undefined => (text.length > LONGEST_NAME ? undefined : text);
    if (node.type === 'Literal') return typeof node['value'] === 'string' ? short(node['value']) : undefined;
    if (node.type === 'Identifier') return this.#constants.get(this.#code.names.get(node)!);
    if (node.type === 'BinaryExpression' && node['operator'] === '+') {
      const [left, right] = [this.textOf(partOf(node, 'left')), this.textOf(partOf(node, 'right'))];
      return left === undefined || right === undefined ? undefined : short(left + right);
    }
    if (node.type !== 'TemplateLiteral') return undefined;
    const filled = (node['expressions'] as readonly Syntax[]).map((each) => this.textOf(each));
    if (filled.includes(undefined)) return undefined;
    return short((node['quasis'] as readonly Syntax[]).map((each, at) => `${String((each['value'] as { cooked?: unknown }).cooked ?? '')}${filled[at] ?? ''}`).join(''));
  }

  /** Gives what is on the right of an assignment to what is on the left. */
  #give(to: Syntax, kind: number, value: Syntax | undefined): void {
    if (to.type === 'Identifier') {
      const binding = this.#code.names.get(to);
      if (binding === undefined) return;
      const sure = this.#several.has(binding) ? kind & ~KIND.shared : kind;
      this.#add(binding, sure);
      const text = value === undefined ? undefined : this.textOf(value);
      if (text !== undefined && !this.#several.has(binding) && this.#constants.get(binding) !== text) {
        this.#constants.set(binding, text);
        this.#changed = true;
      }
    } else if (to.type === 'AssignmentPattern') this.#give(partOf(to, 'left'), kind, undefined);
    else if (to.type === 'ObjectPattern') {
      for (const each of to['properties'] as readonly Syntax[]) {
        if (each.type === 'Property') this.#give(partOf(each, 'value'), kindOfMember(kind, this.nameOf(each), (name) => this.#nameKind(name)), undefined);
      }
    }
  }

  /** A function of the code that is called gets its arguments. */
  #pass(call: Syntax): void {
    const params = this.calledBy(call)?.['params'] as readonly Syntax[] | undefined;
    if (params === undefined) return;
    for (const [at, argument] of (call['arguments'] as readonly Syntax[]).entries()) {
      const param = params[at];
      if (argument.type === 'SpreadElement' || param === undefined || param.type === 'RestElement') return;
      this.#give(param, this.of(argument) & ~KIND.shared, undefined);
    }
  }

  #add(binding: Binding, kind: number): void {
    const known = this.#bindings.get(binding) ?? 0;
    if ((known | kind) === known) return;
    this.#bindings.set(binding, known | kind);
    this.#changed = true;
  }
}

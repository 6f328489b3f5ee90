import type { NodeAPI, NodeDef } from 'node-red';
import type { Json } from '../../domain/index.ts';
import type { NodeRedNode, StepHandle, StepPattern, StepRegistration, Waybill } from '../api.ts';
import type { CircuitSource } from '../circuits.ts';
import type { TokenPolicy } from '../token-policy.ts';
import { hashJson } from '../support/hashing.ts';
import { list } from '../patterns/typed.ts';
import { instanceOf } from './instance.ts';
import type { NodeStatus } from './retry-status.ts';
import { siteOf } from './site-config.ts';
import type { SiteSettings } from './site-config.ts';
import { StatusLine } from './status-line.ts';
import { typedEvaluator } from './typed-evaluator.ts';
import { currentWaybill } from './current.ts';
import { WaitingRoom } from './waiting-room.ts';
import { once } from '../support/reporting.ts';

/** How a palette node becomes a governed step. */
export interface GovernedNodeOptions<C> {
  readonly outputs: number;
  /** Brings a stored config to the current version. Throws with a sentence when it cannot. */
  readonly migrate: (config: Readonly<Record<string, unknown>>) => C;
  readonly pattern: (config: C) => StepPattern;
  /** Names of the outputs, where the configuration gives them. */
  readonly portNames?: (config: C) => readonly string[];
  /** Wires the node when its configuration makes it no step of a case; false when it is one. */
  readonly plain?: (RED: NodeAPI, node: LiveNode, config: C, waybill: Waybill) => boolean;
  /** Policy of what leaves output 1. */
  readonly tokenPolicy?: (config: C) => TokenPolicy;
  /** What the node says of the traffic to its system. */
  readonly circuit?: (config: C) => CircuitSource | undefined;
  /** What the status says before the count of cases. */
  readonly status?: (waybill: Waybill, address: string, site: string, config: C) => NodeStatus | undefined;
  /** The status says when the next timer here is due. */
  readonly showsNext?: true;
  /** Credentials of the node, as Node-RED declares them. */
  readonly credentials?: Record<string, { type: 'text' | 'password' }>;
  /** By credential: variable of block, group, tab or instance that holds it in the place of the node. */
  readonly credentialVariables?: (config: C) => Readonly<Record<string, string>>;
}

/** Config that every governed node has. */
export interface GovernedConfig { readonly stepId: string; readonly requires: string }

/** A Node-RED node as its constructor has it. */
export type LiveNode = NodeRedNode & {
  credentials?: object;
  on(event: 'input', listener: (msg: object, send: unknown, done: (error?: Error) => void) => void): void;
  on(event: 'close', listener: (done: () => void) => void): void;
};

const room = new WaitingRoom();

/** Registers a node type whose messages are tokens of cases: input → engine, status, close. */
export function governedNode<C extends GovernedConfig>(RED: NodeAPI, type: string, options: GovernedNodeOptions<C>): void {
  function GovernedNode(this: LiveNode, definition: NodeDef): void {
    RED.nodes.createNode(this as never, definition);
    const status = new StatusLine(this);
    const waybill = currentWaybill();
    if (waybill === undefined) {
      status.problem('Waybill is not running in this Node-RED');
      return;
    }
    let handle: StepHandle;
    let config: C;
    let facts: SiteSettings | undefined;
    try {
      config = options.migrate(definition as unknown as Record<string, unknown>);
      if (options.plain?.(RED, this, config, waybill) === true) return;
      facts = siteOf(RED, (definition as unknown as { site?: string }).site);
      handle = attach(RED, this, facts, config, options, waybill);
    } catch (error) {
      const message = (error as Error).message;
      status.problem(message);
      this.error(message);
      return;
    }
    const site = facts?.siteId ?? waybill.settings.site;
    status.follow(waybill, handle.address, options.showsNext === true ? site : undefined, (key) => options.status?.(waybill, key, site, config));
    this.on('input', (msg, _send, done) => {
      void room.whenTaken(waybill, () => waybill.nodes.receive(handle, msg)).then(() => done(), (error: unknown) => done(error instanceof Error ? error : new Error(String(error))));
    });
    const roles = watchRoles(site, definition, handle, waybill, status);
    this.on('close', (done) => {
      roles();
      status.close();
      handle.close();
      done();
    });
  }
  RED.nodes.registerType(type, GovernedNode as never, options.credentials === undefined ? {} : { credentials: options.credentials } as never);
}

function attach<C extends GovernedConfig>(RED: NodeAPI, node: LiveNode, site: SiteSettings | undefined, config: C, options: GovernedNodeOptions<C>, waybill: Waybill): StepHandle {
  if (!config.stepId) throw new Error('This node has no step id; open it, give it one, and deploy.');
  const circuit = options.circuit?.(config);
  const pattern = options.pattern({ ...config, credentials: { ...node.credentials, ...credentialsFrom(RED, node, options.credentialVariables?.(config) ?? {}) } });
  return waybill.nodes.registerStep({
    node, address: { instance: instanceOf(node), stepId: config.stepId }, requires: list(config.requires), pattern, outputs: options.outputs,
    ...(options.portNames === undefined ? {} : { portNames: options.portNames(config) }),
    configHash: configHash(config),
    evaluate: typedEvaluator(RED, node), ...references(config),
    ...(options.tokenPolicy === undefined ? {} : { tokenPolicy: options.tokenPolicy(config) }),
    ...(circuit === undefined ? {} : { circuit }),
    ...(site?.stallMs === undefined ? {} : { stallMs: site.stallMs }),
    ...(site?.hopLimit === undefined ? {} : { hopLimit: site.hopLimit }),
  });
}

/** What stands in variables; a blank one says nothing, as a blank field does. */
function credentialsFrom(RED: NodeAPI, node: LiveNode, variables: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(variables).flatMap(([credential, name]): [string, string][] => {
    const value: unknown = name === '' ? undefined : RED.util.getSetting(node as never, name);
    return typeof value === 'string' && value !== '' ? [[credential, value]] : [];
  }));
}

/** How long the directory may take to be there, and how often it is asked whether somebody holds the roles, ms. */
const firstLookMs = 4_000;
const lookAgainMs = 15_000;

/** Says on the node when it asks a role that nobody holds. Returns what ends the watch. */
function watchRoles(site: string, definition: NodeDef, handle: StepHandle, waybill: Waybill, status: StatusLine): () => void {
  const roles = (handle as { readonly registration?: StepRegistration }).registration?.pattern?.roles ?? [];
  if (roles.length === 0) return () => undefined;
  const { directory } = references(definition);
  const look = (): void => {
    waybill.nodes.unheld(roles, site, directory).then((unheld) => {
      status.remark(unheld.length === 0 ? undefined : `nobody holds ${unheld.join(', ')}`);
    }, (error: unknown) => once('unheld', `Who holds the roles of a node could not be read: ${String(error)}`));
  };
  const first = setTimeout(look, firstLookMs).unref();
  const again = setInterval(look, lookAgainMs).unref();
  return () => {
    clearTimeout(first);
    clearInterval(again);
  };
}

/** Config nodes that say who works the step's tasks, and by which calendar their deadlines go. */
function references(config: object): Pick<StepRegistration, 'directory' | 'calendar'> {
  const { directory, calendar } = config as { readonly directory?: unknown; readonly calendar?: unknown };
  const named = (id: unknown): id is string => typeof id === 'string' && id !== '' && id !== '_ADD_';
  return { ...(named(directory) ? { directory } : {}), ...(named(calendar) ? { calendar } : {}) };
}

/** Where a node stands and what it is called does not count. */
const notConfig = new Set(['id', 'z', 'x', 'y', 'g', 'l', 'd', 'wires', 'name', 'info', '_alias', 'credentials']);

function configHash(config: object): string {
  return hashJson(JSON.parse(JSON.stringify(Object.fromEntries(Object.entries(config).filter(([key]) => !notConfig.has(key))))) as Json).slice(0, 22);
}

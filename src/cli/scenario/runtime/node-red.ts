import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { EventEmitter } from 'node:events';
import { createServer } from 'node:http';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import express from 'express';
import type { RuntimeApi } from '../../../engine/node-red/connect.ts';
import type { FlowNode } from './messages.ts';

interface NodeRed {
  init(server: object, settings: object): void;
  start(): Promise<void>;
  readonly events: EventEmitter;
  readonly log: RuntimeApi['log'];
  readonly hooks: NonNullable<RuntimeApi['hooks']> & { remove(name: string): void };
  readonly nodes: {
    getNode(id: string): { receive(msg: object): void; name?: string; type?: string } | null;
    setFlows(flows: readonly FlowNode[], credentials: null, type: string, mute: boolean, force: boolean): Promise<unknown>;
  } & NonNullable<RuntimeApi['nodes']>;
}

const forwarded = ['flows:stopping', 'flows:started', 'runtime-event'] as const;

/** Node-RED loads node files from folders; this one registers the package's nodes, which are loaded only once however often it starts. */
function writeNodes(userDir: string, files: readonly string[]): string {
  const folder = path.join(userDir, 'waybill-nodes');
  mkdirSync(folder, { recursive: true });
  const lines = files.map((file, i) => `import register${i} from ${JSON.stringify(pathToFileURL(file).href)};`);
  writeFileSync(path.join(folder, 'waybill-nodes.js'), `${lines.join('\n')}\nexport default (RED) => { ${files.map((_, i) => `register${i}(RED);`).join(' ')} };\n`);
  writeFileSync(path.join(folder, 'waybill-nodes.html'), files.map((file) => `<script type="text/html" data-template-name="waybill-${path.parse(file).name}"></script>`).join('\n'));
  writeFileSync(path.join(folder, 'package.json'), '{"type":"module"}');
  return folder;
}

/** A Node-RED without editor and admin API in this process; there can be only one. */
export class HeadlessNodeRed {
  readonly #red: NodeRed;
  readonly #userDir: string;
  #engineEvents = new EventEmitter();

  private constructor(red: NodeRed, userDir: string) {
    this.#red = red;
    this.#userDir = userDir;
  }

  /**
   * @param packageFile package.json of the Node-RED to use
   * @param nodeFiles files of Waybill's nodes
   */
  static async start(packageFile: string, userDir: string, nodeFiles: readonly string[]): Promise<HeadlessNodeRed> {
    const red = createRequire(packageFile)(path.dirname(packageFile)) as NodeRed;
    mkdirSync(userDir, { recursive: true });
    writeFileSync(path.join(userDir, 'flows.json'), '[]');
    red.init(createServer(express()), {
      userDir, flowFile: 'flows.json', credentialSecret: 'scenario', nodesDir: [writeNodes(userDir, nodeFiles)],
      httpAdminRoot: false, httpNodeRoot: false, disableEditor: true, logging: { console: { level: 'warn', metrics: false, audit: false } },
      telemetry: { enabled: false }, externalModules: { autoInstall: false }, runtimeState: { enabled: false, ui: false }, diagnostics: { enabled: false, ui: false },
    });
    const running = new Promise<void>((resolve) => { red.events.once('flows:started', () => resolve()); });
    await red.start();
    await running;
    const nodeRed = new HeadlessNodeRed(red, userDir);
    for (const name of forwarded) red.events.on(name, (event: unknown) => nodeRed.#engineEvents.emit(name, event));
    return nodeRed;
  }

  /** The runtime as a plugin sees it, for a new engine; the one before hears nothing any more. */
  api(home: string, tuning: object): RuntimeApi {
    this.#red.hooks.remove('*.waybill');
    this.#engineEvents = new EventEmitter();
    return {
      log: this.#red.log, events: this.#engineEvents, hooks: this.#red.hooks, nodes: this.#red.nodes,
      settings: { userDir: this.#userDir, waybill: { home }, waybillTuning: tuning },
    };
  }

  /** Calls back for every message that a node is about to receive. */
  onReceive(listener: (nodeId: string, msg: unknown) => void): void {
    this.#red.hooks.remove('*.scenario');
    this.#red.hooks.add('onReceive.scenario', (event: { readonly msg: unknown; readonly destination: { readonly id: string } }) => listener(event.destination.id, event.msg));
  }

  /** Calls back with what a node shows below itself. */
  onStatus(listener: (nodeId: string, status: object) => void): void {
    this.#red.events.removeAllListeners('node-status');
    this.#red.events.on('node-status', (event: { readonly id: string; readonly status?: object }) => listener(event.id, event.status ?? {}));
  }

  /** Resolves when the flows have started. */
  async deploy(flows: readonly FlowNode[], type: string): Promise<void> {
    let stop: (error: Error) => void = () => undefined;
    const onProblem = (event: { id?: string; payload?: { state?: string; error?: string } }): void => {
      if (event.id === 'runtime-state' && event.payload?.error !== undefined && event.payload.state !== undefined) stop(new Error(`Node-RED did not start the flow: ${event.payload.error}. Are all of its nodes installed?`));
    };
    let done: () => void = () => undefined;
    const running = new Promise<void>((resolve, reject) => {
      stop = reject;
      done = resolve;
    });
    this.#red.events.once('flows:started', done);
    this.#red.events.on('runtime-event', onProblem);
    try {
      await this.#red.nodes.setFlows(flows, null, type, true, true);
      await running;
    } finally {
      this.#red.events.off('runtime-event', onProblem);
      this.#red.events.off('flows:started', done);
    }
  }

  receive(node: string, msg: object): void {
    const target = this.#red.nodes.getNode(node);
    if (target === null) throw new Error(`The flow has no node "${node}" that runs; name one by its id.`);
    target.receive(msg);
  }
}

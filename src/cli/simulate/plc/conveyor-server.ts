import { mkdirSync } from 'node:fs';
import type { OPCUAServer, UAVariable, UAMethod, UAObject } from 'node-opcua';
import { Random, seedAt } from '../demo-data/index.ts';
import { Conveyor } from './conveyor.ts';
import type { ConveyorBook, ConveyorOptions, LaneAnswer, Telegram } from './conveyor.ts';
import type { OpcUaServerLibrary } from './library.ts';

/** docs/simulate.md describes it node by node. */
export const CONVEYOR_NAMESPACE = 'urn:waybill:simulator:conveyor';
/** Another one: the namespace of a server's own name is always the first. */
const APPLICATION_URI = 'urn:waybill:simulator';

export interface ConveyorServerOptions extends ConveyorOptions {
  readonly port: number;
  readonly host?: string;
  /** Folder of its certificate and of what it trusts. */
  readonly pki: string;
  /** Analog values; each motor has two. */
  readonly tags: number;
  /** Changes of all of them a second. */
  readonly changesPerSecond: number;
  /** Who is told of what happens, for a terminal. */
  readonly onEvent?: (text: string) => void;
}

interface Motor { readonly speed: UAVariable; readonly temperature: UAVariable; readonly running: UAVariable }

const TICK_MS = 10;
/** Values that a historized tag keeps. */
const HISTORY = 20_000;

/** The conveyor with its wires: an OPC UA server of its own. */
export class ConveyorServer {
  readonly #library: OpcUaServerLibrary;
  readonly #options: ConveyorServerOptions;
  readonly #conveyor: Conveyor;
  readonly #random: Random;
  #server: OPCUAServer | undefined;
  #nodes: { sequence: UAVariable; unit: UAVariable; position: UAVariable; acknowledged: UAVariable; lane: UAVariable; jam: UAVariable; motors: readonly Motor[] } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #owed = 0;
  #nextTag = 0;
  #tickedAt = 0;
  /** Set by us, not written by a client. */
  #own = false;
  changes = 0;
  restarts = 0;

  constructor(library: OpcUaServerLibrary, options: ConveyorServerOptions) {
    this.#library = library;
    this.#options = options;
    this.#random = new Random(seedAt(options.seed, 0x407));
    this.#conveyor = new Conveyor(options, { present: (telegram) => this.#present(telegram), jam: (jammed) => this.#jam(jammed) }, performance.now());
  }

  get book(): ConveyorBook { return this.#conveyor.book; }
  get url(): string { return `opc.tcp://${this.#options.host ?? '127.0.0.1'}:${this.#options.port}`; }
  /** Sessions of clients. */
  get sessions(): number { return this.#server?.currentSessionCount ?? 0; }
  get subscriptions(): number { return this.#server?.currentSubscriptionCount ?? 0; }

  async start(): Promise<void> {
    const { OPCUAServer, OPCUACertificateManager, MessageSecurityMode, SecurityPolicy } = this.#library;
    mkdirSync(this.#options.pki, { recursive: true, mode: 0o700 });
    // it is a simulator: whoever comes is let in, and the client's own trust of it is what is to be tried out
    const pki = new OPCUACertificateManager({ rootFolder: this.#options.pki, automaticallyAcceptUnknownCertificate: true, disableFileWatchers: true });
    await pki.initialize();
    const host = this.#options.host ?? '127.0.0.1';
    const server = new OPCUAServer({
      port: this.#options.port, host, hostname: host, serverCertificateManager: pki, allowAnonymous: true, disableDiscovery: true,
      serverInfo: { applicationUri: APPLICATION_URI, productUri: APPLICATION_URI, applicationName: { text: 'Waybill conveyor simulator' } },
      securityModes: [MessageSecurityMode.None, MessageSecurityMode.SignAndEncrypt], securityPolicies: [SecurityPolicy.None, SecurityPolicy.Basic256Sha256],
      serverCapabilities: { maxSessions: 100, maxMonitoredItemsQueueSize: 10_000 },
    });
    await server.initialize();
    this.#server = server;
    this.#fill(server);
    await server.start();
    this.#tickedAt = performance.now();
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    const server = this.#server;
    this.#server = undefined;
    this.#nodes = undefined;
    await server?.shutdown(10);
  }

  /** Goes away, stays away for so long, and comes back counting from the beginning. */
  async restart(awayMs: number): Promise<void> {
    this.restarts += 1;
    this.#options.onEvent?.(`the controller goes away for ${Math.round(awayMs / 100) / 10} s`);
    await this.stop();
    await new Promise((resolve) => setTimeout(resolve, awayMs));
    this.#conveyor.restart(performance.now());
    await this.start();
    this.#options.onEvent?.('the controller is back');
  }

  #fill(server: OPCUAServer): void {
    const { DataType } = this.#library;
    const space = server.engine.addressSpace;
    if (space === null) throw new Error('The OPC UA server has no address space.');
    space.installAlarmsAndConditionsService(); // its methods: Acknowledge, Confirm, ConditionRefresh
    const namespace = space.registerNamespace(CONVEYOR_NAMESPACE);
    const folder = (of: UAObject, name: string, path: string): UAObject => namespace.addObject({ componentOf: of, browseName: name, nodeId: `s=${path}` });
    const conveyor = namespace.addObject({ organizedBy: space.rootFolder.objects, browseName: 'Conveyor', nodeId: 's=Conveyor', eventSourceOf: space.rootFolder.objects.server });
    const handshake = folder(folder(conveyor, 'Scanner1', 'Conveyor.Scanner1'), 'Handshake', 'Conveyor.Scanner1.Handshake');
    const tag = (of: UAObject, path: string, dataType: number, value: unknown, writable = false): UAVariable => namespace.addVariable({
      componentOf: of, browseName: path.split('.').at(-1) as string, nodeId: `s=${path}`, dataType, value: { dataType, value },
      accessLevel: writable ? 'CurrentRead | CurrentWrite' : 'CurrentRead', userAccessLevel: writable ? 'CurrentRead | CurrentWrite' : 'CurrentRead',
    });
    const shake = (name: string, dataType: number, value: unknown, writable = false): UAVariable => tag(handshake, `Conveyor.Scanner1.Handshake.${name}`, dataType, value, writable);
    const waiting = this.#conveyor.waiting;
    const nodes = {
      unit: shake('HandlingUnit', DataType.String, waiting?.handlingUnit ?? ''), position: shake('Position', DataType.String, waiting?.position ?? ''),
      sequence: shake('Sequence', DataType.UInt32, waiting?.sequence ?? 0), acknowledged: shake('Acknowledged', DataType.UInt32, 0, true), lane: shake('Lane', DataType.UInt16, 0, true),
      jam: tag(conveyor, 'Conveyor.Jam', DataType.Boolean, this.#conveyor.jammed),
      motors: Array.from({ length: Math.max(1, Math.ceil(this.#options.tags / 2)) }, (_, index): Motor => {
        const path = `Conveyor.Motor${index + 1}`;
        const motor = folder(conveyor, `Motor${index + 1}`, path);
        const analog = (name: string, low: number, high: number, unit: string, value: number): UAVariable => namespace.addAnalogDataItem({
          componentOf: motor, browseName: name, nodeId: `s=${path}.${name}`, dataType: DataType.Double, engineeringUnitsRange: { low, high },
          engineeringUnits: { displayName: unit, description: unit, namespaceUri: 'http://www.opcfoundation.org/UA/units/un/cefact', unitId: 0 }, value: { dataType: DataType.Double, value },
          accessLevel: 'CurrentRead', userAccessLevel: 'CurrentRead',
        }) as unknown as UAVariable;
        return { speed: analog('Speed', 0, 3, 'm/s', 1.5), temperature: analog('Temperature', -20, 120, '°C', 40), running: tag(motor, `${path}.Running`, DataType.Boolean, true) };
      }),
    };
    nodes.acknowledged.on('value_changed', (value) => { if (!this.#own) this.#conveyor.acknowledge(Number(value.value.value)); });
    nodes.lane.on('value_changed', (value) => { if (!this.#own) this.#conveyor.setLane(undefined, Number(value.value.value)); });
    const first = nodes.motors[0];
    if (first !== undefined) for (const node of [first.speed, first.temperature]) space.installHistoricalDataNode(node, { maxOnlineValues: HISTORY });
    this.#method(namespace.addMethod(conveyor, {
      browseName: 'SetLane', nodeId: 's=Conveyor.SetLane', outputArguments: [],
      inputArguments: [{ name: 'Sequence', dataType: DataType.UInt32, description: 'of the telegram' }, { name: 'Lane', dataType: DataType.UInt16, description: `1 to ${this.#options.lanes}, 0 is straight on` }],
    }));
    const normal = tag(conveyor, 'Conveyor.JamNormal', DataType.Boolean, false);
    const alarm = namespace.instantiateOffNormalAlarm({
      browseName: 'JamAlarm', conditionName: 'Jam', nodeId: 's=Conveyor.JamAlarm', conditionSource: conveyor, componentOf: conveyor, inputNode: nodes.jam, normalState: normal,
      optionals: ['ConfirmedState', 'Confirm'],
    } as Parameters<typeof namespace.instantiateOffNormalAlarm>[0]);
    alarm.sourceName.setValueFromSource({ dataType: DataType.String, value: 'Conveyor' }); // else it has the number of a namespace in it
    this.#nodes = nodes;
  }

  #method(method: UAMethod): void {
    const { StatusCodes } = this.#library;
    const codes: Readonly<Record<LaneAnswer, (typeof StatusCodes)['Good']>> = { 'taken': StatusCodes.Good, 'no-such-lane': StatusCodes.BadOutOfRange, 'not-this-unit': StatusCodes.BadInvalidState };
    method.bindMethod((inputs, _context, done) => {
      const answer = this.#conveyor.setLane(Number(inputs[0]?.value), Number(inputs[1]?.value));
      if (answer === 'taken') this.#set(this.#nodes?.lane, this.#library.DataType.UInt16, Number(inputs[1]?.value));
      done(null, { statusCode: codes[answer], outputArguments: [] });
    });
  }

  #set(node: UAVariable | undefined, dataType: number, value: unknown): void {
    this.#own = true;
    try {
      node?.setValueFromSource({ dataType, value });
    } finally {
      this.#own = false;
    }
  }

  /** The sequence number last: whoever sees it finds the rest of the telegram complete. */
  #present({ sequence, handlingUnit, position }: Telegram): void {
    const { DataType } = this.#library;
    const nodes = this.#nodes;
    this.#set(nodes?.lane, DataType.UInt16, 0);
    this.#set(nodes?.unit, DataType.String, handlingUnit);
    this.#set(nodes?.position, DataType.String, position);
    this.#set(nodes?.sequence, DataType.UInt32, sequence);
  }

  #jam(jammed: boolean): void {
    const { DataType } = this.#library;
    this.#set(this.#nodes?.jam, DataType.Boolean, jammed);
    for (const { running, speed } of this.#nodes?.motors ?? []) {
      this.#set(running, DataType.Boolean, !jammed);
      if (jammed) this.#set(speed, DataType.Double, 0);
    }
    this.#options.onEvent?.(jammed ? 'a jam' : 'the jam is cleared');
  }

  #tick(): void {
    const now = performance.now();
    this.#conveyor.tick(now);
    this.#owed = Math.min(this.#owed + ((now - this.#tickedAt) / 1_000) * this.#options.changesPerSecond, this.#options.changesPerSecond);
    this.#tickedAt = now;
    const motors = this.#nodes?.motors ?? [];
    for (; this.#owed >= 1 && motors.length > 0; this.#owed -= 1) {
      const motor = motors[(this.#nextTag >> 1) % motors.length] as Motor;
      const isSpeed = this.#nextTag % 2 === 0;
      this.#nextTag += 1;
      const noise = this.#random.next() - 0.5;
      const value = isSpeed ? (this.#conveyor.jammed ? 0 : 1.5 + noise * 0.1) : 45 + noise * 4;
      this.#set(isSpeed ? motor.speed : motor.temperature, this.#library.DataType.Double, value);
      this.changes += 1;
    }
  }
}

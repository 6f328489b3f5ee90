import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DataType, MessageSecurityMode, OPCUACertificateManager, OPCUAServer, SecurityPolicy, StatusCodes, Variant } from 'node-opcua';
import type { UAVariable } from 'node-opcua';
import { freePort } from '../../scripts/lib/free-port.ts';
import { makeCertificate } from './opcua-certificates.ts';
import type { CertificateWish, MadeCertificate } from './opcua-certificates.ts';

export interface TestServerOptions {
  readonly certificate?: CertificateWish;
  /** Whether it takes clients that it does not know; default true. */
  readonly trusting?: boolean;
  /** Signs in `operator` with `line 4 secret`; nobody else where `anonymous` is false. */
  readonly anonymous?: boolean;
  readonly secureOnly?: boolean;
  readonly port?: number;
  /** Name by which it calls itself in its endpoints. */
  readonly hostname?: string;
}

export const LINE = 'urn:test:line';

/** A server of node-opcua on loopback: a line with a motor (analog speed, range, unit), a jam, and a method. */
export class TestOpcUaServer {
  readonly server: OPCUAServer;
  readonly port: number;
  readonly certificate: MadeCertificate;
  readonly pki: OPCUACertificateManager;
  speed!: UAVariable;
  jam!: UAVariable;

  private constructor(server: OPCUAServer, port: number, certificate: MadeCertificate, pki: OPCUACertificateManager) {
    this.server = server;
    this.port = port;
    this.certificate = certificate;
    this.pki = pki;
  }

  static async start({ certificate: wish, trusting = true, anonymous = true, secureOnly = false, port: wanted, hostname }: TestServerOptions = {}): Promise<TestOpcUaServer> {
    const port = wanted ?? await freePort();
    const certificate = await makeCertificate({ applicationUri: 'urn:line-4:plc', ...wish });
    const pki = new OPCUACertificateManager({ rootFolder: mkdtempSync(path.join(tmpdir(), 'waybill-opcua-server-')), automaticallyAcceptUnknownCertificate: trusting, disableFileWatchers: true });
    await pki.initialize();
    const server = new OPCUAServer({
      port, hostname: hostname ?? '127.0.0.1', serverInfo: { applicationUri: wish?.applicationUri ?? 'urn:line-4:plc', applicationName: { text: 'Line 4' }, productUri: 'urn:test:plc' },
      certificateFile: certificate.certificateFile, privateKeyFile: certificate.keyFile, serverCertificateManager: pki,
      securityModes: [...(secureOnly ? [] : [MessageSecurityMode.None]), MessageSecurityMode.Sign, MessageSecurityMode.SignAndEncrypt],
      securityPolicies: [...(secureOnly ? [] : [SecurityPolicy.None]), SecurityPolicy.Basic256Sha256, SecurityPolicy.Aes256_Sha256_RsaPss],
      allowAnonymous: anonymous, userManager: { isValidUser: (user: string, password: string) => user === 'operator' && password === 'line 4 secret' },
      disableDiscovery: false,
    });
    const made = new TestOpcUaServer(server, port, certificate, pki);
    await server.initialize();
    made.#fill();
    await server.start();
    return made;
  }

  get url(): string {
    return `opc.tcp://127.0.0.1:${this.port}`;
  }

  async stop(): Promise<void> {
    await this.server.shutdown(100);
  }

  #fill(): void {
    const space = this.server.engine.addressSpace!;
    const line = space.registerNamespace(LINE);
    const conveyor = line.addObject({ organizedBy: space.rootFolder.objects, browseName: 'Conveyor', nodeId: 's=Conveyor', eventNotifier: 1, notifierOf: space.rootFolder.objects.server });
    const motor = line.addObject({ componentOf: conveyor, browseName: 'Motor1', nodeId: 's=Conveyor.Motor1' });
    this.speed = line.addAnalogDataItem({
      componentOf: motor, browseName: 'Speed', nodeId: 's=Conveyor.Motor1.Speed', description: 'Speed of the belt', dataType: DataType.Double, engineeringUnitsRange: { low: 0, high: 3 },
      engineeringUnits: { displayName: 'm/s', description: 'metre per second', namespaceUri: 'http://www.opcfoundation.org/UA/units/un/cefact', unitId: 5_067_858 }, value: new Variant({ dataType: DataType.Double, value: 1.5 }),
    });
    this.jam = line.addVariable({ componentOf: conveyor, browseName: 'Jam', nodeId: 's=Conveyor.Jam', dataType: 'Boolean', accessLevel: 'CurrentRead', userAccessLevel: 'CurrentRead', value: new Variant({ dataType: DataType.Boolean, value: false }) });
    line.addVariable({ componentOf: conveyor, browseName: 'Lanes', nodeId: 's=Conveyor.Lanes', dataType: 'UInt64', valueRank: 1, value: new Variant({ dataType: DataType.UInt64, arrayType: 1, value: [[0, 1], [1, 0]] }) });
    const method = line.addMethod(conveyor, { browseName: 'SetLane', nodeId: 's=Conveyor.SetLane', inputArguments: [{ name: 'Sequence', dataType: DataType.UInt32 }, { name: 'Lane', dataType: DataType.UInt16 }], outputArguments: [] });
    method.bindMethod((_inputs, _context, callback) => { callback(null, { statusCode: StatusCodes.Good, outputArguments: [] }); });
  }
}

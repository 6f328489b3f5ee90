import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { randomUUID } from 'node:crypto';
import { coerceNodeId, DataType, nodesets, OPCUACertificateManager, OPCUAServer, Variant, VariantArrayType } from 'node-opcua';
import type { Namespace, UAObject, UAVariable } from 'node-opcua';
import { freePort } from '../../../scripts/lib/free-port.ts';
import { eventTypes, namespacesOf, OpcUaConnection, OpcUaEventIntake, readEventMemory, type EventIntakeOptions, type EventMemory, type PlcOpening } from '../../../src/intake/opcua/index.ts';
import { testPki } from './pki.ts';
import { until } from './until.ts';

const AUTO_ID = 'http://opcfoundation.org/UA/AutoID/';

/** Readers by the companion specification (OPC 30010) and an alarm with branches, on node-opcua's server. */
describe('AutoID readers and alarms of node-opcua', function () {
  this.timeout(120_000);
  let server: OPCUAServer;
  let own: Namespace;
  let device: UAObject;
  let jam: UAVariable;
  let url = '';
  const closing: (() => Promise<void> | void)[] = [];

  before(async () => {
    const port = await freePort();
    const pki = new OPCUACertificateManager({ rootFolder: mkdtempSync(path.join(tmpdir(), 'waybill-autoid-')), automaticallyAcceptUnknownCertificate: true, disableFileWatchers: true });
    await pki.initialize();
    server = new OPCUAServer({
      port, hostname: '127.0.0.1', nodeset_filename: [nodesets.standard, nodesets.di, nodesets.autoId], serverCertificateManager: pki, allowAnonymous: true, disableDiscovery: true,
      serverInfo: { applicationUri: 'urn:test:readers', productUri: 'urn:test:readers' },
    });
    await server.initialize();
    const space = server.engine.addressSpace!;
    space.installAlarmsAndConditionsService();
    own = space.registerNamespace('urn:test:portal');
    device = own.addObject({ organizedBy: space.rootFolder.objects, browseName: 'Portal3', nodeId: 's=Portal3', eventSourceOf: space.rootFolder.objects.server, eventNotifier: 1 });
    jam = own.addVariable({ componentOf: device, browseName: 'Jam', nodeId: 's=Jam', dataType: 'Boolean', value: new Variant({ dataType: DataType.Boolean, value: false }) });
    const normal = own.addVariable({ componentOf: device, browseName: 'Normal', nodeId: 's=Normal', dataType: 'Boolean', value: new Variant({ dataType: DataType.Boolean, value: false }) });
    own.instantiateOffNormalAlarm({ browseName: 'JamAlarm', nodeId: 's=JamAlarm', conditionSource: device, componentOf: device, inputNode: jam, normalState: normal, optionals: ['ConfirmedState', 'Confirm'] } as never);
    await server.start();
    url = `opc.tcp://127.0.0.1:${port}`;
  });
  after(() => server.shutdown(10));
  afterEach(async () => { for (const close of closing.splice(0).reverse()) await close(); });

  function run(options: Partial<EventIntakeOptions>, closed: ((caseId: string) => void)[] = []): { openings: PlcOpening[]; reports: string[]; intake: OpcUaEventIntake; connection: OpcUaConnection; kept: { memory?: EventMemory | undefined } } {
    const connection = new OpcUaConnection({ url, securityMode: 'none', securityPolicy: 'none', identity: { kind: 'anonymous' }, applicationUri: 'urn:waybill:test', pki: testPki(), reconnect: { minMs: 50, maxMs: 300 } });
    const openings: PlcOpening[] = [];
    const reports: string[] = [];
    const kept: { memory?: EventMemory | undefined } = {};
    const intake = new OpcUaEventIntake({
      openCase: (opening) => { openings.push(opening); return Promise.resolve({ kind: 'opened', caseId: `${openings.length}` }); },
      quarantine: () => Promise.resolve(), recordGap: () => Promise.resolve(),
      keepPosition: (_sequence, position) => { kept.memory = readEventMemory(JSON.parse(JSON.stringify(position)) as never); return Promise.resolve(); },
      accepting: () => true, onAccepting: () => () => undefined, count: () => undefined, report: ({ name }) => { reports.push(name); return Promise.resolve(); }, onCaseClosed: (listener) => { closed.push(listener); return () => undefined; }, isClosed: () => Promise.resolve(false),
    }, {
      connection, address: 'line/scans', outageMs: 20_000, publishingMs: 100, newKey: () => randomUUID(), clock: () => Date.now(), notifier: 'i=2253', types: [], leastSeverity: 1, sources: [],
      rules: { leastSeverity: 1, suppressed: false }, answers: { acknowledge: 'never', confirm: 'never' }, process: 'p', template: '', site: 's', device: 'portal', uniqueScope: '', keyField: '', keyType: '', title: '', ...options,
    });
    connection.start();
    closing.push(async () => { await Promise.all([intake.close(true), connection.close()]); });
    return { openings, reports, intake, connection, kept };
  }

  function scan(...codes: readonly string[]): void {
    const space = server.engine.addressSpace!;
    const namespace = space.getNamespaceIndex(AUTO_ID);
    const type = space.findEventType('OpticalScanEventType', namespace)!;
    const results = codes.map((code) => space.constructExtensionObject(space.findDataType('OpticalScanResult', namespace)!, {
      codeType: 'GS1', scanData: { string: code }, timestamp: new Date(),
    }));
    device.raiseEvent(type as never, {
      deviceName: new Variant({ dataType: DataType.String, value: 'portal-3' }), severity: new Variant({ dataType: DataType.UInt16, value: 200 }), message: new Variant({ dataType: DataType.LocalizedText, value: 'scan' }),
      scanResult: new Variant({ dataType: DataType.ExtensionObject, arrayType: VariantArrayType.Array, value: results }),
    } as never);
  }

  it('opens one case for each code that a reader reads at once', async () => {
    const { openings, intake } = run({ types: [`nsu=${AUTO_ID};i=1004`] });
    await until(() => intake.watched.opened > 0, 60_000);
    scan('00340123450000000017', '(01)09521234543213(10)LOT7');
    await until(() => openings.length === 2, 60_000);
    assert.deepEqual(openings.map(({ title }) => title), ['SSCC 340123450000000017', 'GTIN 09521234543213']);
    const plc = openings[0]?.document['plc'] as { event: string; fields: { DeviceName: string }; codeType: string };
    assert.equal(plc.event, 'OpticalScanEventType');
    assert.equal(plc.fields.DeviceName, 'portal-3');
    assert.equal(plc.codeType, 'GS1');
    assert.deepEqual(intake.problems, []);
  });

  it('reads the results of a scan without being told the type', async () => {
    const { openings, intake } = run({});
    await until(() => intake.counters.refreshes > 0, 60_000);
    scan('00340123450000000017');
    await until(() => openings.length === 1, 60_000);
    assert.deepEqual(openings[0]?.keys, [{ type: 'sscc', value: '340123450000000017' }]);
  });

  const jammed = (is: boolean): void => { jam.setValueFromSource({ dataType: DataType.Boolean, value: is }); };

  it('acknowledges and confirms an alarm', async () => {
    const { openings, reports, intake } = run({ types: ['i=2915'], answers: { acknowledge: 'recorded', confirm: 'recorded' } });
    await until(() => intake.counters.refreshes > 0, 60_000);
    jammed(true);
    await until(() => openings.length === 1);
    await until(() => reports.includes('alarm.confirmed'));
    jammed(false);
    await until(() => reports.includes('alarm.inactive') && intake.alarms.length === 0);
    assert.deepEqual(reports, ['alarm.acknowledged', 'alarm.confirmed', 'alarm.inactive']);
    assert.equal(intake.answered.acknowledged, 1);
    assert.equal(intake.answered.confirmed, 1);
  });

  it('keeps apart an activation that nobody acknowledged and the next one', async () => {
    const closed: ((caseId: string) => void)[] = [];
    const { openings, reports, intake } = run({ types: ['i=2915'], answers: { acknowledge: 'closed', confirm: 'never' } }, closed);
    await until(() => intake.counters.refreshes > 0, 60_000);
    jammed(true);
    await until(() => openings.length === 1);
    jammed(false);
    await until(() => reports.includes('alarm.inactive'));
    jammed(true);
    await until(() => openings.length === 2);
    for (const tell of closed) tell('1'); // the first case is closed, the second is not
    await until(() => reports.includes('alarm.acknowledged'));
    const standing = (): unknown[] => intake.alarms.map(({ caseId, active, acknowledged }) => [caseId, active, acknowledged]).sort();
    assert.deepEqual(standing(), [['1', false, true], ['2', true, false]]);
    for (const tell of closed) tell('2');
    await until(() => intake.alarms.every(({ acknowledged }) => acknowledged));
    assert.equal(openings.length, 2);
    jammed(false);
  });

  it('shows the types of events as a tree', async () => {
    const { connection } = run({});
    await until(() => connection.state.kind === 'connected', 60_000);
    const { types, complete } = await connection.withSession(async (session) => eventTypes(session, await namespacesOf(session)));
    assert.ok(complete);
    const scans = types.find(({ name }) => name === 'OpticalScanEventType');
    assert.deepEqual(scans, { nodeId: `nsu=${AUTO_ID};i=1009`, name: 'OpticalScanEventType', path: ['AutoIdScanEventType', 'BaseEventType'], condition: false, abstract: true });
    assert.equal(types.find(({ name }) => name === 'OffNormalAlarmType')?.condition, true);
    assert.equal(coerceNodeId(types[0]?.nodeId).value, 2041);
  });
});

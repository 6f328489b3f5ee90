/** A Node-RED with the flow of one plc in node in a process of its own, to be killed: `node-process.ts <home> <flow as JSON>`. */
import { createRequire } from 'node:module';
import helper from 'node-red-node-test-helper';
import { setCurrentWaybill } from '../../../../src/engine/node-red/current.ts';
import { openEngine } from '../../../../src/engine/runtime.ts';
import registerCaseClose from '../../../../nodes/case-close/case-close.ts';
import registerOpcUaEndpoint from '../../../../nodes/opcua-endpoint/opcua-endpoint.ts';
import registerPlcIn from '../../../../nodes/plc-in/plc-in.ts';
import registerWaitForEvent from '../../../../nodes/wait-for-event/wait-for-event.ts';
import registerSite from '../../../../nodes/site/site.ts';

const [home = '', flow = '[]'] = process.argv.slice(2);
helper.init(createRequire(import.meta.url).resolve('node-red'));
await new Promise<void>((resolve) => { helper.startServer(() => resolve()); });
const engine = await openEngine({ settings: { home, site: 'dc-1', enterprise: 'acme', legalEntity: 'acme-gmbh', publicUrl: undefined, mqttUrl: undefined, erpUrl: undefined } });
setCurrentWaybill(engine);
let opened = 0;
engine.onRecorded(({ events }) => {
  for (const event of events) if (event.type === 'CaseOpened') process.stdout.write(`opened ${opened += 1}\n`);
});
await helper.load([registerSite, registerOpcUaEndpoint, registerPlcIn, registerWaitForEvent, registerCaseClose], JSON.parse(flow) as never);
await engine.flowsStarted('full');
process.stdout.write('started\n');

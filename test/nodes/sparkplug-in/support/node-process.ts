/** A Node-RED with one sparkplug in node in a process of its own, to be killed: `node-process.ts <home> <flow as JSON>`. */
import { createRequire } from 'node:module';
import helper from 'node-red-node-test-helper';
import { setCurrentWaybill } from '../../../../src/engine/node-red/current.ts';
import { openEngine } from '../../../../src/engine/runtime.ts';
import registerBroker from '../../../../nodes/broker/broker.ts';
import registerCaseClose from '../../../../nodes/case-close/case-close.ts';
import registerSite from '../../../../nodes/site/site.ts';
import registerSparkplugIn from '../../../../nodes/sparkplug-in/sparkplug-in.ts';

const [home = '', flow = '[]'] = process.argv.slice(2);
helper.init(createRequire(import.meta.url).resolve('node-red'));
await new Promise<void>((resolve) => { helper.startServer(() => resolve()); });
const engine = await openEngine({ settings: { home, site: 'dc-1', enterprise: 'acme', legalEntity: 'acme-gmbh', publicUrl: undefined, mqttUrl: undefined, erpUrl: undefined } });
setCurrentWaybill(engine);
await helper.load([registerSite, registerBroker, registerSparkplugIn, registerCaseClose], JSON.parse(flow) as never);
await engine.flowsStarted('full');
process.stdout.write('started\n');

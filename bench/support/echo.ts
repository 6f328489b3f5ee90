/**
 * The yardstick of bench/feedback.ts in a process of its own: a bare MQTT client that sends back what it gets, to the response
 * topic of each message (MQTT 5 §4.10), with QoS 0 as scanners are answered.
 *
 *   node bench/support/echo.ts <url of the broker> <topic filter>
 */
import mqtt from 'mqtt';

const [url = '', filter = ''] = process.argv.slice(2);
const client = await mqtt.connectAsync(url, { protocolVersion: 5 });
client.on('message', (_topic, payload, { properties }) => {
  const { responseTopic, correlationData } = properties ?? {};
  if (responseTopic !== undefined) client.publish(responseTopic, payload, correlationData === undefined ? {} : { properties: { correlationData } });
});
await client.subscribeAsync(filter, { qos: 1 });
console.log('echoing');

/** Queues of AMQP 0-9-1 and 1.0: messages to them and from them. */
export { readSource, versionOf } from './binding.ts';
export type { QueueSource } from './binding.ts';
export { QueueConsumer } from './consumer.ts';
export { queueDriver } from './driver.ts';
export type { Delivery } from './subscription.ts';

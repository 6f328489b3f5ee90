export { queueDriver } from './driver.ts';

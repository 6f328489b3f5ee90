export { jsonRpcDriver } from './driver.ts';

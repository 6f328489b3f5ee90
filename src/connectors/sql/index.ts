export { sqlDriver } from './driver.ts';

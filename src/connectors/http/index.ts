export type { Bounds, TransportClock } from './exchange.ts';
export { failureOf } from './failures.ts';
export { isThisMachine, readAddress, readBase } from './target.ts';
export type { Base } from './target.ts';
export { TlsStore } from './tls-files.ts';
export type { TlsFiles, TlsMaterial } from './tls-files.ts';
export { HttpTransport } from './transport.ts';
export type { TransportOptions } from './transport.ts';

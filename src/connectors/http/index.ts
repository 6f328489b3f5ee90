export type { Bounds, TransportClock } from './exchange.ts';
export { readBase } from './target.ts';
export type { Base } from './target.ts';
export type { TlsFiles } from './tls-files.ts';
export { HttpTransport } from './transport.ts';
export type { TransportOptions } from './transport.ts';

import { OpcUaIntakeError } from '../errors.ts';

export interface OpcUaAddress {
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** `host:port` in small letters: what trust is given for. */
  readonly address: string;
}

/** Port of OPC UA over TCP where an address names none (OPC UA Part 6, 7.2; IANA). */
const OPC_UA_PORT = 4_840;

/** Reads an address. @throws OpcUaIntakeError when it is none of OPC UA over TCP. */
export function addressOf(url: string): OpcUaAddress {
  const text = url.trim();
  const mend = 'write it as opc.tcp://host:4840, with the path behind it where the server has one.';
  if (text === '') throw new OpcUaIntakeError('url', `The endpoint has no address; ${mend}`);
  if (!/^opc\.tcp:\/\//i.test(text)) {
    const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1];
    throw new OpcUaIntakeError('url', `"${text}" is no OPC UA address${scheme === undefined ? '' : ` that can be used (${scheme})`}; ${mend}`);
  }
  const read = URL.canParse(text) ? new URL(text.replace(/^opc\.tcp/i, 'http')) : undefined;
  if (read === undefined || read.hostname === '') throw new OpcUaIntakeError('url', `"${text}" is no address; ${mend}`);
  if (read.username !== '' || read.password !== '') throw new OpcUaIntakeError('url', 'The address holds a user or a password; put them into the fields of the endpoint, where they are kept apart from the flows.');
  // for `http` the standard port is left out of what is read
  const port = read.port === '' ? (/:80(\/|$)/.test(text.slice('opc.tcp://'.length)) ? 80 : OPC_UA_PORT) : Number(read.port);
  const host = read.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  return { url: text, host, port, address: `${host.includes(':') ? `[${host}]` : host}:${port}` };
}

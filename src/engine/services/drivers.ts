import type { Protocol } from '../../domain/service/index.ts';
import type { HttpDriver, LineDriver } from '../../connectors/driver.ts';
import { ediDriver } from '../../connectors/edi/index.ts';
import { fileDriver } from '../../connectors/files/index.ts';
import { jsonRpcDriver } from '../../connectors/jsonrpc/index.ts';
import { odataDriver } from '../../connectors/odata/index.ts';
import { queueDriver } from '../../connectors/queue/index.ts';
import { restDriver } from '../../connectors/rest/driver.ts';
import { soapDriver } from '../../connectors/soap/index.ts';
import { sqlDriver } from '../../connectors/sql/index.ts';
import { xmlRpcDriver } from '../../connectors/xmlrpc/index.ts';

/** Who speaks which protocol: over HTTP or as files, or with connections of its own. */
export type Driver = HttpDriver | LineDriver;

const drivers: Readonly<Partial<Record<Protocol, Driver>>> = { 'edi': ediDriver, 'file': fileDriver, 'rest': restDriver, 'odata': odataDriver, 'json-rpc': jsonRpcDriver, 'xml-rpc': xmlRpcDriver, 'queue': queueDriver, 'soap': soapDriver, 'sql': sqlDriver };

export function driverOf(protocol: Protocol): Driver | undefined {
  return drivers[protocol];
}

export function isLineDriver(driver: Driver): driver is LineDriver {
  return 'schemes' in driver;
}

const lineSchemes = new Set(Object.values(drivers).filter(isLineDriver).flatMap(({ schemes }) => schemes));

/** Whether a system at an address that begins so is reached by connections of a driver's own. */
export function isLineScheme(scheme: string): boolean {
  return lineSchemes.has(scheme);
}

/** Why a driver cannot speak at an address that begins so; undefined when it can. */
export function misfit(driver: Driver, scheme: string): string | undefined {
  if (isLineDriver(driver)) return driver.schemes.includes(scheme) ? undefined : `${driver.schemes.join(':// or ')}://`;
  return isLineScheme(scheme) ? 'https://' : undefined;
}

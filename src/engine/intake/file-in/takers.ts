import { ediDriver } from '../../../connectors/edi/index.ts';
import { fileDriver } from '../../../connectors/files/index.ts';
import { driverOf } from '../../services/drivers.ts';
import { ediTaker } from './edi-taker.ts';
import { recordTaker } from './record-taker.ts';
import type { FileTaker, Taking } from './taking.ts';

/** Who takes files of a service's protocol in; or one sentence that says what to mend. */
export function takerOf(taking: Taking): FileTaker | string {
  const { service, operation, reference } = taking;
  const problem = driverOf(service.protocol)?.problems({ ...service, operations: { [reference]: operation } })[0];
  if (problem !== undefined) return `${reference} cannot be used: ${problem.message} Its owner has to mend it.`;
  const driver = driverOf(service.protocol);
  if (driver === ediDriver) return ediTaker(taking);
  return driver === fileDriver ? recordTaker(taking) : `${reference} speaks ${service.protocol}, whose documents come in no files; choose a service of EDI or of files.`;
}

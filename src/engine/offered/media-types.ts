import { readForm } from '../../connectors/files/index.ts';
import { DOCUMENT_PROTOCOLS } from '../../domain/service/index.ts';
import type { ServiceDefinition, ServiceOperation } from '../../domain/service/index.ts';
import { problemReply } from './reply.ts';
import type { ServiceReply } from './reply.ts';

/** X12 and EDIFACT: RFC 1767; IDocs come as XML (RFC 7303). */
const TYPES = { 'x12': ['application/edi-x12'], 'edifact': ['application/edifact'], 'csv': ['text/csv'], 'fixed-width': ['text/plain'], 'json': ['application/json'], 'idoc': ['application/xml', 'text/xml'] } as const;

/** Whether requests bring documents as they are, and no JSON of a contract. */
export const takesDocuments = ({ protocol }: Pick<ServiceDefinition, 'protocol'>): boolean => DOCUMENT_PROTOCOLS.includes(protocol);

/** As what documents of an operation are announced, the usual one first. */
export function mediaTypes({ protocol }: Pick<ServiceDefinition, 'protocol'>, { binding }: Pick<ServiceOperation, 'binding'>): readonly string[] {
  return TYPES[protocol === 'edi' ? (binding['standard'] === 'edifact' ? 'edifact' : 'x12') : readForm(binding, false).form.format];
}

/** Refuses what is announced as something else. */
export function mediaMisfit(service: Pick<ServiceDefinition, 'protocol'>, operation: ServiceOperation, type: string): ServiceReply | undefined {
  const types = mediaTypes(service, operation);
  if (types.includes(type.split(';')[0]!.trim().toLowerCase())) return undefined;
  return problemReply(415, 'media-type', 'The body is not announced as what is taken here.', `Send the document as it is, with "Content-Type: ${types[0]!}".`, { headers: { Accept: types.join(', ') } });
}

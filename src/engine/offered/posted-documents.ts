import { hash } from 'node:crypto';
import type { ServiceDefinition, ServiceOperation } from '../../domain/service/index.ts';
import type { StepHandle, Waybill } from '../api.ts';
import type { DocumentOpening } from '../intake/documents.ts';
import { takerOf } from '../intake/file-in/takers.ts';
import type { Taking, WrongPlace } from '../intake/file-in/taking.ts';
import { ConfigError } from '../patterns/typed.ts';

/** A body that brings documents, from a caller that is known. */
export interface Posted {
  readonly service: ServiceDefinition; readonly operation: ServiceOperation; readonly name: string;
  /** `family/name@1.2.0 operation`. */
  readonly reference: string;
  readonly caller: string;
  readonly by: string;
  readonly bytes: Buffer;
}

/** Why a document, or the whole body, was not taken. */
export interface NotTaken { readonly code: string; readonly message: string; readonly places: readonly WrongPlace[] }

export interface PostedResult {
  /** Of the documents that were taken, now or by the same body before. */
  readonly cases: readonly string[];
  /** Acknowledgements of the partner that were told to who waits for them. */
  readonly reported: number;
  readonly refused: readonly NotTaken[];
  /** Of an interchange: 997, 999 or CONTRL. */
  readonly acknowledgement?: Buffer;
  /** Everything was there before. */
  readonly repeated: boolean;
}

/**
 * Takes the documents of a body in as those of a file. Its claim is made of its content and its caller, so that the same body
 * after a lost answer or a crash goes on with what it began: the same cases, the same acknowledgement to the byte.
 */
export async function takePosted({ waybill, step, site, opening }: { readonly waybill: Pick<Waybill, 'nodes' | 'reportEvent'>; readonly step: StepHandle; readonly site: string; readonly opening: DocumentOpening }, { service, operation, name, reference, caller, by, bytes }: Posted): Promise<PostedResult> {
  const { nodes } = waybill;
  const cases = new Set<string>();
  const refused: NotTaken[] = [];
  const acknowledgements: Buffer[] = [];
  let [anew, reported] = [false, 0];
  const taking: Taking = {
    nodes: {
      numbers: nodes.numbers, quarantine: (input) => nodes.quarantine(input),
      openCase: async (input) => {
        const result = await nodes.openCase(input);
        cases.add(result.caseId);
        anew ||= result.kind !== 'duplicate';
        return result;
      },
    },
    reportEvent: (event) => waybill.reportEvent(event), step, site, system: caller, folder: '', service, operation, reference, opening, beside: { caller: { name: caller, by } },
    acknowledge: (_path, made) => {
      acknowledgements.push(made);
      return Promise.resolve();
    },
    refused: (code, message, places) => { refused.push({ code, message, places }); },
    tell: (kind) => { if (kind === 'reported') reported += 1; },
  };
  const take = takerOf(taking);
  if (typeof take === 'string') throw new ConfigError(take);
  // What stands behind the last segment of an interchange is layout.
  const known = service.protocol === 'edi' ? bytes.toString('latin1').trimEnd() : bytes.toString('latin1');
  await take({ name, claim: `http-${hash('sha256', [service.id, caller, known].join('\u0000'))}`, bytes });
  return { cases: [...cases], reported, refused, repeated: cases.size > 0 && !anew, ...(acknowledgements.length === 0 ? {} : { acknowledgement: Buffer.concat(acknowledgements) }) };
}

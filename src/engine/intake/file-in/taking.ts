import { hash } from 'node:crypto';
import type { Json, JsonObject } from '../../../domain/json.ts';
import type { ServiceDefinition, ServiceOperation } from '../../../domain/service/index.ts';
import type { TakenFile, TakenResult } from '../../../intake/files/index.ts';
import type { NodePort, OpenCaseResult, StepHandle, Waybill } from '../../api.ts';
import type { ContractFault } from '../../services/contracts.ts';
import { keysOf } from '../documents.ts';
import type { DocumentOpening } from '../documents.ts';

/** One place that is wrong: `detail` says what, and the rest where, by a JSON Pointer or by segment, line and byte. */
export interface WrongPlace extends JsonObject { readonly detail: string }

/** What takes documents in: the node, the service behind it, and the engine. */
export interface Taking {
  readonly nodes: Pick<NodePort, 'numbers' | 'openCase' | 'quarantine'>;
  readonly reportEvent: Waybill['reportEvent'];
  readonly step: StepHandle;
  readonly site: string;
  readonly system: string;
  /** Folder that files come from. */
  readonly folder: string;
  /** Brings the acknowledgement of an interchange to its partner; the same to the byte when it is brought again. `path`: below the system, in parts. */
  readonly acknowledge: (path: { readonly folder: string; readonly name: string }, bytes: Buffer, about: string) => Promise<void>;
  /** Who is told of what cannot be taken; absent: it goes to quarantine. */
  readonly refused?: (code: string, message: string, places: readonly WrongPlace[]) => void;
  /** It is taken again out of quarantine. `part`: the message of an interchange that it is about, blank: all; `acknowledge`: its sender has heard nothing of it yet. */
  readonly again?: { readonly part: string; readonly acknowledge: boolean };
  /** Beside file and document in the case. */
  readonly beside?: JsonObject;
  readonly service: ServiceDefinition;
  readonly operation: ServiceOperation;
  /** `family/name@1.2.0 operation`. */
  readonly reference: string;
  readonly opening: DocumentOpening;
  readonly tell: (outcome: 'opened' | 'duplicate' | 'repeat' | 'reported' | 'quarantined') => void;
}

/** Works on one file; safe to call again for the same claim. */
export type FileTaker = (file: TakenFile) => Promise<TakenResult>;

/** One document of a file. */
export interface FileDocument {
  /** The same whenever the same document of the same take of a file is looked at. */
  readonly id: string;
  readonly title: string;
  readonly document: Json;
  /** Beside the document in the facts: where it came from. */
  readonly facts: JsonObject;
  readonly sender: string;
}

export const contractPlaces = (faults: readonly ContractFault[]): readonly WrongPlace[] => faults.map(({ at, message }) => ({ pointer: `#${at.split('/').map(encodeURIComponent).join('/')}`, detail: message }));

export async function openDocument({ nodes, step, site, opening, tell, beside = {} }: Taking, file: TakenFile, { id, title, document, facts, sender }: FileDocument): Promise<OpenCaseResult> {
  const result = await nodes.openCase({
    step, site, process: opening.process, template: opening.template, title: title.slice(0, 200), transportId: id, device: sender.slice(0, 128),
    ...keysOf(opening, document),
    document: { file: { name: file.name, ...facts }, document, ...beside },
    message: { payload: document, topic: file.name },
    scan: { kind: 'file', code: title.slice(0, 200), topic: file.name, fields: { ...facts } },
  });
  tell(result.kind);
  return result;
}

/** What is put aside of a file. `part`: which of its documents it is about; `answered`: its sender was told that it is refused. */
export interface Aside { readonly sender?: string; readonly places?: readonly WrongPlace[]; readonly part?: string; readonly answered?: boolean }

/** Puts a file, or what is wrong with a part of it, before people, or before whoever sent it and waits: once for each take of the file. Gives the sentence. */
export async function putAside({ nodes, site, step, system, folder, service, tell, refused }: Taking, file: Pick<TakenFile, 'name' | 'claim'> & { readonly bytes: Uint8Array; readonly seen?: string }, code: string, message: string, { sender, places = [], part = '', answered = false }: Aside = {}): Promise<string> {
  if (refused !== undefined) {
    refused(code, message, places.length > 0 ? places : [{ detail: message }]);
    return message;
  }
  const { repeated } = await nodes.quarantine({
    site, reason: code, message: message.startsWith(file.name) ? message : `${file.name}: ${message}`, bytes: file.bytes, topic: file.name, address: step.address, ...(sender === undefined ? {} : { device: sender.slice(0, 128) }),
    origin: { kind: 'file', system, place: folder, service: `${service.id}@${service.version}`, name: file.name, claim: file.claim, encoding: '', part, answered },
    known: { as: ['file', service.id, folder, file.claim, part, file.seen === undefined ? hash('sha256', file.bytes) : `${code} ${file.name} ${file.seen}`], sameDelivery: true },
  });
  tell(repeated ? 'duplicate' : 'quarantined');
  return message;
}

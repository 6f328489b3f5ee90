import type { NodeAPI, Node } from 'node-red';
import { isSafeName, readFolders, sendAsFile } from '../../connectors/file-transfer/index.ts';
import type { FileStore } from '../../connectors/file-transfer/index.ts';
import { FolderIntake } from '../../intake/files/index.ts';
import { systemOf } from '../services/system-node.ts';
import type { SystemLink } from '../services/system-link.ts';
import type { DocumentReader } from '../api.ts';
import type { DocumentOpening } from './documents.ts';
import { putAside } from './file-in/taking.ts';
import type { Taking } from './file-in/taking.ts';
import { takerOf } from './file-in/takers.ts';
import { intakeStep, registerIntakeNode, watchIntake } from './intake-node.ts';
import type { Surroundings } from './intake-node.ts';
import { readingOperation } from './reading-operation.ts';
import { ShownConnection } from './shown-connection.ts';
import { connectedWith, IntakeStatus } from './intake-status.ts';
import { logOf } from './node-log.ts';

export interface FileInNodeConfig extends DocumentOpening {
  readonly stepId: string;
  readonly site: string;
  readonly systemNode: string;
  /** `family/name@1.2.3`. */
  readonly service: string;
  readonly operation: string;
  readonly everySeconds: number;
}

/** Registers the file in node: documents that partners bring as files become cases. */
export function registerFileInNode(RED: NodeAPI, type: string, migrate: (config: Readonly<Record<string, unknown>>) => FileInNodeConfig): void {
  registerIntakeNode(RED, type, migrate, (node, config, surroundings) => {
    const system = systemOf(RED, config.systemNode);
    if ('problem' in system) return 'The system of this node is missing or disabled; choose another one, and deploy.';
    return attach(node, config, surroundings, system);
  });
}

function attach(node: Node, config: FileInNodeConfig, surroundings: Surroundings, link: SystemLink): ((removed: boolean) => Promise<void>) | string {
  const { waybill, site } = surroundings;
  const { files } = link;
  if (files === undefined) return `${link.settings.name} is a system over HTTP; files come from one whose address begins with file:/// or sftp://.`;
  const operation = readingOperation(surroundings, config, link);
  if (typeof operation === 'string') return operation;
  const status = new IntakeStatus((shown) => { node.status(shown); }, connectedWith('document', 'documents'));
  const connection = new ShownConnection();
  const log = logOf(node);
  const step = intakeStep(node, config, surroundings);
  const taking: Taking = {
    nodes: waybill.nodes, reportEvent: (event) => waybill.reportEvent(event), step, site: site.id, acknowledge: acknowledgeIn(files), ...operation, opening: config,
    folder: readFolders(operation.operation.binding).folders.folder,
    tell: (kind) => {
      status.taken(kind);
      waybill.nodes.count(`files_${kind}`);
    },
  };
  const take = takerOf(taking);
  if (typeof take === 'string') {
    step.close();
    return take;
  }
  const { folders } = readFolders(operation.operation.binding);
  const intake = new FolderIntake({
    files, places: folders, everyMs: config.everySeconds * 1_000, now: () => Date.now(), take, isSafeName, log,
    accepting: () => waybill.state === 'ready' && waybill.nodes.accepting() && typeof readingOperation(surroundings, config, link) !== 'string',
    refuse: async (file, { code, message }) => { await putAside(taking, { ...file, bytes: new Uint8Array() }, code, message); },
    onState: (problem) => {
      link.note(problem?.message);
      connection.set(problem === undefined ? { kind: 'connected' } : { kind: 'disconnected', reason: problem.message });
    },
  });
  const closers = [waybill.nodes.addDocumentReader(readerOf(taking)), ...watchIntake(waybill, connection, 'files stay where they are', status)];
  intake.start();
  Object.assign(node, { files: intake });
  return async () => {
    for (const close of closers) close();
    await intake.close();
    step.close();
    status.close();
  };
}

/** Takes again what it put aside, as a whole or not at all. */
function readerOf(taking: Taking): DocumentReader {
  const { site, system, folder, step } = taking;
  return {
    site, kind: 'file', system, place: folder, address: step.address,
    take: async (bytes, { name, claim, part, answered }, { numbers, openCase, reportEvent, dry }) => {
      const wrong: { readonly code: string; readonly message: string }[] = [];
      const take = takerOf({
        ...taking, reportEvent, nodes: { numbers, openCase, quarantine: taking.nodes.quarantine }, again: { part, acknowledge: !dry && !answered },
        refused: (code, message) => { wrong.push({ code, message }); }, tell: () => undefined,
      });
      if (typeof take === 'string') return { code: 'file-service', message: take };
      await take({ name, claim, bytes });
      return wrong[0];
    },
  };
}

/** A file beside those of the partner. */
function acknowledgeIn(files: FileStore): Taking['acknowledge'] {
  return async ({ folder, name }, body, about) => {
    const path = `${folder}/${name}`.split('/').map(encodeURIComponent).join('/');
    const result = await sendAsFile(files, { method: 'PUT', path, headers: {}, body, safe: false });
    if (result.kind === 'failure') throw new Error(`The acknowledgement of ${about} is not written yet: ${result.message}`);
    if (result.status === 409) throw new Error(`The acknowledgement of ${about} is not written: ${folder}/${name} is there already with other content; move it away.`);
  };
}

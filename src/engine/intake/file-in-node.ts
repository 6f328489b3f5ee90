import type { NodeAPI, Node } from 'node-red';
import { isSafeName, readFolders } from '../../connectors/file-transfer/index.ts';
import { FolderIntake } from '../../intake/files/index.ts';
import { systemOf } from '../services/system-node.ts';
import type { SystemLink } from '../services/system-link.ts';
import { putAside } from './file-in/taking.ts';
import type { FileOpening, Taking } from './file-in/taking.ts';
import { takerOf } from './file-in/takers.ts';
import { intakeStep, registerIntakeNode, watchIntake } from './intake-node.ts';
import type { Surroundings } from './intake-node.ts';
import { connectedWith, IntakeStatus } from './intake-status.ts';
import type { ConnectionState } from './intake-status.ts';
import { logOf } from './node-log.ts';

export interface FileInNodeConfig extends FileOpening {
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
  const operation = operationOf(surroundings, config, link);
  if (typeof operation === 'string') return operation;
  const status = new IntakeStatus((shown) => { node.status(shown); }, connectedWith('document', 'documents'));
  const connection = new Connection();
  const log = logOf(node);
  const step = intakeStep(node, config, surroundings);
  const taking: Taking = {
    nodes: waybill.nodes, reportEvent: (event) => waybill.reportEvent(event), step, site: site.id, files, ...operation, opening: config,
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
    accepting: () => waybill.state === 'ready' && waybill.nodes.accepting() && typeof operationOf(surroundings, config, link) !== 'string',
    refuse: async (file, { code, message }) => { await putAside(taking, { name: file.name, bytes: new Uint8Array() }, code, message); },
    onState: (problem) => {
      link.note(problem?.message);
      connection.set(problem === undefined ? { kind: 'connected' } : { kind: 'disconnected', reason: problem.message });
    },
  });
  const closers = watchIntake(waybill, connection, 'files stay where they are', status);
  intake.start();
  Object.assign(node, { files: intake });
  return async () => {
    for (const close of closers) close();
    await intake.close();
    step.close();
    status.close();
  };
}

/** What is known of service and operation now, or one sentence that says what to mend. */
function operationOf({ waybill }: Surroundings, { service: reference, operation: name }: FileInNodeConfig, link: SystemLink): Pick<Taking, 'service' | 'operation' | 'reference' | 'system'> | string {
  if (reference === '' || name === '') return 'This node has no service or no operation; choose both, and deploy.';
  const known = waybill.services.service(reference);
  if (known === undefined) return `The service ${reference} is not in the site's catalogue; choose one that is.`;
  const { definition: service, status } = known;
  if (status === 'retired') return `The service ${reference} is retired; choose another version.`;
  if (service.system !== link.settings.kind) return `The service ${reference} is one of a system of the kind "${service.system}", and ${link.settings.name} is of the kind "${link.settings.kind}"; choose a system that fits.`;
  const operation = Object.hasOwn(service.operations, name) ? service.operations[name] : undefined;
  if (operation === undefined) return `The service ${reference} has no operation "${name}"; choose one of ${Object.keys(service.operations).slice(0, 8).join(', ')}.`;
  if (operation.effect !== 'reads') return `"${name}" of ${reference} sends; choose an operation that reads.`;
  return { service, operation, reference: `${reference} ${name}`, system: link.settings.name };
}

/** Where the folder stands, for whoever shows it. */
class Connection {
  readonly #listeners = new Set<() => void>();
  #state: ConnectionState = { kind: 'connecting' };

  state(): ConnectionState {
    return this.#state;
  }

  onState(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => { this.#listeners.delete(listener); };
  }

  set(state: ConnectionState): void {
    if (state.kind === this.#state.kind && state.reason === this.#state.reason) return;
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}

import type { NodeAPI, Node, NodeDef } from 'node-red';
import type { DirectoryConfig } from '../directory/directories.ts';
import { currentWaybill } from './current.ts';

/** Registers the directory config node. It only holds its configuration; the engine answers who may. */
export function registerDirectoryNode(RED: NodeAPI, type: string, migrate: (config: Readonly<Record<string, unknown>>) => DirectoryConfig): void {
  RED.nodes.registerType(type, function (this: Node, raw: NodeDef) {
    RED.nodes.createNode(this, raw);
    try {
      const placed = currentWaybill()?.directories.set(this.id, migrate({ ...raw }));
      placed?.problem.then((problem) => {
        if (problem !== undefined) this.error(problem);
      }, (error: unknown) => this.error(`The directory cannot be read: ${String(error)}`));
      this.on('close', (done: () => void) => {
        placed?.forget();
        done();
      });
    } catch (error) {
      this.error(error instanceof Error ? error.message : String(error)); // a configuration of a newer Waybill
    }
  });
}

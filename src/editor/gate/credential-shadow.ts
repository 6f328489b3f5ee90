import type { NodeRedRuntime } from './node-red-storage.ts';

type Nodes = NonNullable<NodeRedRuntime['nodes']>;

/**
 * Node-RED takes the credentials of a deploy into its memory before the storage module sees the flows. This remembers,
 * by node id, what was there after the last admitted deploy, so that a refusal can put it back.
 */
export class CredentialShadow {
  readonly #nodes: Nodes;
  #kept = new Map<string, object>();
  #ids = new Set<string>();
  /** Ours: what nodes store at run time stays out of it. */
  #restoring = false;

  constructor(nodes: Nodes) {
    this.#nodes = nodes;
    // Nodes that store tokens at run time go on using their own copy of this function.
    const add = nodes.addCredentials;
    (nodes as { addCredentials: Nodes['addCredentials'] }).addCredentials = async (id, credentials) => {
      if (!this.#restoring) {
        this.#ids.add(id);
        this.#kept.set(id, structuredClone(credentials));
      }
      return add(id, credentials);
    };
  }

  /** Node-RED keeps them in a plain object: an id such as `constructor` finds what every object has. */
  #credentials(id: string): object | undefined {
    return id in Object.prototype ? undefined : this.#nodes.getCredentials(id);
  }

  /** Credentials of these flows as they are now. */
  take(flows: unknown): void {
    this.#ids = idsOf(flows);
    this.#kept = new Map();
    for (const id of this.#ids) {
      const credentials = this.#credentials(id);
      if (credentials !== undefined) this.#kept.set(id, structuredClone(credentials));
    }
  }

  /** Puts back what was there, and marks it as to be saved, so that the same deploy, tried again, writes again. */
  async restore(refused: unknown): Promise<void> {
    this.#restoring = true;
    try {
      for (const id of new Set([...this.#ids, ...idsOf(refused)])) {
        const kept = this.#kept.get(id);
        if (kept !== undefined) await this.#nodes.addCredentials(id, structuredClone(kept));
        else if (this.#credentials(id) !== undefined) this.#nodes.deleteCredentials(id);
      }
    } finally {
      this.#restoring = false;
    }
  }
}

function idsOf(flows: unknown): Set<string> {
  const nodes = Array.isArray(flows) ? flows as readonly ({ readonly id?: unknown } | null)[] : [];
  return new Set(nodes.flatMap((node) => (typeof node?.id === 'string' ? [node.id] : [])));
}

/** The part of node-red-node-test-helper that our tests use; the package has no types. */
declare module 'node-red-node-test-helper' {
  import type { NodeAPI } from 'node-red';

  /** What a node showed with `status()`. */
  export interface Shown { readonly fill?: string; readonly shape?: string; readonly text?: string }

  /** A running node; its methods are sinon spies on the prototype of all nodes. */
  export interface HelperNode {
    readonly id: string;
    readonly status: { getCalls(): readonly { readonly args: readonly [Shown]; readonly thisValue: { readonly id: string } }[] };
  readonly error: { getCalls(): readonly { readonly args: readonly unknown[]; readonly thisValue: { readonly id: string } }[] };
    on(event: string, listener: (...args: never[]) => void): void;
    receive(message: object): void;
  }

  interface Helper {
    /** @param runtimePath where Node-RED's main file is */
    init(runtimePath: string, userSettings?: object): void;
    startServer(done: (error?: Error) => void): void;
    stopServer(done: (error?: Error) => void): void;
    load(nodes: readonly ((RED: NodeAPI) => void)[], flow: readonly object[], credentials?: object): Promise<void>;
    unload(): Promise<void>;
    getNode(id: string): HelperNode | null;
  }

  const helper: Helper;
  // eslint-disable-next-line no-restricted-syntax -- the package's own form
  export default helper;
}

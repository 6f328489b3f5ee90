import type editorClient from '@node-red/editor-client';

import type { NodeDefinition, PlacedNode } from './browser/node-definition.ts';

/** The parts of the editor's API whose published types lag behind Node-RED 4.1 and 5.0. */
interface WaybillNodes extends Omit<editorClient.Nodes, 'registerType' | 'eachNode' | 'eachConfig' | 'node' | 'group' | 'subflow' | 'workspace'> {
  registerType<TProps extends object>(type: string, definition: NodeDefinition<TProps>): void;
  eachNode(visit: (node: PlacedNode) => boolean | undefined): void;
  eachConfig(visit: (node: PlacedNode) => boolean | undefined): void;
  node(id: string): PlacedNode | null;
  subflow(id: string): { readonly id: string } | undefined;
  group(id: string): PlacedNode | undefined;
  workspace(id: string): { readonly id: string; readonly disabled?: boolean; readonly env?: unknown } | undefined;
}

interface WaybillEditor extends editorClient.Editor {
  /** The nodes whose dialogs are open, the innermost last. Node-RED 4.0 and later. */
  getEditStack?: () => readonly { readonly id: string }[];
}

interface WaybillUtils extends Omit<editorClient.Utils, 'getNodeLabel'> {
  getNodeLabel(node: PlacedNode, fallback: string): string;
  /** `true`, or what is wrong with a value of a typed input. Node-RED 3.1 and later. */
  validateTypedProperty(value: string, type: string, options: object): true | string;
}

declare global {
  /** The Node-RED editor's API, global in the browser only. */
  const RED: Omit<editorClient.RED, 'nodes' | 'editor' | 'utils'> & {
    readonly nodes: WaybillNodes;
    readonly editor: WaybillEditor;
    readonly utils: WaybillUtils;
  };
}

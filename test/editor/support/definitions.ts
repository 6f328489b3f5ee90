import path from 'node:path';
import vm from 'node:vm';

import { bundleEditorScript } from '../../../scripts/lib/bundle.ts';
import { catalogue, nodesWithForm, ROOT } from './sources.ts';

/** What an editor script hands to `RED.nodes.registerType`, as far as tests look at it. */
export interface Definition {
  readonly category: string;
  readonly color: string;
  readonly icon: string;
  readonly inputs?: number;
  readonly outputs?: number;
  readonly defaults: Readonly<Record<string, { readonly value: unknown; readonly type?: string; readonly required?: boolean; readonly validate?: (this: object, value: unknown, options: object) => true | string }>>;
  readonly credentials?: Readonly<Record<string, { readonly type: string }>>;
  readonly paletteLabel: () => string;
  readonly label: (this: object) => string;
  readonly outputLabels?: (index: number) => string;
  readonly inputLabels?: () => string;
  readonly onadd?: (this: object) => void;
}

/** One node in the pretended workspace. */
export type Placed = { id: string; type: string; z: string } & Record<string, unknown>;

/** An editor without a page: the built scripts of all nodes ran in it, with real texts and a workspace that tests fill. */
export interface ScriptedEditor {
  readonly definitions: ReadonlyMap<string, Definition>;
  /** Nodes of the workspace. */
  readonly nodes: Placed[];
  readonly subflows: Set<string>;
  readonly tabs: Map<string, { disabled?: boolean; env?: { name: string; value: string }[] }>;
}

/** Builds and runs `nodes/<node>/editor.ts` of every node. */
export async function scriptedEditor(language = 'en-US'): Promise<ScriptedEditor> {
  const editor = { definitions: new Map<string, Definition>(), nodes: [] as Placed[], subflows: new Set<string>(), tabs: new Map() };
  const context = vm.createContext({ RED: redFor(editor, language), structuredClone });
  const names = nodesWithForm();
  const scripts = await Promise.all(names.map((name) => bundleEditorScript(path.join(ROOT, 'nodes', name, 'editor.ts'))));
  scripts.forEach((script, index) => {
    vm.runInContext(script, context, { filename: `nodes/${names[index] ?? ''}/editor.js` });
  });
  return editor;
}

function redFor(editor: ScriptedEditor & { definitions: Map<string, Definition> }, language: string): object {
  return {
    _: (key: string, values: Record<string, string | number> = {}) => {
      const [set = '', name = ''] = key.split(':');
      const text = catalogue(set.replace('@waybill/node-red/', ''), language)?.get(name);
      return text === undefined ? key : text.replace(/__(\w+)__/g, (_match, placeholder: string) => String(values[placeholder]));
    },
    nodes: {
      registerType: (type: string, definition: Definition) => editor.definitions.set(type, definition),
      eachNode: (visit: (node: Placed) => void) => {
        editor.nodes.forEach(visit);
      },
      subflow: (id: string) => (editor.subflows.has(id) ? { id } : undefined),
      workspace: (id: string) => editor.tabs.get(id),
      group: () => undefined,
    },
    editor: { getEditStack: () => [] },
    utils: {
      getNodeLabel: (node: Placed, fallback: string) => String(node['name'] ?? fallback),
      // The editor's own function is tried in test/editor/browser.test.ts.
      validateTypedProperty: () => true,
    },
  };
}

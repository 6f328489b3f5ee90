/**
 * What `RED.nodes.registerType` takes, as Node-RED 4.1 and 5.0 read it. The published types know
 * validators of one argument only; the editor has passed a second one and shown the text that a
 * validator returns since 3.0 (editor-client, ui/editor.js, validateNodeProperty).
 */
export interface NodeDefinition<TProps extends object> {
  readonly category: string;
  readonly color: string;
  readonly icon: string;
  readonly defaults: { readonly [K in keyof TProps]: PropertyDefinition<TProps[K]> };
  readonly credentials?: Readonly<Record<string, { readonly type: 'text' | 'password' }>>;
  readonly inputs?: 0 | 1;
  readonly outputs?: number;
  readonly align?: 'left' | 'right';
  readonly paletteLabel?: string | (() => string);
  readonly label?: (this: PlacedNode & TProps) => string;
  readonly labelStyle?: (this: PlacedNode & TProps) => string;
  readonly inputLabels?: string | ((this: PlacedNode & TProps) => string);
  readonly outputLabels?: (this: PlacedNode & TProps, index: number) => string;
  readonly oneditprepare?: (this: PlacedNode & TProps) => void;
  readonly oneditsave?: (this: PlacedNode & TProps) => void;
  readonly oneditcancel?: (this: PlacedNode & TProps) => void;
  readonly oneditresize?: (this: PlacedNode & TProps, size: { readonly width: number; readonly height: number }) => void;
  readonly onadd?: (this: PlacedNode & TProps) => void;
}

/** One entry of `defaults`. `type` names the config node that the property points to. */
export interface PropertyDefinition<T> {
  readonly value: T;
  readonly type?: string;
  readonly required?: boolean;
  readonly label?: string;
  readonly validate?: Validator;
}

/**
 * Says whether a value is good: `true`, or a sentence that names the field. The value is a string
 * while the dialog is open, whatever the property's own type, and `undefined` when a flow was saved
 * before the property existed.
 */
export type Validator = (this: PlacedNode, value: unknown, options: object | undefined) => true | string;

/** A node in the workspace, as the editor hands it to callbacks. */
export interface PlacedNode {
  readonly id: string;
  readonly type: string;
  /** The tab or the subflow definition that the node stands in. */
  readonly z?: string;
  /** Disabled by its user. */
  readonly d?: boolean;
  name?: string;
  [property: string]: unknown;
}

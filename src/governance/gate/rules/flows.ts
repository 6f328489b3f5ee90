/** A node, config node, tab, subflow or group as Node-RED stores it. */
export interface FlowNode {
  readonly id: string;
  readonly type: string;
  /** Tab or subflow that it stands on; config nodes may have none. */
  readonly z?: string;
  readonly name?: string;
  readonly label?: string;
  readonly disabled?: boolean;
  readonly d?: boolean;
  readonly wires?: readonly (readonly string[])[];
  readonly [property: string]: unknown;
}

/** The flows of an instance with what rules ask of them, made once for all rules. */
export interface Flows {
  readonly nodes: readonly FlowNode[];
  readonly byId: ReadonlyMap<string, FlowNode>;
  readonly tabs: readonly FlowNode[];
  readonly subflows: readonly FlowNode[];
  /** Nodes that stand on a tab or in a subflow. */
  on(containerId: string): readonly FlowNode[];
  /** Nodes of a type, config nodes included. */
  ofType(type: string): readonly FlowNode[];
  /** Nodes with a wire, or a link, into this one. */
  into(id: string): readonly FlowNode[];
  /** Nodes to which an output's wires and links lead; all outputs when none is named. */
  outOf(id: string, output?: number): readonly FlowNode[];
}

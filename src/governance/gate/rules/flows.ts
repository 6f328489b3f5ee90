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

/** What of the input is not what Node-RED stores. */
export interface MalformedPart {
  readonly node?: FlowNode;
  readonly property?: string;
  readonly message: string;
  readonly mend: string;
}

/** The flows of an instance with what rules ask of them, made once for all rules. What is disabled counts like the rest. */
export interface Flows {
  /** Whatever has an id and a type, in the order of the file. */
  readonly nodes: readonly FlowNode[];
  readonly byId: ReadonlyMap<string, FlowNode>;
  readonly tabs: readonly FlowNode[];
  readonly subflows: readonly FlowNode[];
  readonly malformed: readonly MalformedPart[];
  /** Nodes that stand on a tab or in a subflow. */
  on(containerId: string): readonly FlowNode[];
  /** Nodes of a type, config nodes included. */
  ofType(type: string): readonly FlowNode[];
  /** Instances of a subflow, wherever they stand. */
  instancesOf(subflowId: string): readonly FlowNode[];
  /** Nodes that name a config node in one of their properties. */
  usersOf(configId: string): readonly FlowNode[];
  /** Nodes with a wire, or a link, into this one. */
  into(id: string): readonly FlowNode[];
  /** Nodes to which an output's wires and links lead; all outputs when none is named. */
  outOf(id: string, output?: number): readonly FlowNode[];
  /** Waybill's own steps: nodes that work on a case. */
  readonly governed: readonly FlowNode[];
  /**
   * Whether a node (tab, subflow, config node) has to do with a case: a governed step stands beside it, in a subflow
   * that is used beside it, or in one that uses where it stands, or a link leads from there to here; or it is used by such a node.
   */
  isGoverned(node: FlowNode): boolean;
}

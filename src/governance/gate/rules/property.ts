import { textsWithValues } from './env-values.ts';
import type { FlowNode, Flows } from './flows.ts';

/** A property as text; '' when it is something else. */
export function textOf(node: FlowNode, property: string): string {
  const value = node[property];
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}

/** Whether a text is a variable as a whole: Node-RED puts its value in the place of any property, code and settings alike. */
export const isVariable = (text: unknown): text is string => typeof text === 'string' && /^\$(?:\{\S+\}|\(\S+\))$/.test(text);

/** A property as the texts that it can be when the flow runs; [] when it is blank or nobody knows. */
export function textsOf(flows: Flows, node: FlowNode, property: string): readonly string[] {
  const text = textOf(node, property);
  return text === '' ? [] : textsWithValues(flows, node, text) ?? [];
}

import type { PlacedStep } from '../api.ts';
import type { RegisteredStep } from '../step-registry.ts';

/** A flow of the runtime as nodes carry it; inside a subflow it names the instance, whose own flow is `parent` (@node-red/runtime lib/flows/Subflow.js). */
interface RuntimeFlow { readonly subflowInstance?: { readonly id: string; readonly _alias?: string }; readonly subflowDef?: { readonly id: string }; readonly parent?: RuntimeFlow }

/**
 * Where a registered step is found in the editor.
 * @param formerly addresses that it took over
 */
export function placeOf(step: RegisteredStep, formerly: readonly string[]): PlacedStep {
  const { node } = step;
  const editorIds = [node.id, ...(node._alias === undefined ? [] : [node._alias])];
  for (let flow = (node as { readonly _flow?: RuntimeFlow })._flow; flow?.subflowInstance !== undefined; flow = flow.parent) {
    editorIds.push(flow.subflowInstance.id);
    if (flow.subflowInstance._alias !== undefined) editorIds.push(flow.subflowInstance._alias);
  }
  return { address: step.key, nodeId: node.id, nodeType: node.type, editorIds: [...new Set(editorIds)], ...(formerly.length === 0 ? {} : { formerly }) };
}

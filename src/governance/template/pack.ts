import { isDeepStrictEqual } from 'node:util';
import stringify from 'safe-stable-stringify';
import type { Json } from '../../domain/json.ts';
import type { FlowNode } from '../gate/rules/flows.ts';
import { TEMPLATE_ENV, TEMPLATE_MODULE } from '../gate/rules/provenance.ts';
import { readFlows } from '../gate/rules/read-flows.ts';
import { BoundedJsonError, parseBoundedJson } from '../signing/bounded-json.ts';
import { manifestProblems } from './check-manifest.ts';
import { isConfig } from './content.ts';
import { TEST_FILE, readTemplateFolder } from './folder.ts';
import type { TemplateFolder } from './folder.ts';
import { waybillId } from './ids.ts';
import type { TemplateManifest } from './manifest.ts';
import { contentHash } from './normal-form.ts';
import { containersIn, referenceOf, shapedFlow } from './shape.ts';
import { TemplateError } from './template-error.ts';
import { blockVariables, flowVariables } from './variables.ts';

/** What a catalogue holds of one version of a template. */
export interface PackedTemplate {
  readonly manifest: TemplateManifest;
  /** As it is imported, with the parameters' defaults. */
  readonly flow: readonly FlowNode[];
  readonly readme: string;
  /** Scenarios by file name. */
  readonly tests: Readonly<Record<string, Json>>;
}

export interface Package extends PackedTemplate {
  /** Name of the target in the catalogue. */
  readonly target: string;
  readonly bytes: Uint8Array;
  readonly contentHash: string;
}

export const MAX_BYTES = 4 * 1024 * 1024;
export const MAX_DEPTH = 100;
const MAX_NODES = 5_000;

const canonical = stringify.configure({ deterministic: true, strict: true });

/** `templates/<family>/<name>/<version>.json`. */
export function targetOf({ id, version }: Pick<TemplateManifest, 'id' | 'version'>): string {
  return `templates/${id}/${version}.json`;
}

/**
 * One file of a template's folder, the same bytes for the same content.
 * @throws TemplateError `unreadable`, `wrong-manifest`, `wrong-flow`, `too-alike`, `wrong-package`
 */
export function packTemplate(from: string | TemplateFolder): Package {
  const { manifest, flow, readme, tests } = typeof from === 'string' ? readTemplateFolder(from) : from;
  // Members of nodes by name; those of the manifest stay as the author has them, because the form goes by their order.
  const packed: PackedTemplate = { manifest, flow: JSON.parse(canonical(shapedFlow(manifest, flow))!) as readonly FlowNode[], readme, tests };
  const bytes = new TextEncoder().encode(`${JSON.stringify(packed)}\n`);
  // What a site would refuse is not packed.
  return { ...readPacked(bytes), target: targetOf(manifest), bytes, contentHash: contentHash(packed.flow) };
}

/** Each refusal of the bytes as a sentence. */
function parsed(bytes: Uint8Array): Json {
  try {
    return parseBoundedJson(bytes, { maxBytes: MAX_BYTES, maxDepth: MAX_DEPTH }) as Json;
  } catch (error) {
    if (!(error instanceof BoundedJsonError)) throw error;
    const sentence = {
      'too-large': `A packed template has at most ${MAX_BYTES} bytes; this one has ${bytes.byteLength}.`,
      'too-deep': `The packed template is nested deeper than ${MAX_DEPTH} levels.`,
      'not-json': `The packed template ${error.message.replace(/^it /, '')}.`,
    }[error.code];
    throw new TemplateError('wrong-package', sentence, [], { cause: error });
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, Json>> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** What the flow of a packed template must hold, so that it can be imported as it is and be known again. */
function flowProblems(manifest: TemplateManifest, nodes: readonly FlowNode[]): readonly string[] {
  const flows = readFlows(nodes);
  const found = flows.malformed.map(({ message }) => message);
  if (found.length > 0) return found;
  for (const node of nodes) {
    if (!/^[0-9a-f]{16}$/.test(node.id)) found.push(`Node "${node.id.slice(0, 40)}" has an id that Node-RED would not make.`);
    if (Object.hasOwn(node, 'credentials')) found.push(`Node ${node.id} brings credentials.`);
    const stands = node.type === 'tab' || node.type === 'subflow' || isConfig(node) || ['tab', 'subflow'].includes(flows.byId.get(String(node.z))?.type ?? '');
    if (!stands) found.push(`Node ${node.id} stands on no tab and in no subflow of the template.`);
  }
  const containers = containersIn(flows, manifest.kind);
  for (const container of containers) {
    if (!isDeepStrictEqual(container['env'], manifest.kind === 'block' ? blockVariables(manifest) : flowVariables(manifest))) found.push(`The variables of ${container.type} ${container.id} are not the parameters of the template.`);
  }
  if (manifest.kind === 'block') {
    const { module, type, version } = (containers[0]!['meta'] ?? {}) as Record<string, unknown>;
    if (containers[0]!.id !== waybillId(referenceOf(manifest)) || module !== TEMPLATE_MODULE || type !== manifest.id || version !== manifest.version) found.push(`The subflow does not say that it is ${referenceOf(manifest)}.`);
    if (flows.tabs.length > 0) found.push('A block brings no tab.');
  } else if (flows.nodes.some((node) => node.type !== 'tab' && Array.isArray(node['env']) && node['env'].some((entry: unknown) => (entry as { name?: unknown } | null)?.name === TEMPLATE_ENV))) {
    found.push(`Only tabs have the variable ${TEMPLATE_ENV}.`);
  }
  return found;
}

/**
 * A packed template, checked as far as it can be without knowing who signed it. Nothing of it is trusted: size, depth,
 * names, manifest and the flow's shape are looked at before anybody uses them.
 * @throws TemplateError `wrong-package`
 */
export function readPacked(bytes: Uint8Array): PackedTemplate {
  const value = parsed(bytes);
  const no = (message: string, details: readonly string[] = []): never => { throw new TemplateError('wrong-package', message, details); };
  if (!isRecord(value)) return no('The packed template is no JSON object.');
  const { manifest, flow, readme, tests, ...more } = value;
  const [unknown] = Object.keys(more);
  if (unknown !== undefined) return no(`The packed template has a member "${unknown.slice(0, 40)}" that is not known.`);
  const wrong = manifestProblems(manifest);
  if (wrong.length > 0) return no('The manifest of the packed template cannot be used.', wrong);
  if (!Array.isArray(flow) || typeof readme !== 'string' || !isRecord(tests)) return no('The packed template must have manifest, flow, readme and tests.');
  const odd = Object.keys(tests).find((name) => !TEST_FILE.test(name));
  if (odd !== undefined) return no(`"${odd.slice(0, 100)}" is no name of a file with scenarios.`);
  if (flow.length > MAX_NODES) return no(`A template has at most ${MAX_NODES} nodes; this one has ${flow.length}.`);
  const packed = value as unknown as PackedTemplate;
  try {
    const problems = flowProblems(packed.manifest, packed.flow);
    if (problems.length > 0) return no('The flow of the packed template cannot be used.', problems.slice(0, 20));
  } catch (error) {
    if (!(error instanceof TemplateError) || error.code === 'wrong-package') throw error;
    return no(error.message, error.details);
  }
  return packed;
}

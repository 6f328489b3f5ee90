import { addressKey, isOpenRun } from '../../domain/index.ts';
import type { CaseState } from '../../domain/index.ts';
import type { RecordedEvent } from '../../domain/envelope.ts';
import type { StepRegistry } from '../step-registry.ts';
import { portLabel, stepsBehind } from './flow-graph.ts';
import type { FlowReader } from './flow-graph.ts';

/** One governed step on the way of a case. `ahead`: the flow as it is deployed now may lead there. */
export interface PathNode {
  readonly address: string; readonly stepId: string; readonly name: string; readonly nodeType: string;
  readonly state: 'done' | 'here' | 'waiting' | 'trouble' | 'ahead';
  readonly visits: number; readonly firstEnteredAt: string | null; readonly lastLeftAt: string | null;
}

/** `from` is null where the case came in. `waiting`: tokens on their way. */
export interface PathEdge { readonly from: string | null; readonly to: string; readonly label?: string; readonly passed: number; readonly waiting: number }

export interface CasePath { readonly nodes: readonly PathNode[]; readonly edges: readonly PathEdge[] }

type Open<T> = { -readonly [K in keyof T]: T[K] };
/** Where a token came from. */
interface Issued { readonly from: string; readonly port: number; readonly target: string }

/** The way of a case: what happened from its events, what may come from the flow graph. */
export function casePath(state: CaseState, events: readonly RecordedEvent[], registry: StepRegistry, read: FlowReader): CasePath {
  const nodes = new Map<string, Open<PathNode>>();
  const edges = new Map<string, Open<PathEdge>>();
  const issued = new Map<string, Issued>();

  const nodeAt = (address: string, nodeType?: string): Open<PathNode> => {
    let node = nodes.get(address);
    if (node === undefined) {
      const step = registry.byAddress(address);
      const slash = address.lastIndexOf('/');
      node = {
        address, stepId: address.slice(slash + 1), name: step?.node.name ?? '', nodeType: step?.node.type ?? nodeType ?? '', state: 'ahead',
        visits: 0, firstEnteredAt: null, lastLeftAt: null,
      };
      nodes.set(address, node);
    }
    return node;
  };
  const edgeOf = (from: string | null, to: string, port: number): Open<PathEdge> => {
    const label = from === null ? undefined : portLabel(registry.byAddress(from), nodes.get(from)?.nodeType ?? '', port, read);
    const key = JSON.stringify([from, to, label]);
    let edge = edges.get(key);
    if (edge === undefined) edges.set(key, edge = { from, to, ...(label === undefined ? {} : { label }), passed: 0, waiting: 0 });
    return edge;
  };
  const enter = (address: string, at: string, nodeType?: string): void => {
    const node = nodeAt(address, nodeType);
    node.visits += 1;
    node.firstEnteredAt ??= at;
    node.state = 'done';
  };

  for (const event of events) {
    const address = event.address === undefined ? undefined : addressKey(event.address);
    if (event.type === 'StepEntered' && address !== undefined) {
      enter(address, event.recordedAt, event.data.nodeType);
      const token = issued.get(event.tokenId ?? event.data.runId);
      if (token !== undefined) edgeOf(token.from, address, token.port).passed += 1;
    } else if (event.type === 'StepCompleted' && address !== undefined) {
      if (!nodes.has(address)) {
        enter(address, event.recordedAt, 'intake');
        edgeOf(null, address, 0).passed += 1;
      }
      nodeAt(address).lastLeftAt = event.recordedAt;
      for (const { tokenId, port, target } of event.data.tokens) issued.set(tokenId, { from: address, port, target });
    } else if (event.type === 'ExceptionResolved') {
      for (const { tokenId, replaces, target } of event.data.tokens) {
        const before = issued.get(replaces);
        if (before !== undefined) issued.set(tokenId, { ...before, target });
      }
    }
  }
  placeRuns(state, nodes);
  if (state.status !== 'open') return done(nodes, edges);

  const from: string[] = Object.values(state.runs).filter((run) => isOpenRun(run)).map((run) => addressKey(run.address));
  for (const token of Object.values(state.tokens)) {
    const known = issued.get(token.tokenId);
    if (token.state !== 'live' || known === undefined) continue;
    for (const step of stepsBehind([known.target], registry, read)) {
      nodeAt(step.key);
      edgeOf(known.from, step.key, known.port).waiting += 1;
      from.push(step.key);
    }
  }
  // What the flow may lead to from where the case is.
  const walked = new Set<string>();
  for (let address = from.shift(); address !== undefined; address = from.shift()) {
    const step = registry.byAddress(address);
    if (step === undefined || walked.has(address)) continue;
    walked.add(address);
    for (const [port, wires] of (step.node.wires ?? []).entries()) {
      for (const next of stepsBehind(wires, registry, read)) {
        nodeAt(next.key);
        edgeOf(address, next.key, port);
        from.push(next.key);
      }
    }
  }
  return done(nodes, edges);
}

/** Where the case stands, and where a person is needed. */
function placeRuns(state: CaseState, nodes: ReadonlyMap<string, Open<PathNode>>): void {
  for (const run of Object.values(state.runs)) {
    const node = nodes.get(addressKey(run.address));
    if (node === undefined || !isOpenRun(run) || state.status !== 'open') continue;
    const waits = Object.values(state.tasks).some((task) => task.runId === run.runId && task.status === 'open')
      || Object.values(state.effects).some((effect) => effect.runId === run.runId && (effect.state === 'waiting' || effect.state === 'dead' || effect.state === 'unknown'));
    node.state = waits ? 'waiting' : 'here';
  }
  for (const exception of Object.values(state.exceptions)) {
    if (exception.status !== 'open') continue;
    const effect = exception.effectId === undefined ? undefined : state.effects[exception.effectId];
    const run = state.runs[exception.runId ?? effect?.runId ?? ''];
    const token = exception.tokenId === undefined ? undefined : state.tokens[exception.tokenId];
    const address = run?.address ?? token?.from;
    const node = address === undefined ? undefined : nodes.get(addressKey(address));
    if (node !== undefined) node.state = 'trouble';
  }
}

function done(nodes: ReadonlyMap<string, PathNode>, edges: ReadonlyMap<string, PathEdge>): CasePath {
  return { nodes: [...nodes.values()], edges: [...edges.values()] };
}

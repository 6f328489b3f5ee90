import type { ClientSession } from 'node-opcua-client';
import { browseAll, describeNode, ROOT } from './browse.ts';
import { OpcUaIntakeError } from '../errors.ts';
import { isNodeId, lastingNodeId, localNodeId } from '../node-ids.ts';

export interface FoundNode {
  readonly nodeId: string;
  /** Names on the way from the Objects folder, the node's own last. */
  readonly path: readonly string[];
  /** Node ids on that way. */
  readonly way: readonly string[];
  readonly kind: 'object' | 'variable' | 'method';
}

export interface SearchResult {
  readonly found: readonly FoundNode[];
  /** False: it was broken off after so many nodes, or so long. */
  readonly complete: boolean;
  readonly looked: number;
}

export interface SearchBounds { readonly nodes: number; readonly ms: number; readonly found: number; readonly now: () => number }

const KINDS = [undefined, 'object', 'variable', undefined, 'method'] as const;
const CHUNK = 50;
/** The server's own affairs (OPC UA Part 5, 8.3.2): large, and hardly ever what is looked for. */
const SERVER = 'i=2253';
const MOST_CHILDREN = 1_000;

interface Place { readonly local: string; readonly path: readonly string[]; readonly way: readonly string[] }

/**
 * Looks for nodes whose name or path holds the text, breadth first from the Objects folder. Bounded in nodes, time and finds,
 * for a server may have a million tags, and may have rings. A node id is looked up at once.
 */
export async function searchNodes(session: ClientSession, namespaces: readonly string[], text: string, bounds: SearchBounds): Promise<SearchResult> {
  const wanted = text.trim().toLowerCase();
  if (isNodeId(text)) return byId(session, namespaces, text);
  if (wanted === '') return { found: [], complete: true, looked: 0 };
  const until = bounds.now() + bounds.ms;
  const found: FoundNode[] = [];
  const seen = new Set<string>([ROOT, SERVER]);
  let level: Place[] = [{ local: ROOT, path: [], way: [ROOT] }];
  let looked = 0;
  while (level.length > 0) {
    const next: Place[] = [];
    for (let at = 0; at < level.length; at += CHUNK) {
      if (looked >= bounds.nodes || found.length >= bounds.found || bounds.now() >= until) return { found: found.slice(0, bounds.found), complete: false, looked };
      const places = level.slice(at, at + CHUNK);
      const below = await browseAll(session, places.map(({ local }) => local), MOST_CHILDREN);
      below.forEach(({ references }, i) => {
        for (const { nodeId, displayName, browseName, nodeClass } of references) {
          const local = plain(nodeId.toString());
          const kind = KINDS[Number(nodeClass)];
          if (kind === undefined || seen.has(local)) continue;
          seen.add(local);
          looked += 1;
          const { path, way } = places[i]!;
          const here = { local, path: [...path, (displayName.text || browseName.name || '?').slice(0, 200)], way: [...way, lastingNodeId(local, namespaces)] };
          if (fits(here, wanted)) found.push({ nodeId: lastingNodeId(local, namespaces), path: here.path, way: here.way, kind });
          if (kind !== 'method') next.push(here);
        }
      });
    }
    level = next;
  }
  return { found: found.slice(0, bounds.found), complete: found.length <= bounds.found, looked };
}

/** The name, or where the text has a slash or a dot in it, the path; `scanner1 sequence` wants both words somewhere on the way. */
function fits({ path }: Place, wanted: string): boolean {
  const name = path.at(-1)!.toLowerCase();
  if (name.includes(wanted)) return true;
  const whole = path.join('/').toLowerCase();
  // the end of it lies in the name: what is below has the same path before it
  const at = whole.lastIndexOf(wanted.replaceAll('.', '/'));
  if (/[/.]/.test(wanted)) return at >= 0 && at + wanted.length > whole.length - name.length;
  const words = wanted.split(/\s+/);
  return words.length > 1 && words.every((word) => whole.includes(word)) && name.includes(words.at(-1)!);
}

async function byId(session: ClientSession, namespaces: readonly string[], text: string): Promise<SearchResult> {
  try {
    const { nodeId, name, kind } = await describeNode(session, namespaces, localNodeId(text, namespaces));
    return { found: [{ nodeId, path: [name], way: [nodeId], kind }], complete: true, looked: 1 };
  } catch (error) {
    if (error instanceof OpcUaIntakeError) return { found: [], complete: true, looked: 1 };
    throw error;
  }
}

/** As node ids are written everywhere else: without the namespace 0. */
const plain = (id: string): string => id.replace(/^ns=0;/, '');

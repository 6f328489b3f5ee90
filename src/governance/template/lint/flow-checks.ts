import { secretsIn } from '../../change/secrets.ts';
import type { FlowNode, Flows } from '../../gate/rules/flows.ts';
import { isOpener, isStep } from '../../gate/rules/governed.ts';
import { isPlaceholder } from '../../gate/rules/secret-patterns.ts';
import { isConfig } from '../content.ts';
import { addressesIn } from './addresses.ts';
import type { LintFinding } from './finding.ts';
import { placeOf, textsOf } from './texts.ts';

const base = { level: 'error' as const, file: 'flow.json' };

function* steps(nodes: readonly FlowNode[]): Generator<LintFinding> {
  const seen = new Map<string, FlowNode>();
  for (const node of nodes.filter(isStep)) {
    const stepId = node['stepId'];
    if (typeof stepId !== 'string' || stepId === '') {
      yield { ...base, code: 'step-id-missing', where: placeOf(node), message: 'A governed node has no step id.', mend: 'Give it one that says what is done there; cases and reports go by it.' };
    } else if (seen.has(stepId)) {
      yield { ...base, code: 'step-id-twice', where: placeOf(node), message: `The step id "${stepId}" is that of ${placeOf(seen.get(stepId)!)} as well.`, mend: 'Give one of the two another step id.' };
    } else {
      seen.set(stepId, node);
    }
  }
}

function* dangling(nodes: readonly FlowNode[], flows: Flows): Generator<LintFinding> {
  for (const node of nodes) {
    const ids = [...(node.wires ?? []).flat(), ...['links', 'scope'].flatMap((name) => (Array.isArray(node[name]) ? node[name] as readonly unknown[] : []))];
    if (ids.some((id) => !flows.byId.has(String(id)))) {
      yield { ...base, level: 'warn', code: 'dangling', where: placeOf(node), message: 'A wire or link leads to a node that is not in the export; it is left out.', mend: 'Wire it within the template, or delete the wire and export again.' };
    }
  }
}

function* addresses(nodes: readonly FlowNode[]): Generator<LintFinding> {
  for (const node of nodes) {
    if (node.type === 'comment') continue;
    for (const { text, path, member } of textsOf(node)) {
      for (const address of addressesIn(text, member)) {
        yield isConfig(node)
          ? { ...base, level: 'warn', code: 'site-config', where: `${placeOf(node)}, ${path}`, message: `"${address}" is an address of one site; it goes along in the template's ${node.type}.`, mend: 'Take it out, or write an environment variable as ${NAME}; sites use their own config node.' }
          : { ...base, code: 'site-address', where: `${placeOf(node)}, ${path}`, message: `"${address}" is an address of one site.`, mend: 'Make it a parameter, or read it from an environment variable with $env("WAYBILL_…").' };
      }
    }
  }
}

const QUERY = /[?&](?:access_?token|token|api_?key|key|auth|password|passwd|secret|client_secret|sig|signature)=([^&#\s"'`]{6,})/i;

/** Keys in the query of an address: short ones as well, for in a template nothing can be told apart by its length. */
function* queries(nodes: readonly FlowNode[]): Generator<LintFinding> {
  for (const node of nodes) {
    for (const { text, path } of textsOf(node)) {
      const [, value] = QUERY.exec(text) ?? [];
      if (value === undefined || isPlaceholder(value) || /^[${<]/.test(value)) continue;
      yield { ...base, code: 'secret', where: `${placeOf(node)}, ${path}`, message: 'The address has a key in its query.', mend: 'Send it as a header from a parameter with "writeOnly": true, and take a new one: this one has been seen.' };
    }
  }
}

/** What in the flow must not be in a template. @param reference `<id>@<version>` */
export function* flowChecks(nodes: readonly FlowNode[], flows: Flows, reference: string): Generator<LintFinding> {
  for (const node of nodes.filter(isOpener)) {
    const said = String(node['template'] ?? '');
    if (said !== reference) yield { ...base, code: 'opens-as-another', where: placeOf(node), message: said === '' ? 'Cases are opened without saying of which template.' : `Cases are opened as those of ${said.slice(0, 100)}.`, mend: `Write ${reference} as the node's template: upgrades and reports go by it.` };
  }
  yield* steps(nodes);
  yield* dangling(nodes, flows);
  // A secret once, in the words of what it is: the address in it says no more.
  const secrets = secretsIn(nodes);
  for (const { node, property } of secrets) {
    yield { ...base, code: 'secret', where: `${node}, ${property}`, message: 'This looks like a secret in clear.', mend: 'Make it a parameter with "writeOnly": true, or a credential of the node, and give the secret a new value where it is in use.' };
  }
  yield* queries(nodes);
  yield* addresses(nodes);
  for (const node of nodes) {
    if (node.disabled === true || node.d === true) yield { ...base, level: 'warn', code: 'disabled', where: placeOf(node), message: 'It is switched off in the template, and a site cannot switch it on.', mend: 'Switch it on, or take it out.' };
  }
}

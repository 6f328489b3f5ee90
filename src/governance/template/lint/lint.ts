import type { FlowNode, Flows } from '../../gate/rules/flows.ts';
import { nodesOfTemplate } from '../../gate/rules/installed.ts';
import { readFlows } from '../../gate/rules/read-flows.ts';
import { readTemplateFolder } from '../folder.ts';
import type { TemplateFolder } from '../folder.ts';
import { packTemplate } from '../pack.ts';
import { containersIn, referenceOf } from '../shape.ts';
import { TemplateError } from '../template-error.ts';
import { flowChecks } from './flow-checks.ts';
import { folderChecks } from './folder-checks.ts';
import type { LintFinding } from './finding.ts';
import { parameterChecks } from './parameter-checks.ts';

function asFindings(code: string, file: string, { message, details }: TemplateError): readonly LintFinding[] {
  const mend = 'Mend it and look again.';
  return details.length === 0 ? [{ code, level: 'error', file, message, mend }] : details.map((detail) => ({ code, level: 'error', file, message: detail, mend }));
}

/** Runs it; what it says of the template becomes findings. */
function caught<T>(code: string, file: string, run: () => T): { readonly value: T } | { readonly findings: readonly LintFinding[] } {
  try {
    return { value: run() };
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    return { findings: asFindings(code, error.code === 'wrong-manifest' ? 'template.json' : file, error) };
  }
}

/** Nodes that belong to the template; all of them while nothing says where it begins. */
function own(folder: TemplateFolder, flows: Flows): readonly FlowNode[] {
  const containers = caught('wrong-flow', 'flow.json', () => containersIn(flows, folder.manifest.kind));
  return 'value' in containers ? nodesOfTemplate(flows, containers.value) : flows.nodes;
}

/**
 * Everything that is wrong with a template before it is published, errors first. Never throws for what is in the folder.
 * @param from a folder, or what was read of one
 */
export function lintTemplate(from: string | TemplateFolder): readonly LintFinding[] {
  const read = typeof from === 'string' ? caught('wrong-folder', '.', () => readTemplateFolder(from)) : { value: from };
  if ('findings' in read) return read.findings;
  const folder = read.value;
  const packed = caught('wrong-flow', 'flow.json', () => packTemplate(folder));
  const flows = readFlows(folder.flow);
  const nodes = own(folder, flows);
  // Credentials are left out of what is packed, and still stand in the export that somebody sends around.
  const findings = [...('findings' in packed ? packed.findings : []), ...folderChecks(folder, nodes), ...parameterChecks(folder.manifest, nodes), ...flowChecks(nodes, flows, referenceOf(folder.manifest))];
  const rank = ({ level }: LintFinding): number => (level === 'error' ? 0 : 1);
  return findings.sort((a, b) => rank(a) - rank(b));
}

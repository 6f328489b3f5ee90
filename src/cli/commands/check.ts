import { writeFile } from 'node:fs/promises';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { RULES } from '../../governance/gate/rules/index.ts';
import { takeBaseline } from '../../governance/gate/rules/baseline.ts';
import { readFlows } from '../../governance/gate/rules/read-flows.ts';
import type { Finding } from '../../governance/gate/rules/rule.ts';
import { DEFAULT_POLICY, refuses, runRules } from '../../governance/gate/rules/run.ts';
import { contentHash } from '../../governance/template/normal-form.ts';
import { UsageError } from '../accounts.ts';
import { baselineOf, catalogueOf, InputError, jsonOf, policyOf } from '../check/inputs.ts';
import { reportText, verdict } from '../check/report.ts';

const usage = `Usage: waybill check <flows.json> [--policy <file>] [--catalogue <folder or address>] [--baseline <file>] [--json]

Judges flows by the rules of the deploy gate, before anybody deploys them. It reads the file that Node-RED keeps, or
an export; it changes nothing. What only a running site knows (open cases, installed packages) is not judged.

  --policy <file>          levels and options of the rules; without it those of the catalogue, else each rule's own
  --catalogue <where>      templates, services, policy and waivers of a catalogue, verified before they are used
  --root <file>            root by which the catalogue is trusted; in a folder its own first one when not said
  --site <id>              site whose waivers count
  --baseline <file>        breaches that were there before are known and do not count
  --write-baseline <file>  writes today's breaches as a baseline, and ends with 0
  --json                   for programs: {ok, policy, findings: [{rule, level, message, mend, node, …}]}

Exit code: 0 the gate would let them pass, 1 it would refuse them, 2 wrong usage or a file that cannot be used.
`;

const options = {
  policy: { type: 'string' }, catalogue: { type: 'string' }, root: { type: 'string' }, site: { type: 'string' }, baseline: { type: 'string' },
  'write-baseline': { type: 'string' }, json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' },
} as const;

function parse(args: string[]) {
  try {
    return parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

type Values = ReturnType<typeof parse>['values'];

async function judge(file: string, values: Values): Promise<{ readonly findings: readonly Finding[]; readonly policy: string }> {
  const input = await jsonOf(file);
  const catalogue = values.catalogue === undefined ? undefined : await catalogueOf(values.catalogue, values.root, values.site);
  const policy = values.policy === undefined ? catalogue?.policy ?? DEFAULT_POLICY : await policyOf(values.policy);
  const strange = Object.keys(policy.rules).filter((code) => !RULES.some((rule) => rule.code === code));
  if (strange.length > 0) process.stderr.write(`waybill check: the policy names rules that this version does not have: ${strange.join(', ')}.\n`);
  const context = { now: new Date().toISOString(), contentHash, ...(values.site === undefined ? {} : { site: values.site }), ...(catalogue === undefined ? {} : { templates: catalogue.templates, services: catalogue.services }) };
  const baseline = values.baseline === undefined ? undefined : await baselineOf(values.baseline);
  return { findings: runRules(readFlows(input), context, policy, { baseline, waivers: catalogue?.waivers ?? [] }), policy: policy.version };
}

async function run(args: string[]): Promise<number> {
  const { values, positionals: [file, ...more] } = parse(args);
  if (values.help === true) {
    process.stdout.write(usage);
    return 0;
  }
  if (file === undefined) throw new UsageError('Say which flows: waybill check flows.json');
  if (more.length > 0) throw new UsageError('Check one file at a time.');
  const { findings, policy } = await judge(file, values);
  const target = values['write-baseline'];
  if (target !== undefined) {
    const baseline = takeBaseline(findings, new Date().toISOString());
    await writeFile(target, `${JSON.stringify(baseline, null, 2)}\n`);
    process.stdout.write(`${target}: ${baseline.findings.length} ${baseline.findings.length === 1 ? 'breach' : 'breaches'} of today.\n`);
    return 0;
  }
  const ok = !findings.some(refuses);
  if (values.json === true) process.stdout.write(`${JSON.stringify({ ok, policy, findings }, null, 2)}\n`);
  else process.stdout.write(`${findings.length === 0 ? '' : `${reportText(findings, process.stdout.isTTY && process.stdout.hasColors())}\n`}${verdict(findings)}\n`);
  return ok ? 0 : 1;
}

/** `waybill check`: what the gate would say of a file of flows. */
export async function check(args: string[]): Promise<number> {
  try {
    return await run(args);
  } catch (error) {
    if (error instanceof UsageError) process.stderr.write(`waybill check: ${error.message}\n\n${usage}`);
    else if (error instanceof InputError) process.stderr.write(`waybill check: ${error.message}\n`);
    else throw error;
    return 2;
  }
}

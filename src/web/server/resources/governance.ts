import type { BreakGlassView, CatalogueState, FindingsReport } from '../../../engine/governance/port.ts';
import { ruleCodes } from '../../../engine/governance/rules.ts';
import type { Caller } from '../auth/authenticate.ts';
import { directory } from '../names.ts';
import { accepted, operation, type ApiRequest, type Operation } from '../operation.ts';
import { named } from '../rows.ts';
import { array, choice, flag, id, nullable, object, pageQuery, personSchema, text, time } from '../schemas.ts';
import type { PageQuery } from '../schemas.ts';
import { pageAt } from '../scope.ts';

const string = { type: 'string' } as const;
const whole = { type: 'integer', minimum: 0 } as const;

const admitted = object({ by: choice('baseline', 'waiver', 'break-glass'), id: string, until: time }, ['id', 'until']);
const finding = object({
  rule: { ...string, description: 'Code of the rule; docs/rules/<code>.md is its page.' }, level: { ...choice('error', 'warn'), description: 'An `error` without `admitted` refuses a deploy.' },
  message: string, mend: { ...string, description: 'What to do.' },
  node: object({ id: string, type: string, name: string, tab: string, tabLabel: string }, ['tab', 'tabLabel']), property: string,
  fingerprint: { ...string, description: 'The same for the same breach at every deploy; a waiver names it.' }, template: { ...string, description: 'Template that the node belongs to, `family/name@version`.' },
  place: string, yours: { ...flag, description: 'Not there in what ran before.' }, admitted,
}, ['node', 'property', 'template', 'admitted']);

const NONE: Pick<FindingsReport, 'findings' | 'refused'> = { findings: [], refused: false };

export const listFindings = operation<object, PageQuery & { readonly level?: string; readonly mine?: boolean }>({
  id: 'listFindings', method: 'get', path: '/findings', tag: 'Governance', access: 'findings.read',
  summary: 'Findings of the deploy gate',
  description: 'Of what was judged last: what runs, or what was refused after it. Errors that refuse come first, then warnings, then what the baseline, a waiver or break-glass admits. `judgedAt` is null when the gate has judged nothing: it is not in settings.js, or no flows were loaded yet.',
  query: { ...pageQuery, level: choice('error', 'warn'), mine: { ...flag, description: 'Only those that were not there in what ran before.' } },
  success: {
    status: 200, description: 'A page of findings.',
    schema: object({
      judgedAt: nullable(time), refused: flag, note: { ...nullable(string), description: 'What runs although something else was to, in words.' }, setAside: { ...nullable(string), description: 'File that holds what was refused, when it was found on the disk.' },
      total: whole, items: array(finding), next: string,
    }, ['next']),
  },
  handle: ({ query, services: { waybill } }) => {
    const report = waybill.governance.gate.findings();
    const { findings, refused } = report ?? NONE;
    const shown = findings.filter(({ level, yours }) => (query.level === undefined || level === query.level) && (query.mine !== true || yours));
    return Promise.resolve({
      status: 200,
      json: {
        judgedAt: report?.at ?? null, refused, note: report?.note ?? null, setAside: report?.setAside ?? null,
        total: shown.length, ...pageAt(shown, query),
      },
    });
  },
});

const breakGlass = object({
  id, rules: array(string), hours: { type: 'integer' }, reason: string, by: personSchema, second: nullable(personSchema), askedAt: time, state: choice('asked', 'open', 'over'), until: nullable(time),
});

type People = (pseudonym: string) => object;
async function peopleOf(services: ApiRequest<object, object, unknown>['services'], caller: Caller): Promise<People> {
  const nameOf = await directory(services);
  const me = services.waybill.pseudonym(caller.user.id);
  return (pseudonym) => named(pseudonym, nameOf, me);
}

function glassView({ by, second, until, ...rest }: BreakGlassView, person: People): object {
  return { ...rest, by: person(by), second: second === undefined ? null : person(second), until: until ?? null };
}

/** When the site last had an answer from where its catalogue comes from. */
function syncOf(state: CatalogueState): string | null {
  return state.state === 'none' ? null : state.checkedAt;
}

export const getGovernance = operation({
  id: 'getGovernance', method: 'get', path: '/governance', tag: 'Governance', access: 'signed-in',
  summary: 'How this site is governed',
  description: 'The gate: `active`; `ungated`, when the site has no catalogue; `missing`, when it has one and Node-RED does not use the gate, so that governed steps do not run; `refusing`, when the gate cannot judge. `reason` says why and what to do.',
  success: {
    status: 200, description: 'Gate, catalogue, policy.',
    schema: object({
      site: string,
      gate: object({
        state: choice('active', 'ungated', 'missing', 'refusing'), code: string, reason: string, mode: { ...choice('enforce', 'warn'), description: '`warn`: errors are shown and refuse nothing yet.' },
        storage: flag, middleware: flag, baseline: nullable(object({ takenAt: time, findings: whole })),
      }),
      policyVersion: nullable(string), ring: { ...choice('test', 'pilot', 'all'), description: 'Releases that this site gets: `test` every one, `pilot` those for pilots and for all, `all` those for all.' },
      catalogue: object({ state: choice('none', 'fresh', 'stale', 'refused'), source: nullable(string), since: nullable(time), reason: nullable(string), templates: whole }),
      lastSync: nullable(time), findings: object({ errors: whole, warnings: whole, admitted: whole, refused: flag }), breakGlass: array(breakGlass),
    }),
  },
  handle: async ({ services }, caller) => {
    const { waybill } = services;
    const person = await peopleOf(services, caller);
    const { gate, catalogue, breakGlass: glass } = waybill.governance;
    const { state, code, reason, mode, storage, middleware, policyVersion, baseline } = gate.state();
    const stands = catalogue.state();
    const { findings, refused } = gate.findings() ?? NONE;
    const admittedOnes = findings.filter((each) => each.admitted !== undefined).length;
    const errors = findings.filter((each) => each.level === 'error' && each.admitted === undefined).length;
    return {
      status: 200,
      json: {
        site: waybill.settings.site,
        gate: { state, code, reason, mode, storage, middleware, baseline: baseline === undefined ? null : { takenAt: baseline.takenAt, findings: baseline.findings } },
        policyVersion: policyVersion ?? null, ring: waybill.settings.ring ?? 'all',
        catalogue: {
          state: stands.state, source: stands.state === 'none' ? null : stands.source, since: stands.state === 'stale' ? stands.since : null,
          reason: stands.state === 'stale' || stands.state === 'refused' ? stands.reason : null, templates: catalogue.templates().length,
        },
        lastSync: syncOf(stands), findings: { errors, warnings: findings.length - errors - admittedOnes, admitted: admittedOnes, refused },
        breakGlass: glass.list().map((each) => glassView(each, person)),
      },
    };
  },
});

interface Ask { readonly rules: readonly string[]; readonly reason: string; readonly hours: number }

export const askBreakGlass = operation<object, object, Ask>({
  id: 'askBreakGlass', method: 'post', path: '/break-glass', tag: 'Governance', access: 'gate.override', command: true,
  summary: 'Ask to deploy past rules in an outage',
  description: 'Holds nothing until a second signed-in person of the site agrees, within the hour. From then on, and until it ends, breaches of these rules do not refuse a deploy. What the engine checks itself (guards, segregation of duties) holds as ever. Both persons, the reason and every deploy are in the ledger.',
  body: object({ rules: { type: 'array', items: choice(...ruleCodes), minItems: 1, maxItems: 20, uniqueItems: true }, reason: { ...text(1000), pattern: '\\S' }, hours: { type: 'integer', minimum: 1, maximum: 72 } }),
  success: { status: 201, description: 'It waits for the second person.', schema: breakGlass },
  handle: async ({ body, services, commandKey }, caller) => {
    const outcome = accepted(await services.waybill.governance.breakGlass.ask({ ...body, by: caller.identity, ...(commandKey === undefined ? {} : { commandKey }) }));
    return { status: 201, json: glassView(outcome.breakGlass, await peopleOf(services, caller)) };
  },
});

function glassOperation(what: 'second' | 'end', doing: 'agree' | 'end', about: Pick<Operation, 'id' | 'summary' | 'description'>, success: string): Operation {
  return operation<{ breakGlassId: string }>({
    ...about, method: 'post', path: `/break-glass/{breakGlassId}/${what}`, tag: 'Governance', access: 'gate.override', command: true,
    params: { breakGlassId: id },
    success: { status: 200, description: success, schema: breakGlass },
    handle: async ({ params, services }, caller) => {
      const outcome = accepted(await services.waybill.governance.breakGlass[doing]({ id: params.breakGlassId, by: caller.identity }));
      return { status: 200, json: glassView(outcome.breakGlass, await peopleOf(services, caller)) };
    },
  });
}

export const agreeBreakGlass = glassOperation('second', 'agree', {
  id: 'agreeBreakGlass', summary: 'Agree as the second person',
  description: 'Never the one who asked. It holds from now on for the hours that were asked for.',
}, 'It holds.');

export const endBreakGlass = glassOperation('end', 'end', {
  id: 'endBreakGlass', summary: 'End break-glass before its time, or take the request back',
  description: 'One person is enough. What was deployed meanwhile goes on running; what breaks these rules is a finding again, and refuses the next deploy.',
}, 'It is over.');

export const governanceResource = [listFindings, getGovernance, askBreakGlass, agreeBreakGlass, endBreakGlass];

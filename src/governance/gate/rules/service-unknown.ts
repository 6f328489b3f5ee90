import { isLoopback, isSameSystem } from './address.ts';
import type { NetAddress } from './address.ts';
import type { FlowNode, Flows } from './flows.ts';
import { levelOption } from './options.ts';
import { textOf, textsOf } from './property.ts';
import type { Breach, Level, Rule, RuleContext, ServiceRuleFacts } from './rule.ts';
import { SYSTEM, serviceCalls, serviceOffers } from './service-calls.ts';
import type { ServiceCall, ServiceOffer } from './service-calls.ts';
import { targetsOf } from './targets.ts';
import { called, Called, counted, shortened } from './words.ts';
import { compareVersions } from './versions.ts';

type Services = ReadonlyMap<string, ServiceRuleFacts>;

const MOST = 5;
const listed = (names: readonly string[]): string => `${names.slice(0, MOST).join(', ')}${names.length > MOST ? ` and ${counted(names.length - MOST, 'more', 'more')}` : ''}`;

/** What the catalogue has that may have been meant. */
function instead(services: Services, reference: string): string {
  const id = reference.split('@')[0] ?? '';
  const versions = [...services.values()].filter((each) => each.id === id && each.status === 'published').map(({ version }) => version).sort((a, b) => compareVersions(b, a));
  return versions.length === 0 ? 'Choose a service that the list of the node shows, or ask central IT to publish this one.' : `Choose one of its versions in the catalogue: ${listed(versions)}.`;
}

function* ofVersion(flows: Flows, { node, system }: ServiceCall, facts: ServiceRuleFacts, reference: string): Generator<Breach> {
  for (const operation of textOf(node, 'operation').trim() === '' ? [''] : textsOf(flows, node, 'operation')) {
    if (facts.operations.includes(operation) || (operation === '' && system === undefined)) continue;
    yield {
      node, property: 'operation', about: `${reference} ${operation}`,
      message: operation === '' ? `${Called(node)} calls ${reference} and names no operation.` : `${Called(node)} calls the operation "${shortened(operation)}", which ${reference} does not have.`,
      mend: `Choose one of its operations: ${listed(facts.operations)}.`,
    };
  }
  const kind = system === undefined ? '' : textOf(system, 'kind').trim();
  if (system === undefined || kind === '' || kind === facts.system) return;
  yield {
    node, property: 'systemNode', about: `${reference} at ${kind}`,
    message: `${Called(node)} calls ${reference}, a service of systems of the kind "${facts.system}", at ${called(system)}, which is of the kind "${shortened(kind)}".`,
    mend: 'Choose a system of the right kind, or mend the kind of this one.',
  };
}

/** Addresses of the systems that are registered in these flows. */
function systemAddresses(flows: Flows, context: RuleContext): readonly NetAddress[] {
  return flows.ofType(SYSTEM).flatMap((node) => targetsOf(flows, context, node, 'url')).flatMap((target) => (target.known ? [target.address] : []));
}

/** Whether a call goes to a registered system by an address of its own. Without a port many things of this machine are alike. */
function goesPast(flows: Flows, context: RuleContext, node: FlowNode, systems: readonly NetAddress[]): NetAddress | undefined {
  const targets = textOf(node, 'urlType') === 'jsonata' ? [] : targetsOf(flows, context, node, 'url');
  return targets.flatMap((target) => (target.known ? [target.address] : [])).find((address) => systems.some((other) => isSameSystem(address, other) && (!isLoopback(address.host) || (address.port !== '' && other.port !== ''))));
}

function past(node: FlowNode, { host, port }: NetAddress, level: Level): Breach {
  return {
    node, property: 'url', about: `past ${host}`, level,
    message: `${Called(node)} calls ${host}${port === '' ? '' : `:${port}`} by an address of its own, past the system that is registered for it: without its limits, and unseen where services are watched.`,
    mend: 'Choose the system and a service of it in the node.',
  };
}

function unregistered(node: FlowNode, level: Level): Breach {
  return {
    node, property: 'service', about: 'unregistered', level,
    message: `${Called(node)} calls a system by an address of its own, and central policy asks for a service of the catalogue.`,
    mend: 'Choose the system and a service of it in the node; where there is none yet, ask central IT to publish it.',
  };
}

/** What a node answers has to be a service that Waybill offers, else nobody can call it. */
function* ofOffer({ node, named, reference, facts, operations }: ServiceOffer, services: Services): Generator<Breach> {
  if (reference === undefined) {
    yield { node, property: 'service', about: `named ${named ?? ''}`, message: (named ?? '') === '' ? `${Called(node)} names no service.` : `${Called(node)} names "${shortened(named ?? '')}", which is no version of a service: that is family/name@1.2.0.`, mend: 'Choose a service that the list of the node shows.' };
  } else if (facts === undefined) {
    yield { node, property: 'service', about: reference, message: `${Called(node)} answers ${reference}, which the catalogue of this site does not have: whoever calls it gets 404.`, mend: instead(services, reference) };
  } else if (facts.offered !== true) {
    yield { node, property: 'service', about: `${reference} offered`, message: `${Called(node)} answers ${reference}, a service of systems of the kind "${facts.system}": Waybill calls it, and does not offer it.`, mend: 'Choose a service that Waybill offers; its definition has "offered".' };
  } else {
    for (const operation of operations.filter((each) => !facts.operations.includes(each))) {
      yield { node, property: 'operation', about: `${reference} ${operation}`, message: operation === '' ? `${Called(node)} answers ${reference} and names no operation.` : `${Called(node)} answers the operation "${shortened(operation)}", which ${reference} does not have.`, mend: `Choose one of its operations: ${listed(facts.operations)}.` };
    }
  }
}

export const serviceUnknown: Rule = {
  code: 'service-unknown',
  title: 'What is called or offered is a service of the catalogue',
  level: 'error',
  options: { unregistered: 'off', pastSystem: 'warn' },
  *check(flows, context, options) {
    const { services } = context;
    if (services === undefined) return;
    for (const offer of serviceOffers(flows, context)) yield* ofOffer(offer, services);
    const systems = systemAddresses(flows, context);
    for (const call of serviceCalls(flows, context)) {
      const { node, system, named, reference, facts } = call;
      if (facts !== undefined && reference !== undefined) {
        yield* ofVersion(flows, call, facts, reference);
      } else if (reference !== undefined) {
        yield { node, property: 'service', about: reference, message: `${Called(node)} calls ${reference}, which the catalogue of this site does not have.`, mend: instead(services, reference) };
      } else if (system !== undefined && named !== undefined) {
        yield {
          node, property: 'service', about: `named ${named}`,
          message: named === '' ? `${Called(node)} names no service of ${called(system)}.` : `${Called(node)} names "${shortened(named)}", which is no version of a service: that is family/name@1.2.0.`,
          mend: 'Choose a service that the list of the node shows.',
        };
      } else if (system === undefined) {
        const address = goesPast(flows, context, node, systems);
        if (address !== undefined) yield past(node, address, levelOption(options, 'pastSystem', 'warn'));
        else yield unregistered(node, levelOption(options, 'unregistered', 'off'));
      }
    }
  },
};

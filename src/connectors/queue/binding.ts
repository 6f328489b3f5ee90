import { pointerOf } from '../../domain/json-pointer.ts';
import type { ServiceDefinition, ServiceOperation } from '../../domain/service/index.ts';

export const VERSIONS = ['0-9-1', '1.0'] as const;
export type AmqpVersion = typeof VERSIONS[number];

/** Where a message goes: exchange and routing key of AMQP 0-9-1 (the blank exchange leads to the queue of that name), or the address of 1.0. */
export interface QueueTarget { readonly exchange: string; readonly routingKey: string; readonly address: string }

export interface BindingProblem { readonly at: string; readonly message: string }

const LONGEST = 255;

export function versionOf({ binding = {} }: ServiceDefinition): AmqpVersion | undefined {
  return VERSIONS.find((version) => version === binding['amqp']);
}

export function readTarget({ binding }: ServiceOperation, version: AmqpVersion): { readonly target: QueueTarget; readonly problems: readonly BindingProblem[] } {
  const problems: BindingProblem[] = [];
  const text = (name: string, wanted: boolean): string => {
    const value = binding[name] ?? '';
    if (typeof value !== 'string' || Buffer.byteLength(value) > LONGEST || (wanted && value === '')) problems.push({ at: `/${name}`, message: `Say "${name}": a text of at most ${LONGEST} bytes.` });
    return String(value);
  };
  const target = version === '1.0' ? { exchange: '', routingKey: '', address: text('address', true) } : { exchange: text('exchange', false), routingKey: text('routingKey', text('exchange', false) === ''), address: '' };
  return { target, problems };
}

/** What of a service cannot be spoken over AMQP. */
export function queueProblems(service: ServiceDefinition): readonly BindingProblem[] {
  const problems: BindingProblem[] = [];
  const version = versionOf(service);
  if (version === undefined) problems.push({ at: '/binding/amqp', message: `Say which AMQP it is: "amqp" is "${VERSIONS.join('" or "')}".` });
  if (!['basic', 'mtls', 'none'].includes(service.authentication.kind)) problems.push({ at: '/authentication/kind', message: 'A broker signs in by user and password ("basic") or by a certificate ("mtls").' });
  for (const [name, operation] of Object.entries(service.operations)) {
    const at = pointerOf('operations', name);
    if (operation.effect !== 'writes') problems.push({ at: `${at}/effect`, message: 'A message is sent, which is a write; what comes back is another message, which *event in* takes.' });
    if (operation.recovery.by === 'same-key' && !(operation.idempotency?.in === 'header' && operation.idempotency.name.toLowerCase() === 'message-id')) problems.push({ at: `${at}/idempotency`, message: 'A message that is sent again carries its key as message id, by which its receiver knows it: say {"in": "header", "name": "message-id"}.' });
    problems.push(...readTarget(operation, version ?? '0-9-1').problems.map((each) => ({ at: `${at}/binding${each.at}`, message: each.message })));
  }
  return problems;
}

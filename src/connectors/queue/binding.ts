import { isPointer, pointerOf } from '../../domain/json-pointer.ts';
import type { ServiceDefinition, ServiceOperation } from '../../domain/service/index.ts';
import { readForm } from '../files/index.ts';
import type { FileForm } from '../files/index.ts';

export const VERSIONS = ['0-9-1', '1.0'] as const;
export type AmqpVersion = typeof VERSIONS[number];

/** Where a message goes: exchange and routing key of AMQP 0-9-1 (the blank exchange leads to the queue of that name), or the address of 1.0. */
export interface QueueTarget { readonly exchange: string; readonly routingKey: string; readonly address: string }

export interface BindingProblem { readonly at: string; readonly message: string }

/** Where messages come from, and what stands in them. */
export interface QueueSource {
  /** Name of a queue of AMQP 0-9-1, or an address of 1.0. */
  readonly queue: string;
  readonly form: FileForm;
  /** JSON Pointer to what a document is known by; blank: the message id, and where there is none, its content. */
  readonly identity: string;
  /** Name of a list whose entries are documents of their own; blank: the message is one. */
  readonly each: string;
  readonly maxBytes: number;
  /** What the broker hears of a message that stands in quarantine. */
  readonly onBad: 'acknowledge' | 'reject';
}

const LONGEST = 255;
const MIB = 1_048_576;

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

export function readSource({ binding }: ServiceOperation, version: AmqpVersion): { readonly source: QueueSource; readonly problems: readonly BindingProblem[] } {
  const { form, problems } = readForm(binding, false);
  const wrong = (at: string, message: string): void => { problems.push({ at, message }); };
  const text = (name: string): string => (typeof binding[name] === 'string' ? binding[name].trim() : '');
  const where = version === '1.0' ? 'address' : 'queue';
  const queue = text(where);
  if (queue === '' || Buffer.byteLength(queue) > LONGEST) wrong(`/${where}`, `Say "${where}": where messages come from, in at most ${LONGEST} bytes.`);
  const [identity, each] = [text('identity'), text('each')];
  if (!isPointer(identity)) wrong('/identity', `"${identity}" is no JSON Pointer into the document, such as /number.`);
  if (each !== '' && 'layout' in form && form.layout.records.find(({ name }) => name === each)?.many !== true) wrong('/each', `"${each}" is no list of records of the layout.`);
  const maxBytes = binding['maxBytes'] ?? MIB;
  if (typeof maxBytes !== 'number' || !Number.isInteger(maxBytes) || maxBytes < 1 || maxBytes > 16 * MIB) wrong('/maxBytes', `"maxBytes" is a whole number from 1 to ${16 * MIB}.`);
  const onBad = binding['onBad'] ?? 'acknowledge';
  if (onBad !== 'acknowledge' && onBad !== 'reject') wrong('/onBad', '"onBad" is "acknowledge", or "reject" for a queue whose rejected messages go to a dead-letter exchange.');
  return { source: { queue, form, identity, each, maxBytes: Number(maxBytes), onBad: onBad === 'reject' ? 'reject' : 'acknowledge' }, problems };
}

/** What of a service cannot be spoken over AMQP. */
export function queueProblems(service: ServiceDefinition): readonly BindingProblem[] {
  const problems: BindingProblem[] = [];
  const version = versionOf(service);
  if (version === undefined) problems.push({ at: '/binding/amqp', message: `Say which AMQP it is: "amqp" is "${VERSIONS.join('" or "')}".` });
  if (!['basic', 'mtls', 'none'].includes(service.authentication.kind)) problems.push({ at: '/authentication/kind', message: 'A broker signs in by user and password ("basic") or by a certificate ("mtls").' });
  for (const [name, operation] of Object.entries(service.operations)) {
    const at = pointerOf('operations', name);
    if (operation.effect === 'reads') {
      problems.push(...readSource(operation, version ?? '0-9-1').problems.map((each) => ({ at: `${at}/binding${each.at}`, message: each.message })));
      continue;
    }
    if (operation.recovery.by === 'same-key' && !(operation.idempotency?.in === 'header' && operation.idempotency.name.toLowerCase() === 'message-id')) problems.push({ at: `${at}/idempotency`, message: 'A message that is sent again carries its key as message id, by which its receiver knows it: say {"in": "header", "name": "message-id"}.' });
    problems.push(...readTarget(operation, version ?? '0-9-1').problems.map((each) => ({ at: `${at}/binding${each.at}`, message: each.message })));
  }
  return problems;
}

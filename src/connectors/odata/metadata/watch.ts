import type { Json } from '../../../domain/json.ts';
import type { Outcome } from '../../driver.ts';
import type { OperationBinding } from '../binding.ts';
import type { Exchange, Speaking } from '../exchange.ts';
import { resourceUrl } from '../request/build.ts';
import type { Change } from './changes.ts';
import { changesOf } from './changes.ts';
import { hashOfModel, readMetadata } from './read.ts';
import { MetadataError } from './model.ts';

interface Looked { readonly at: number; readonly changes: readonly Change[] }

/** After a refusal metadata that were read within this time are recent enough to explain it. */
const recentMs = 60_000;

/**
 * Compares the service's metadata with those of the definition, at most once in the binding's time. An outcome when
 * something is gone that this very call uses; undefined when it can go on, be it because the metadata cannot be read now.
 */
export function* checkMetadata(speaking: Speaking, binding: OperationBinding, document: Json): Exchange<Outcome | undefined> {
  const { settings, call } = speaking;
  if (settings.metadataMinutes === 0) return undefined;
  const { changes } = yield* look(speaking, settings.metadataMinutes * 60_000);
  if (changes.length === 0) return undefined;
  const used = namesIn(document, namesIn(binding as unknown as Json, new Set()));
  const broken = changes.filter((change) => change.names.some((name) => used.has(name)));
  if (broken.length === 0) return undefined;
  return { kind: 'again', hopeless: true, problem: { title: `The service ${call.service.id} has changed since its definition was made: ${sentences(broken)}`, detail: 'Nothing was sent. Make a new version of the service definition from the metadata as they are now, or have the system changed back.', errorClass: 'metadata-changed' } };
}

/** A refusal, with what has changed in the service, which may well be why. */
export function* explained(outcome: Outcome, speaking: Speaking): Exchange<Outcome> {
  const { settings } = speaking;
  if (outcome.kind !== 'refused' || settings.metadataMinutes === 0 || ![400, 404, 405, 501].includes(outcome.problem.status ?? 0)) return outcome;
  const { changes } = yield* look(speaking, recentMs);
  if (changes.length === 0) return outcome;
  const detail = `Since the service definition was made, the service has changed: ${sentences(changes)}.`;
  return { ...outcome, problem: { ...outcome.problem, detail: outcome.problem.detail === undefined ? detail : `${outcome.problem.detail} ${detail}` } };
}

function* look({ settings, call, session }: Speaking, maxAgeMs: number): Exchange<Looked> {
  const key = `odata-metadata ${settings.path} ${hashOfDefinition(settings.metadata)}`;
  const last = call.memory.get(key) as Looked | undefined;
  if (last !== undefined && call.now - last.at < maxAgeMs) return last;
  const path = `${settings.path}/${resourceUrl({ resource: '$metadata', options: [] }, settings)}`;
  const result = yield* session.send({ method: 'GET', path, headers: { accept: 'application/xml' }, body: undefined, safe: true });
  let looked: Looked = { at: call.now, changes: last?.changes ?? [] };
  if (result.kind === 'response' && result.status === 200 && !result.truncated) {
    try {
      looked = { at: call.now, changes: changesOf(settings.metadata, readMetadata(result.body)) };
    } catch (error) {
      // Half a document or a sign-in page says nothing about the service: the call itself will tell.
      if (!(error instanceof MetadataError)) throw error;
      looked = { at: call.now, changes: last?.changes ?? [] };
    }
  }
  call.memory.set(key, looked);
  return looked;
}

const hashes = new WeakMap<object, string>();

function hashOfDefinition(model: Parameters<typeof hashOfModel>[0]): string {
  const known = hashes.get(model);
  if (known !== undefined) return known;
  const hash = hashOfModel(model);
  hashes.set(model, hash);
  return hash;
}

/** Every name and text in it: of members, of sets, of selected properties. */
function namesIn(value: Json, names: Set<string>): Set<string> {
  if (typeof value === 'string') for (const part of value.split(/[/,]/)) names.add(part);
  if (typeof value === 'string') names.add(value);
  if (Array.isArray(value)) for (const each of value as readonly Json[]) namesIn(each, names);
  else if (typeof value === 'object' && value !== null) {
    for (const [name, member] of Object.entries(value)) {
      names.add(name);
      namesIn(member as Json, names);
    }
  }
  return names;
}

const sentences = (changes: readonly Change[]): string => changes.slice(0, 5).map((change) => change.message).join(', ') + (changes.length > 5 ? `, and ${changes.length - 5} more` : '');

import { leastVersion, raisedEnough, serviceDifference, weightOf } from '../../domain/service/index.ts';
import type { ServiceChangeFound, ServiceDefinition, Weight } from '../../domain/service/index.ts';
import { compareVersions } from '../gate/rules/versions.ts';

/** What changed between two versions of a service, and whether the version says so. */
export interface VersionFit {
  readonly changes: readonly ServiceChangeFound[];
  /** The weightiest of them; undefined when nothing changed. */
  readonly weight: Weight | undefined;
  /** The least version that fits; undefined when nothing changed. */
  readonly least: string | undefined;
  /** One sentence; undefined when the version fits. */
  readonly problem: string | undefined;
}

const SAID: Readonly<Record<Weight, string>> = { breaking: 'Those who call may have to change', adding: 'Those who call get more, or another behaviour', repair: 'The definition was changed' };

/** Judges the version of `after` by what it changes of `before` (semver.org 2.0.0). */
export function versionFit(before: ServiceDefinition, after: ServiceDefinition): VersionFit {
  const changes = serviceDifference(before, after);
  const weight = weightOf(changes);
  if (before.id !== after.id) return { changes, weight, least: undefined, problem: `${after.id} is another service than ${before.id}; versions of one are compared.` };
  if (weight === undefined) return { changes, weight, least: undefined, problem: undefined };
  const least = leastVersion(before.version, weight);
  if (compareVersions(after.version, before.version) <= 0) return { changes, weight, least, problem: `Version ${after.version} does not come after ${before.version}; raise it to ${least} at least.` };
  return { changes, weight, least, problem: raisedEnough(before.version, after.version, weight) ? undefined : `${SAID[weight]}: version ${after.version} is not enough after ${before.version}; raise it to ${least} at least.` };
}

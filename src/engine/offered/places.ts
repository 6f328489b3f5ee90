import type { ServiceIntake } from './service-intake.ts';

interface Place { intake: ServiceIntake | undefined; goneAt: number }

/** How long an operation is answered with "come again" after its node was taken away: a deploy is under way. */
const HANDOVER_MS = 30_000;

/** One for the process: nodes and web are loaded apart. */
function places(): Map<string, Place> {
  const holder = globalThis as { [key: symbol]: unknown };
  return (holder[Symbol.for('waybill.service-intakes')] ??= new Map<string, Place>()) as Map<string, Place>;
}

const keyOf = (reference: string, operation: string): string => `${reference} ${operation}`;

/** Puts an operation up at this site; returns what takes it away. Throws RangeError when another node answers it. */
export function openServiceIntake(intake: ServiceIntake): (removed: boolean) => void {
  const key = keyOf(intake.reference, intake.operation);
  if (places().get(key)?.intake !== undefined) throw new RangeError(`Another service in node answers ${intake.operation} of ${intake.reference}; choose another operation, or remove one of the two.`);
  const place: Place = { intake, goneAt: 0 };
  places().set(key, place);
  return (removed) => {
    place.intake = undefined;
    place.goneAt = Date.now();
    if (removed && places().get(key) === place) places().delete(key);
  };
}

/** The node that answers an operation; `deploying` while its successor is on the way. */
export function serviceIntake(reference: string, operation: string): ServiceIntake | 'deploying' | undefined {
  const place = places().get(keyOf(reference, operation));
  return place?.intake ?? (place !== undefined && Date.now() - place.goneAt < HANDOVER_MS ? 'deploying' : undefined);
}

/** What nodes of this site answer now. */
export function operationsHere(): readonly { readonly reference: string; readonly operation: string }[] {
  return [...places().values()].flatMap(({ intake }) => (intake === undefined ? [] : [{ reference: intake.reference, operation: intake.operation }]));
}

/** Operations of a version that this site answers now. */
export function answeredHere(reference: string): ReadonlySet<string> {
  return new Set([...places().values()].flatMap(({ intake }) => (intake?.reference === reference ? [intake.operation] : [])));
}

/** Events of other systems: which are taken, what becomes of them, and that all of it is recorded before they are acknowledged. */
export { nameFilter, type NameFilter } from './filter.ts';
export { EventIntake, type EventIntakeOptions, type EventIntakePort, type EventOutcome, type ReceivedEvents } from './intake.ts';
export { eventOpening, transportIdOf, type EventOpening } from './opening.ts';
export { EventReader, type EventReaderOptions, type NamedContract, type SchemaPolicy, type Judged, type ReadEvent } from './reader.ts';

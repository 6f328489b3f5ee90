/** EDI: X12 and EDIFACT, read and written, as plain documents by maps, and acknowledged. Pure. */
export { acknowledge } from './acknowledge.ts';
export type { Acknowledging } from './acknowledge.ts';
export { acknowledgementEvent, acknowledgementKey, lastNumber, partyName, readReceiveBinding, readSendBinding, sequenceName } from './binding.ts';
export type { EdiParty, ReceiveBinding, SendBinding } from './binding.ts';
export { ediDriver } from './driver.ts';
export { documentSchema } from './document-schema.ts';
export { controlNumberKey, findDuplicates } from './duplicates.ts';
export type { ControlNumberKey, ControlNumbers } from './duplicates.ts';
export { fromJson, toJson } from './file.ts';
export type { JsonFile, JsonGroup, JsonInterchange, JsonMessage } from './file.ts';
export { readMessage, writeMessage } from './map-document.ts';
export type { EdiDocument, MessageMap } from './map-types.ts';
export { mapFor, messageMaps } from './maps.ts';
export { EdiReader, readEdi } from './reader.ts';
export type { EdiFile, EdiItem } from './reader.ts';
export { EdiError } from './types.ts';
export type { EdiFault, EdiFinding, EdiLimits, EdiPlace, Interchange } from './types.ts';
export { writeInterchange, writeInterchanges } from './writer.ts';

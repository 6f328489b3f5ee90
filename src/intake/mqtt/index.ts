/** Scans over MQTT: where they come from, what they are turned into, what docks are told. */
export { explainFailure, withoutPassword, type ConnectionFailure } from './connection-texts.ts';
export { DisplayBoard, fillTopic, type Display, type DisplayMessage } from './display-board.ts';
export { displayText, type DisplayEvent } from './display-texts.ts';
export { embeddedBrokerSlot, runningEmbeddedBroker, startEmbeddedBroker, type EmbeddedBroker, type EmbeddedBrokerOptions } from './embedded-broker.ts';
export { MqttIntakeError, type MqttIntakeErrorCode } from './errors.ts';
export { MqttClientSource, type BrokerTls, type MqttClientSourceOptions } from './mqtt-client-source.ts';
export { ScanIntake, type QuarantinedScan, type ScanCounter, type ScanIntakeOptions, type ScanIntakePort, type ScanOpeningResult, type ScanOutcome } from './scan-intake.ts';
export { operatorMissingText, rejectionText, ScanReader, type ScanReaderOptions, type ScanReading } from './scan-reader.ts';
export { scanOpening, type ScanOpening, type ScanOpeningOptions } from './scan-opening.ts';
export { defaultInFlightBound, type InFlightBound, type ScanAttachment, type ScanMessage, type ScanSource, type ScanSubscription, type SourceCounters, type SourceProblem, type SourceState, type TopicClaim } from './scan-source.ts';
export { stateFor } from './source-states.ts';

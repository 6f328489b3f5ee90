/** Scans over MQTT: where they come from, what they are turned into, what docks are told. */
export { BrokerEnded, explainFailure, withoutPassword, type ConnectionFailure } from './connection-texts.ts';
export { DisplayBoard, fillTopic, type Display, type DisplayMessage } from './display-board.ts';
export type { BrokerDevices, DeviceLogin, DeviceSignIn, SignedInDevice } from './device-sessions.ts';
export { displayText, type DisplayEvent } from './display-texts.ts';
export { embeddedBrokerSlot, runningEmbeddedBroker, startEmbeddedBroker, type EmbeddedBroker, type EmbeddedBrokerOptions } from './embedded-broker.ts';
export { MqttIntakeError, type MqttIntakeErrorCode } from './errors.ts';
export { MqttClientSource, type BrokerTls, type MqttClientSourceOptions } from './mqtt-client-source.ts';
export { ScanIntake, type QuarantinedScan, type ScanBegin, type ScanCounter, type ScanDevices, type ScanIntakeOptions, type ScanIntakePort, type ScanOpeningResult, type ScanOutcome } from './scan-intake.ts';
export { operatorMissingText, rejectionText, ScanReader, type ScanReaderOptions, type ScanReading } from './scan-reader.ts';
export { scanOpening, type ScanOpening, type ScanOpeningOptions } from './scan-opening.ts';
export { defaultInFlightBound, type InFlightBound, type MessageSender, type PublishProperties, type ScanAttachment, type ScanMessage, type ScanSource, type ScanSubscription, type SourceCounters, type SourceProblem, type SourceState, type TopicClaim } from './scan-source.ts';
export { ScanFeedback, WAIT_MS, type ScanFeedbackOptions } from './scan-feedback.ts';
export { FEEDBACK_FORMATS, feedbackMessages, type Feedback, type FeedbackFormat } from './feedback-formats.ts';
export { FEEDBACK_LANGUAGES, feedbackText, type FeedbackKind, type FeedbackLanguage } from './feedback-texts.ts';
export { TriggerWindow, type FirstPull, type Pull } from './trigger-window.ts';
export { SourceStates, stateFor } from './source-states.ts';
export { compileTopicFilter, hasFixedLevel, isTopicFilter } from './topic-filter.ts';
export type { Delivery, OutgoingMessage } from './outgoing.ts';

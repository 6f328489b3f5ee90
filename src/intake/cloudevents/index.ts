/** CloudEvents 1.0: from bytes to events and back, over MQTT and HTTP. Pure, no I/O. */
export { attributesOf, checkAttributes, instantOf, saysJson } from './attributes.ts';
export { faultText } from './faults.ts';
export { decodeHeader, decodeHttp, encodeHeader, encodeHttp, encodeHttpBatch, type HttpEvent, type HttpHeaders } from './http-binding.ts';
export { BATCHED, decodeDocument, STRUCTURED, toDocument } from './json-format.ts';
export { asStructured, decodeMqtt, encodeMqtt, type MqttEvent, type MqttProperties } from './mqtt-binding.ts';
export type { AttributeValue, CloudEvent, Decoded, DecodedMessage, EventData, EventFault, EventFaultCode, EventLimits } from './types.ts';

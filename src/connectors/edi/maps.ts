import codes from './maps/codes.json' with { type: 'json' };
import contrl from './maps/edifact-contrl.json' with { type: 'json' };
import desadv from './maps/edifact-desadv.json' with { type: 'json' };
import invoic from './maps/edifact-invoic.json' with { type: 'json' };
import orders from './maps/edifact-orders.json' with { type: 'json' };
import ordrsp from './maps/edifact-ordrsp.json' with { type: 'json' };
import recadv from './maps/edifact-recadv.json' with { type: 'json' };
import envelope from './maps/envelope.json' with { type: 'json' };
import x12810 from './maps/x12-810.json' with { type: 'json' };
import x12850 from './maps/x12-850.json' with { type: 'json' };
import x12855 from './maps/x12-855.json' with { type: 'json' };
import x12856 from './maps/x12-856.json' with { type: 'json' };
import x12940 from './maps/x12-940.json' with { type: 'json' };
import x12943 from './maps/x12-943.json' with { type: 'json' };
import x12944 from './maps/x12-944.json' with { type: 'json' };
import x12945 from './maps/x12-945.json' with { type: 'json' };
import x12997 from './maps/x12-997.json' with { type: 'json' };
import x12999 from './maps/x12-999.json' with { type: 'json' };
import type { CodeLists, EnvelopeMap, MessageMap } from './map-types.ts';
import type { EdiStandard } from './types.ts';

const all: unknown = [x12850, x12855, x12856, x12940, x12943, x12944, x12945, x12810, x12997, x12999, orders, ordrsp, desadv, recadv, invoic, contrl];

/** The maps of the package; a test holds each against maps/map.schema.json. */
export const messageMaps = all as readonly MessageMap[];
export const codeLists: CodeLists = codes;
export const envelopeMap: EnvelopeMap = envelope as unknown as EnvelopeMap;

export const mapFor = (standard: EdiStandard, message: string): MessageMap | undefined => messageMaps.find((map) => map.standard === standard && map.message === message);

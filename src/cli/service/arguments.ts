import type { Arguments } from '../arguments.ts';

/** Options of all `waybill service` commands. */
export const options = {
  json: { type: 'boolean' }, out: { type: 'string' }, id: { type: 'string' }, title: { type: 'string' }, owner: { type: 'string' }, system: { type: 'string' }, protocol: { type: 'string' }, operation: { type: 'string', multiple: true },
  from: { type: 'string', multiple: true }, 'token-file': { type: 'string' }, home: { type: 'string' }, service: { type: 'string', multiple: true }, until: { type: 'string' }, subject: { type: 'string' }, issuer: { type: 'string' }, audience: { type: 'string' }, claim: { type: 'string' }, value: { type: 'string' }, quiet: { type: 'boolean' }, help: { type: 'boolean', short: 'h' },
} as const;

/** What follows `waybill service <command>`. */
export type ServiceArguments = Arguments<typeof options>;

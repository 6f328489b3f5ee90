import type { Arguments } from '../arguments.ts';

/** Options of all `waybill template` commands. */
export const options = {
  json: { type: 'boolean' }, only: { type: 'string' }, jobs: { type: 'string' }, 'node-red': { type: 'string' }, help: { type: 'boolean', short: 'h' },
  out: { type: 'string' }, id: { type: 'string' }, title: { type: 'string' }, summary: { type: 'string' }, owner: { type: 'string' }, kind: { type: 'string' }, from: { type: 'string' },
} as const;

/** What follows `waybill template <command>`. */
export type TemplateArguments = Arguments<typeof options>;

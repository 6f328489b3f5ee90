/** Options of all `waybill template` commands. */
export const options = {
  json: { type: 'boolean' }, only: { type: 'string' }, jobs: { type: 'string' }, 'node-red': { type: 'string' }, help: { type: 'boolean', short: 'h' },
  out: { type: 'string' }, id: { type: 'string' }, title: { type: 'string' }, summary: { type: 'string' }, owner: { type: 'string' }, kind: { type: 'string' }, from: { type: 'string' },
} as const;

export interface TemplateArguments {
  readonly values: {
    readonly json?: boolean; readonly only?: string; readonly jobs?: string; readonly 'node-red'?: string;
    readonly out?: string; readonly id?: string; readonly title?: string; readonly summary?: string; readonly owner?: string; readonly kind?: string; readonly from?: string;
  };
  readonly positionals: readonly string[];
}

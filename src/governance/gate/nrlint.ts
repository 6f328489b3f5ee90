import { nrlintRules } from './rules/nrlint.ts';

/** The plugin of nrlint's command line: `plugins: ['@waybill/node-red/nrlint']` in `.nrlintrc.js`. */
export const nrlint = nrlintRules();

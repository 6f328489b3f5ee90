import process from 'node:process';

/**
 * Set by `npm run test:long`: a test that looks at the same thing in many combinations (lines of Node-RED, sizes, themes, languages)
 * takes all of them; otherwise those in which each value occurs, and what depends on it is seen.
 */
export const EVERY_COMBINATION = process.env['WAYBILL_EVERY_COMBINATION'] === '1';

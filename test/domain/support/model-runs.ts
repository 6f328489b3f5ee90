/** How many random runs a deciders' model is played for: 300 in `npm test`, 10,000 in `npm run test:long`. */
export const modelRuns = Number(process.env['WAYBILL_MODEL_RUNS'] ?? 300);

/** Time for all of them, ms. */
export const modelTimeoutMs = 60_000 + modelRuns * 200;

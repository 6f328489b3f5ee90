const asked = process.env['WAYBILL_MODEL_RUNS'] ?? '300';

/** How many random runs a deciders' model is played for: 300 in `npm test`, 10,000 in `npm run test:long`. */
export const modelRuns = Number(asked);
if (!Number.isInteger(modelRuns) || modelRuns < 1) throw new RangeError(`WAYBILL_MODEL_RUNS is "${asked}"; give a whole number of at least 1.`);

/** Time for all of them, ms. */
export const modelTimeoutMs = 60_000 + modelRuns * 200;

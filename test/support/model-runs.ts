/** Random runs of a model-based test: 300 in `npm test`, 10,000 in `npm run test:long`. */
export function modelRuns(): number {
  const asked = Number(process.env['WAYBILL_MODEL_RUNS'] ?? '300');
  if (!Number.isInteger(asked) || asked < 1) throw new RangeError(`WAYBILL_MODEL_RUNS is "${process.env['WAYBILL_MODEL_RUNS'] ?? ''}"; give a whole number of at least 1.`);
  return asked;
}

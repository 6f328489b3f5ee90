import assert from 'node:assert/strict';
import { amountsFor, withAmount } from '../../src/domain/service/index.ts';
import { CaseCosts, costOfCase, paidEffects } from '../../src/engine/services/health/case-costs.ts';
import { countCall, countedSince, countOther, newFigures, SLICE_MS } from '../../src/engine/services/health/figures.ts';
import { healthMetrics } from '../../src/engine/services/health/health-metrics.ts';
import { latencyBins, percentile, binOf } from '../../src/engine/services/health/latency.ts';
import { OpenCalls } from '../../src/engine/services/health/open-calls.ts';
import { metricsText } from '../../src/web/server/metrics-text.ts';

const at = Date.parse('2026-03-02T10:00:00Z');
const failure = { caseId: 'c', effectId: 'e', callId: 'k', operation: 'post', errorClass: null, httpStatus: null };

describe('figures of services', () => {
  it('count calls by quarter of an hour, a day long', () => {
    const figures = newFigures('erp/stock@1.0.0', 'erp-1', new Date(at).toISOString());
    for (let quarter = 0; quarter < 120; quarter++) countCall(figures, { outcome: quarter % 4 === 0 ? 'transient' : 'success', durationMs: 40, now: at + quarter * SLICE_MS, failure });
    countOther(figures, 'retries', at + 119 * SLICE_MS);
    assert.deepEqual([figures.total.success, figures.total.transient, figures.slices.length, figures.failures.length], [90, 30, 96, 12]);
    const hour = countedSince(figures, at + 119 * SLICE_MS - 3_600_000 + SLICE_MS);
    assert.deepEqual([hour.success + hour.transient, hour.retries], [4, 1]);
    countCall(figures, { outcome: 'success', durationMs: 40, now: at, failure });
    assert.equal(figures.slices.length, 96, 'a clock that went back makes no slice');
  });

  it('tell the time within which a share of the calls was answered', () => {
    const bins = latencyBins();
    assert.equal(percentile(bins, 0.5), null);
    for (let ms = 1; ms <= 100; ms++) bins[binOf(ms)]! += 1;
    assert.deepEqual([percentile(bins, 0.5), percentile(bins, 0.95), percentile(bins, 1)], [50, 95, 100]);
    bins[binOf(1e9)]! += 1;
    assert.equal(percentile(bins, 1), 120_000);
  });

  it('sum money by currency, exactly', () => {
    const sum = Array.from({ length: 10 }).reduce<Readonly<Record<string, string>>>((all) => withAmount(all, { amount: '0.1', currency: 'EUR' }), { USD: '0.30' });
    assert.deepEqual(sum, { USD: '0.30', EUR: '1' });
    assert.deepEqual(amountsFor({ EUR: '1', JPY: '10' }, 3), { EUR: '0.3333', JPY: '3.33' });
    const costOf = (service: string) => (service === 'carrier/labels@1.0.0' ? { amount: '0.12', currency: 'EUR' } : undefined);
    assert.deepEqual(costOfCase([{ service: 'carrier/labels@1.0.0', lastOutcome: 'success' }, { service: 'carrier/labels@1.0.0', lastOutcome: 'permanent' }, { service: 'carrier/labels@1.0.0', lastOutcome: 'unknown' }, { service: 'x' }], costOf), { EUR: '0.24' });
    const intended = { type: 'EffectIntended', data: { effectId: 'e', service: 'carrier/labels@1.0.0' } };
    const ended = { type: 'CallEnded', data: { effectId: 'e', outcome: 'unknown' } };
    const happened = { type: 'OutcomeResolved', data: { effectId: 'e', outcome: 'happened' } };
    assert.deepEqual([[intended, ended], [intended, ended, happened]].map((events) => costOfCase(paidEffects(events as never), costOf)), [{}, { EUR: '0.12' }]);
  });

  it('keep three months of what closed cases cost, by template', () => {
    const costs = new CaseCosts();
    for (const month of ['2026-01', '2026-02', '2026-03', '2026-04']) for (const amount of ['0.10', '0.20']) costs.closed('receiving@1.0.0', { EUR: amount }, `${month}-05T00:00:00Z`);
    assert.deepEqual(costs.all().map(({ month, closed, amounts }) => [month, closed, amounts]), ['2026-02', '2026-03', '2026-04'].map((month) => [month, 2, { EUR: '0.3' }]));
  });

  it('know which calls are open, until they are answered, replayed, or their case ends', () => {
    const open = new OpenCalls();
    open.mark('c1', 'e1', 'k', { unknown: true });
    open.mark('c1', 'e1', 'k', { dead: true });
    open.mark('c2', 'e2', 'k', { dead: true });
    open.mark('c3', 'e3', 'k', { unknown: false });
    assert.deepEqual(open.counts().get('k'), { dead: 2, unknown: 1 });
    open.mark('c1', 'e1', 'k', { dead: false });
    open.closed('c2');
    assert.deepEqual(open.counts().get('k'), { dead: 0, unknown: 1 });
    open.mark('c1', 'e1', 'k', { unknown: false });
    assert.equal(open.counts().size, 0);
  });

  it('are metrics of two labels, whatever a node calls its system', () => {
    const figures = newFigures('erp/stock@1.0.0', 'E"R\\P\n1', new Date(at).toISOString());
    for (const ms of [8, 80, 800]) countCall(figures, { outcome: 'success', durationMs: ms, now: at, failure });
    const text = metricsText({ ledger: undefined, ...healthMetrics([figures], []) }, 'ready');
    const labels = String.raw`service="erp/stock@1.0.0",system="E\"R\\P\n1"`;
    assert.ok(text.includes(`# TYPE waybill_service_calls_total counter\nwaybill_service_calls_total{${labels},outcome="success"} 3\n`), text);
    assert.ok(text.includes(`# TYPE waybill_service_call_seconds histogram\nwaybill_service_call_seconds_bucket{${labels},le="0.01"} 1\n`) && text.includes(`le="0.1"} 2\n`) && text.includes(`le="+Inf"} 3\nwaybill_service_call_seconds_sum{${labels}} 0.888\nwaybill_service_call_seconds_count{${labels}} 3\n`), text);
  });
});

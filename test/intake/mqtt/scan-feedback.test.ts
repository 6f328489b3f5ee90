import assert from 'node:assert/strict';
import { feedbackMessages, feedbackText, FEEDBACK_FORMATS, ScanFeedback, ScanIntake, type PublishProperties, type ScanFeedbackOptions, type ScanIntakeOptions } from '../../../src/intake/mqtt/index.ts';
import { LedgerError } from '../../../src/ledger/port.ts';
import { EngineDouble, message } from './support/engine-double.ts';
import { settle, until } from './support/device.ts';

const SSCC = '(00)340123450000000086';
const START = Date.UTC(2026, 10, 28);

interface Sent { readonly topic: string; readonly body: Record<string, unknown>; readonly properties: PublishProperties }

describe('what a scanner is told', () => {
  let engine: EngineDouble;
  let sent: Sent[];
  let counted: string[];
  let closers: (() => void)[];

  function answering(feedback: Partial<ScanFeedbackOptions> = {}, options: Partial<ScanIntakeOptions> = {}): (taken: ReturnType<typeof message>) => Promise<void> {
    const answers = new ScanFeedback({
      format: 'json', topic: '{enterprise}/{site}/{area}/{station}/{device}/answer', language: 'en', takes: (topic) => topic.endsWith('/scan'),
      publish: (topic, payload, properties) => { sent.push({ topic, body: JSON.parse(payload) as Record<string, unknown>, properties }); return true; },
      stamp: { now: () => START, uuid: () => '02114da8-feae-46e3-8b00-a3f7ea8672df' }, count: (name) => counted.push(name), waitMs: 40, ...feedback,
    });
    const intake = new ScanIntake(engine, {
      pattern: '{enterprise}/{site}/{area}/{station}/scan', preset: 'auto', fnc1: '', maxBytes: 65_536, operatorRequired: false, process: 'procure-to-pay', template: 'receiving@1.0.0',
      enterprise: 'acme', site: 'dc-1', uniqueScope: 'receiving', clock: () => START, retry: { minMs: 2, maxMs: 4 },
      onBegin: (begin) => { answers.begun(begin); }, onOutcome: (outcome) => { answers.became(outcome); }, ...options,
    });
    closers.push(() => { intake.close(); answers.close(); });
    return (taken) => answers.watch(taken, () => intake.take(taken));
  }

  beforeEach(() => {
    engine = new EngineDouble();
    sent = [];
    counted = [];
    closers = [];
  });
  afterEach(() => { for (const close of closers) close(); });

  it('is good, once it is durable, with LED, beep and text, on the topic of its station', async () => {
    await answering()(message({ id: 'a', code: SSCC, device: 'ring-1' }));
    assert.deepEqual(sent, [{
      topic: 'acme/dc-1/receiving/dock-1/ring-1/answer', properties: { expirySeconds: 5 },
      body: { kind: 'good', led: 'green', beep: 'short', text: 'Recorded', title: 'SSCC 340123450000000086', device: 'ring-1', caseId: 'case-1' },
    }]);
    assert.deepEqual(counted, ['feedback_good']);
  });

  it('is bad when it was scanned before, and when it cannot be read, with what to do', async () => {
    const take = answering({ language: 'de' });
    engine.answers.push({ kind: 'repeat', caseId: 'case-7', closed: false });
    await take(message({ code: SSCC, device: 'ring-1' }));
    await take(message({ code: '(00)340123450000000087', device: 'ring-1' }));
    assert.deepEqual(sent.map(({ body }) => [body['kind'], body['led'], body['beep'], body['text'], body['caseId']]), [
      ['bad', 'red', 'long', 'Schon gescannt', 'case-7'], ['bad', 'red', 'long', 'Etikett beschädigt: ein anderes nehmen', undefined],
    ]);
  });

  it('is to wait while the ledger takes nothing, once, and then good', async () => {
    const take = answering();
    engine.setAccepting(false);
    const taken = take(message({ code: SSCC, device: 'ring-1' }));
    await until(() => sent.length === 1);
    await settle(120);
    assert.deepEqual(sent.map(({ body }) => [body['kind'], body['led'], body['text'], body['device']]), [['wait', 'yellow', 'Please wait', 'ring-1']]);
    engine.setAccepting(true);
    await taken;
    assert.deepEqual(sent.map(({ body }) => body['kind']), ['wait', 'good']);
  });

  it('is not told to wait when it is quick', async () => {
    await answering()(message({ code: SSCC, device: 'ring-1' }));
    await settle(120);
    assert.deepEqual(counted, ['feedback_good']);
  });

  it('goes to the response topic of the message with its correlation data', async () => {
    const correlationData = Buffer.from([0, 1, 255]);
    await answering({ topic: '' })(message({ code: SSCC }, { responseTopic: 'clients/ring-1/answers', correlationData }));
    assert.deepEqual(sent.map(({ topic, properties }) => [topic, properties]), [['clients/ring-1/answers', { expirySeconds: 5, correlationData }]]);
  });

  it('never goes where scans are taken, where the broker speaks, or to many', async () => {
    const take = answering();
    for (const responseTopic of ['acme/dc-1/receiving/dock-2/scan', '$SYS/x', 'a/#', 'a/+/b', '', 'x'.repeat(513)]) await take(message({ code: SSCC, device: 'r' }, { responseTopic }));
    assert.deepEqual([sent, new Set(counted)], [[], new Set(['feedback_unsent'])]);
  });

  it('is one answer for a batch: bad when one of it is bad', async () => {
    await answering({ topic: '{enterprise}/answer' })(message([{ code: SSCC }, { code: '(01)09506000134353' }]));
    assert.deepEqual(sent.map(({ body }) => body['kind']), ['bad']);
  });

  it('stays out when the message is given back, was kept by the broker, or no topic can be made', async () => {
    const take = answering();
    await take(message({ code: SSCC }, { retain: true }));
    await take(message({ code: 'no label at all', device: 'a/b' }));
    assert.deepEqual(counted, ['feedback_unsent']);
    engine.answers.push(new LedgerError('unavailable', 'the disk is full'));
    let gone = false;
    const lost = take(message({ code: SSCC, device: 'ring-1' }, { gone: () => gone }));
    gone = true;
    await assert.rejects(lost);
    assert.deepEqual(sent, []);
  });

  it('speaks ProGlove to the gateway that the message names', async () => {
    const take = answering({ format: 'proglove-display', topic: 'proglove/gateway/{gateway_serial}/{command}', language: 'de' });
    await take(message({ event_type: 'scan', event_id: 'e-1', time_created: START, scan_code: '(00)340123450000000087', device_serial: 'MDMR000000064', gateway_serial: 'PGGW1' }));
    assert.deepEqual(sent.splice(0).map(({ topic, body }) => [topic, body['feedback_action_id'] ?? body['display_template_id']]), [['proglove/gateway/PGGW1/feedback!', 'FEEDBACK_NEGATIVE'], ['proglove/gateway/PGGW1/display!', 'PG1E']]);
    await take(message({ event_type: 'scan', event_id: 'e-2', time_created: START, scan_code: SSCC, device_serial: 'MDMR000000064', gateway_serial: 'PGGW1' }));
    const head = { event_id: '02114da8-feae-46e3-8b00-a3f7ea8672df', time_created: START, device_serial: 'MDMR000000064' };
    assert.deepEqual(sent.map(({ topic, body }) => [topic, body]), [
      ['proglove/gateway/PGGW1/feedback!', { api_version: '1.1', event_type: 'feedback!', ...head, feedback_action_id: 'FEEDBACK_POSITIVE', event_time_to_live_duration: 5_000 }],
      ['proglove/gateway/PGGW1/display!', {
        api_version: '1.0', event_type: 'display!', ...head, time_validity_duration: 5_000, display_template_id: 'PG1C', display_refresh_type: 'DEFAULT',
        display_fields: [{ display_field_id: 1, display_field_header: 'SSCC 340123450000000086', display_field_text: 'Erfasst' }],
      }],
    ]);
  });

  it('is ASCII for ProGlove, and fits its fields', () => {
    const text = feedbackText('de', { reason: 'bad-check-digit' });
    for (const format of FEEDBACK_FORMATS.filter((each) => each !== 'json')) {
      for (const { payload } of feedbackMessages(format, { kind: 'bad', text, title: 'Ä'.repeat(90), device: 'd' }, { now: START, uuid: () => 'u' })) {
        assert.match(payload, /^[\u0020-\u007e]+$/);
        const { display_fields: fields } = JSON.parse(payload) as { display_fields?: readonly { display_field_header: string; display_field_text: string }[] };
        if (fields !== undefined) assert.deepEqual(fields.map((field) => [field.display_field_header.length, field.display_field_text]), [[40, text]]);
      }
    }
  });
});

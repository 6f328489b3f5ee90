import type { CaseCommand, CaseState, Effect, JsonObject } from '../../domain/index.ts';
import { addressKey } from '../../domain/index.ts';
import type { NoticeChannel } from '../../domain/events.ts';
import { hookProblem } from '../../connectors/notify/http-post.ts';
import { manyLines, MAX_SUBJECT, oneLine } from '../../connectors/notify/plain.ts';
import { nextDelay } from '../../connectors/resilience/backoff.ts';
import type { RetryPolicy } from '../../connectors/resilience/backoff.ts';
import { systemWatch } from '../../connectors/resilience/system-watch.ts';
import type { StepPattern } from '../api.ts';
import type { StepContext } from '../step-context.ts';
import { hashJson, idempotencyKey } from '../support/hashing.ts';
import { deliver, whoProblem } from './notify-delivery.ts';
import type { Delivered, NotifyRequest, NotifyTargets } from './notify-delivery.ts';
import { asText, ConfigError, positive } from './typed.ts';

/** Config of a `notify` node. Addresses of hooks are credentials: they leave this process only to their own server. */
export interface NotifyConfig {
  readonly to: 'role' | 'person' | 'address'; readonly role: string; readonly person: string; readonly personType: string; readonly address: string; readonly addressType: string;
  readonly mail: boolean; readonly teams: boolean; readonly slack: boolean; readonly webhook: boolean;
  readonly subject: string; readonly subjectType: string; readonly text: string; readonly textType: string; readonly link: boolean;
  readonly maxAttempts: number | string; readonly maxMinutes: number | string;
  readonly credentials?: { readonly teamsUrl?: string; readonly slackUrl?: string; readonly webhookUrl?: string; readonly webhookSecret?: string };
}

/** Longest text of a message; what is beyond is behind the link. */
const MAX_TEXT = 10_000;
const output = { told: 0, gaveUp: 1 } as const;
const names = { mail: 'mail', teams: 'Teams', slack: 'Slack', webhook: 'the webhook' } as const;

function channelsOf(config: NotifyConfig): readonly NoticeChannel[] {
  return (['mail', 'teams', 'slack', 'webhook'] as const).filter((channel) => config[channel]);
}

/** The newest generation of what this run told by a channel. */
function effectOf(state: CaseState, runId: string, channel: NoticeChannel): Effect | undefined {
  return Object.values(state.effects).filter((e) => e.runId === runId && e.system === channel).reduce<Effect | undefined>((a, b) => (a === undefined || b.generation > a.generation ? b : a), undefined);
}

/** Whether the policy gave up on a call that ended without success. */
const gaveUp = (effect: Effect): boolean => effect.state === 'known' && effect.lastOutcome !== 'success';

/** Tells people or channels, one channel after the other: intention first, then the message, retried under one key (PROTOCOL §3). At least once. */
export function notifyPattern(config: NotifyConfig): StepPattern {
  const channels = channelsOf(config);
  if (channels.length === 0) throw new ConfigError('This step tells nobody: tick mail, Teams, Slack or a webhook, and deploy.');
  if (config.mail && config.to === 'role' && !config.role) throw new ConfigError('This step is to mail a role but names none; say which, and deploy.');
  const targets: NotifyTargets = config.credentials ?? {};
  for (const [url, whose] of [[targets.teamsUrl, 'Teams'], [targets.slackUrl, 'Slack'], [targets.webhookUrl, 'the webhook']] as const) {
    const wrong = url === undefined || url === '' ? undefined : hookProblem(url, whose);
    if (wrong !== undefined) throw new ConfigError(wrong);
  }
  const policy: RetryPolicy = { maxAttempts: Math.round(positive(config.maxAttempts, 12)), maxElapsedMs: positive(config.maxMinutes, 1_440) * 60_000, baseDelayMs: 2_000, maxDelayMs: 300_000 };

  async function request(step: StepContext, channel: NoticeChannel): Promise<NotifyRequest> {
    const subject = oneLine(asText(await step.evaluate(config.subject, config.subjectType)), MAX_SUBJECT);
    if (subject === '') throw new Error('The subject of the message is empty; give it one in the node, or see what its expression gives.');
    const text = manyLines(asText(await step.evaluate(config.text, config.textType)), MAX_TEXT);
    const message = { channel, subject, text, link: config.link };
    if (channel !== 'mail') return message;
    if (config.to === 'role') return { ...message, role: config.role };
    if (config.to === 'person') {
      const account = asText(await step.evaluate(config.person, config.personType)).trim();
      const [reader] = await step.telling?.readers({ account }) ?? [];
      // The ledger knows people by their pseudonym.
      return { ...message, person: reader?.pseudonym ?? '' };
    }
    return { ...message, address: asText(await step.evaluate(config.address, config.addressType)).trim() };
  }

  /** False when a guard stopped it. */
  async function intend(step: StepContext, channel: NoticeChannel, generation: number): Promise<boolean> {
    const asked: JsonObject = { ...await request(step, channel) };
    const here = Object.values(step.state.runs).filter((run) => addressKey(run.address) === addressKey(step.address));
    const visit = here.findIndex((run) => run.runId === step.runId) + 1;
    const result = await step.commit((state) => [{
      type: 'IntendEffect', effectId: step.newId(), runId: step.runId, generation,
      idempotencyKey: idempotencyKey(step.ledgerId, step.caseId, `${addressKey(step.address)}#${channel}`, visit, generation),
      requestHash: hashJson(asked), system: channel, service: '', operation: 'notify', recovery: 'safe', request: asked,
      callId: step.newId(), at: step.now(), guards: step.guards(state), exceptionId: step.newId(),
    }]);
    return !result.events.some((event) => event.type === 'GuardBreached');
  }

  async function call(step: StepContext, effect: Effect): Promise<void> {
    const asked = effect.request as NotifyRequest | undefined;
    if (asked === undefined || effect.openCallId === undefined) throw new ConfigError('The message was erased; it cannot be sent again.');
    const started = performance.now();
    systemWatch.started(effect.system, 1);
    let result: Delivered | undefined;
    try {
      result = await deliver(step, targets, asked, effect);
    } finally {
      systemWatch.ended(effect.system, result !== undefined && (result.told.ok || result.told.kind === 'permanent'));
    }
    const { told, response } = result;
    const end = (outcome: 'success' | 'transient' | 'permanent', errorClass?: string): CaseCommand => ({
      type: 'EndCall', effectId: effect.effectId, callId: effect.openCallId ?? '', outcome, durationMs: Math.round(performance.now() - started),
      ...(errorClass === undefined ? {} : { errorClass }), ...(told.ok ? {} : { error: told.message }), response,
    });
    if (told.ok) {
      await step.commit([end('success')]);
      return;
    }
    if (told.kind === 'permanent') {
      await step.commit([end('permanent', told.errorClass)]);
      return;
    }
    const elapsed = step.clock.now() - Date.parse(effect.roundStartedAt);
    const delay = told.kind === 'settings' ? undefined : nextDelay(policy, effect.callsInRound, elapsed, told.retryAfterMs, Math.random);
    if (delay === undefined) {
      // With a way out of its own, the case goes on; else it waits until somebody has mended what is wrong and replays it.
      await step.commit(step.isWired(output.gaveUp) ? [end('permanent', told.errorClass)]
        : [end('transient', told.errorClass), { type: 'DeadLetter', effectId: effect.effectId, deadLetterId: step.newId(), reason: told.errorClass }]);
      return;
    }
    const dueAt = new Date(step.clock.now() + delay).toISOString();
    await step.commit([end('transient', told.errorClass), { type: 'ScheduleRetry', effectId: effect.effectId, callId: effect.openCallId, dueAt }]);
    systemWatch.retryAt(effect.system, dueAt);
    step.count('retries_scheduled');
  }

  /** Brings one channel to its end; false when something else has to happen first. */
  async function settle(step: StepContext, channel: NoticeChannel): Promise<boolean> {
    for (let turn = 0; turn < 6; turn++) {
      const effect = effectOf(step.state, step.runId, channel);
      if (effect === undefined) {
        if (!await intend(step, channel, 1)) return false;
        await callNow(step, channel);
        continue;
      }
      switch (effect.state) {
        case 'calling':
          // The process ended while this message was under way: it is sent again under its key.
          await step.commit([{ type: 'EndCall', effectId: effect.effectId, callId: effect.openCallId ?? '', outcome: 'transient', errorClass: 'interrupted', durationMs: 0 }]);
          break;
        case 'waiting':
          if (effect.dueAt !== undefined && effect.dueAt > step.now()) {
            step.wakeAt(effect.dueAt);
            return false;
          }
          await again(step, effect, channel);
          break;
        case 'intended': case 'unknown':
          await again(step, effect, channel);
          break;
        case 'dead': return false;
        case 'known': {
          if (!gaveUp(effect) || step.isWired(output.gaveUp)) return true;
          // A person has mended it: a new message under a new key.
          if (step.resolvedException(codeOf(effect)) === undefined) return await refused(step, effect, channel);
          if (!await intend(step, channel, effect.generation + 1)) return false;
          await callNow(step, channel);
        }
      }
    }
    throw new ConfigError('The message did not come to rest; see the events of the case.');
  }

  async function again(step: StepContext, effect: Effect, channel: NoticeChannel): Promise<void> {
    await step.commit([{ type: 'StartCall', effectId: effect.effectId, callId: step.newId() }]);
    await callNow(step, channel);
  }
  async function callNow(step: StepContext, channel: NoticeChannel): Promise<void> {
    const effect = effectOf(step.state, step.runId, channel);
    if (effect?.state === 'calling') await call(step, effect);
  }

  const codeOf = (effect: Effect): string => `not-told:${effect.system}-${effect.generation}`;

  async function refused(step: StepContext, effect: Effect, channel: NoticeChannel): Promise<false> {
    await step.raise({
      class: 'call-rejected', severity: 'medium', queue: 'integration', code: codeOf(effect), effectId: effect.effectId, system: channel,
      message: `The message was not taken by ${names[channel]}. ${whoProblem(effect)} Mend it and retry, or wire the second output and resolve this with retry.`,
    });
    return false;
  }

  return {
    async run(step) {
      // One after the other: a case stands at one thing, and a restart finds it there.
      for (const channel of channels) if (!await settle(step, channel)) return;
      const failed = channels.filter((channel) => {
        const effect = effectOf(step.state, step.runId, channel);
        return effect !== undefined && gaveUp(effect);
      });
      if (failed.length === 0) return step.complete([{ port: output.told }]);
      await step.complete([{ port: output.gaveUp, message: { ...step.message(), notTold: failed } }]);
    },
  };
}

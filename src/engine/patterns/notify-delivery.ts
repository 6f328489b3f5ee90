import { sendSlack, sendTeams } from '../../connectors/notify/chat.ts';
import { isMailAddress } from '../../connectors/notify/plain.ts';
import { failed, told } from '../../connectors/notify/told.ts';
import type { Told } from '../../connectors/notify/told.ts';
import { sendWebhook } from '../../connectors/notify/webhook.ts';
import type { Effect, JsonObject } from '../../domain/index.ts';
import type { NoticeChannel } from '../../domain/events.ts';
import { textsIn } from '../notify/texts.ts';
import type { Telling } from '../notify/telling.ts';
import type { StepContext } from '../step-context.ts';

/** Addresses of a node's own; what is blank comes from the instance's settings. */
export interface NotifyTargets { readonly teamsUrl?: string; readonly slackUrl?: string; readonly webhookUrl?: string; readonly webhookSecret?: string }

/** A message as the ledger keeps it: whom, what, and no address of a hook. */
export type NotifyRequest = {
  readonly channel: NoticeChannel; readonly subject: string; readonly text: string; readonly link: boolean;
  readonly role?: string;
  /** Pseudonym; empty when nobody has the account that was named. */
  readonly person?: string;
  readonly address?: string;
};
export interface Delivered { readonly told: Told; readonly response: JsonObject }

/** Who of several has had the mail, while this process tries the others again; after a restart all get it once more, under the same id. */
const had = new Map<string, Set<string>>();
const maxRemembered = 1_000;

function hadOf(effect: Effect): Set<string> {
  let set = had.get(effect.effectId);
  if (set === undefined) {
    if (had.size >= maxRemembered) had.delete(had.keys().next().value ?? '');
    had.set(effect.effectId, set = new Set());
  }
  return set;
}

/** Sends one message by its channel. */
export async function deliver(step: StepContext, targets: NotifyTargets, asked: NotifyRequest, effect: Effect): Promise<Delivered> {
  const { telling } = step;
  if (telling === undefined) return { told: failed('settings', 'no-notifications', 'Notifications are not available here; the log of the start says why.'), response: {} };
  if (asked.channel === 'mail') return byMail(step, telling, asked, effect);
  const now = step.clock.now();
  const url = asked.link ? telling.caseUrl(step.caseId) : undefined;
  const chat = { title: asked.subject, text: asked.text, facts: [], ...(url === undefined ? {} : { link: { label: textsIn(telling.language).openCase, url } }) };
  const none = (whose: string): Delivered => ({ told: failed('settings', 'no-address', `There is no address of ${whose}; set it in the node.`), response: {} });
  switch (asked.channel) {
    case 'teams': {
      const to = targets.teamsUrl || telling.hooks.teamsUrl;
      return to === undefined ? none('Teams') : { told: await sendTeams(to, chat, now), response: {} };
    }
    case 'slack': {
      const to = targets.slackUrl || telling.hooks.slackUrl;
      return to === undefined ? none('Slack') : { told: await sendSlack(to, chat, now), response: {} };
    }
    case 'webhook': {
      const to = targets.webhookUrl ? { url: targets.webhookUrl, secret: targets.webhookSecret } : telling.hooks.webhook;
      if (to === undefined) return none('the webhook');
      const { state } = step;
      const body = { type: 'waybill.message', site: state.site, caseId: step.caseId, process: state.process, subject: asked.subject, text: asked.text, ...(url === undefined ? {} : { url }) };
      return { told: await sendWebhook(to, body, effect.idempotencyKey, now), response: {} };
    }
  }
}

async function byMail(step: StepContext, telling: Telling, asked: NotifyRequest, effect: Effect): Promise<Delivered> {
  const recipients = await recipientsOf(step, telling, asked);
  if (recipients.length === 0) return { told: failed('permanent', 'no-recipient', whoProblem(effect)), response: { sent: 0 } };
  const sent = hadOf(effect);
  let refusedFor: (Told & { readonly ok: false }) | undefined;
  let later: (Told & { readonly ok: false }) | undefined;
  for (const to of recipients) {
    if (sent.has(to.address)) continue;
    const message = { subject: asked.subject, text: asked.text, caseId: step.caseId, site: step.state.site, link: asked.link };
    const result = await telling.mail(to, message, effect.idempotencyKey, step.clock.now());
    if (result.ok) sent.add(to.address);
    else if (result.kind === 'permanent') refusedFor = result;
    else later = result;
    // The server itself is away: the others would fare the same.
    if (!result.ok && result.recipient !== true) break;
  }
  const response = { sent: sent.size, of: recipients.length };
  if (later !== undefined) return { told: later, response };
  had.delete(effect.effectId);
  // Somebody of the role knows it; who has a wrong address is seen by the numbers.
  return { told: sent.size > 0 || refusedFor === undefined ? told : refusedFor, response };
}

async function recipientsOf(step: StepContext, telling: Telling, asked: NotifyRequest): Promise<readonly { readonly name: string; readonly address: string; readonly userId?: string }[]> {
  if (asked.address !== undefined) {
    return asked.address.split(/[,;\s]+/).filter((address) => address !== '').slice(0, 50).flatMap((address) => (isMailAddress(address) ? [{ name: '', address }] : []));
  }
  const readers = asked.role !== undefined ? await telling.readers({ role: asked.role, site: step.state.site }) : asked.person ? await telling.readers({ pseudonym: asked.person }) : [];
  return readers.flatMap(({ name, email, userId }) => (email === undefined || email === '' ? [] : [{ name, address: email, userId }]));
}

/** What may be wrong with the recipients, in one sentence without naming them. */
export function whoProblem(effect: Effect): string {
  const asked = effect.request as NotifyRequest | undefined;
  if (asked?.channel !== 'mail') return 'See the answer of the last call.';
  if (asked.role !== undefined) return `Nobody with a mail address holds the role "${asked.role}" at this site, or the addresses are refused.`;
  if (asked.person !== undefined) return asked.person === '' ? 'There is no account of the person that the node names.' : 'The person has no mail address, or it is refused.';
  return 'The address is none, or it is refused.';
}

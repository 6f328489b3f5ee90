import { readMailSettings } from '../../connectors/notify/mail.ts';
import type { MailSettings } from '../../connectors/notify/mail.ts';
import { hookProblem } from '../../connectors/notify/http-post.ts';
import type { WebhookTarget } from '../../connectors/notify/webhook.ts';

/** What people can be told of. */
export const purposes = ['created', 'reminder', 'escalated', 'reassigned', 'question', 'answer', 'decided', 'expired', 'exception'] as const;
export type Purpose = (typeof purposes)[number];

const byDefault: readonly Purpose[] = ['created', 'reminder', 'escalated', 'reassigned', 'question', 'answer', 'expired'];
const severities = ['low', 'medium', 'high', 'critical'] as const;
export type NoticeSeverity = (typeof severities)[number];

/** As the environment or settings.js says it; all texts. */
export interface NotificationSettings {
  readonly mailUrl?: string | undefined; readonly mailFrom?: string | undefined;
  readonly webhookUrl?: string | undefined; readonly webhookSecret?: string | undefined; readonly teamsUrl?: string | undefined; readonly slackUrl?: string | undefined;
  /** Comma-separated purposes. */
  readonly purposes?: string | undefined;
  /** Least severity of the exceptions that are told. */
  readonly severity?: string | undefined;
  /** `link`: mails carry no facts. */
  readonly content?: string | undefined;
  /** `en` or `de`: for whom nothing else is known, and for chats. */
  readonly language?: string | undefined;
}

/** As the notifier works with it. A channel whose setting is wrong is left out, and `problems` says why. */
export interface NoticeSettings {
  readonly mail: MailSettings | undefined; readonly webhook: WebhookTarget | undefined; readonly teamsUrl: string | undefined; readonly slackUrl: string | undefined;
  readonly purposes: ReadonlySet<Purpose>; readonly severity: NoticeSeverity; readonly withFacts: boolean; readonly language: 'en' | 'de';
  readonly problems: readonly string[];
}

export function notificationsFromEnvironment(text: (name: string) => string | undefined): NotificationSettings {
  return {
    mailUrl: text('WAYBILL_MAIL_URL'), mailFrom: text('WAYBILL_MAIL_FROM'), webhookUrl: text('WAYBILL_NOTIFY_WEBHOOK_URL'), webhookSecret: text('WAYBILL_NOTIFY_WEBHOOK_SECRET'),
    teamsUrl: text('WAYBILL_NOTIFY_TEAMS_URL'), slackUrl: text('WAYBILL_NOTIFY_SLACK_URL'), purposes: text('WAYBILL_NOTIFY'), severity: text('WAYBILL_NOTIFY_SEVERITY'),
    content: text('WAYBILL_NOTIFY_CONTENT'), language: text('WAYBILL_LANGUAGE'),
  };
}

export function readNoticeSettings(given: NotificationSettings): NoticeSettings {
  const problems: string[] = [];
  const hook = (url: string | undefined, name: string, whose: string): string | undefined => {
    const wrong = url === undefined ? undefined : hookProblem(url, whose);
    if (wrong !== undefined) problems.push(`${name}: ${wrong}`);
    return wrong === undefined ? url : undefined;
  };
  const mail = given.mailUrl === undefined ? undefined : readMailSettings(given.mailUrl, given.mailFrom);
  if (mail !== undefined && 'problem' in mail) problems.push(mail.problem);
  const webhookUrl = hook(given.webhookUrl, 'WAYBILL_NOTIFY_WEBHOOK_URL', 'the webhook');
  const severity = severities.find((each) => each === (given.severity ?? 'high'));
  if (severity === undefined) problems.push(`WAYBILL_NOTIFY_SEVERITY: "${given.severity ?? ''}" is none of ${severities.join(', ')}; high holds until then.`);
  if (given.content !== undefined && given.content !== 'full' && given.content !== 'link') problems.push('WAYBILL_NOTIFY_CONTENT is full or link; until then mails carry no facts.');
  if (given.language !== undefined && given.language !== 'en' && given.language !== 'de') problems.push('WAYBILL_LANGUAGE is en or de; English holds until then.');
  return {
    mail: mail === undefined || 'problem' in mail ? undefined : mail,
    webhook: webhookUrl === undefined ? undefined : { url: webhookUrl, secret: given.webhookSecret },
    teamsUrl: hook(given.teamsUrl, 'WAYBILL_NOTIFY_TEAMS_URL', 'Teams'), slackUrl: hook(given.slackUrl, 'WAYBILL_NOTIFY_SLACK_URL', 'Slack'),
    purposes: readPurposes(given.purposes, problems), severity: severity ?? 'high', withFacts: given.content === undefined || given.content === 'full', language: given.language === 'de' ? 'de' : 'en', problems,
  };
}

function readPurposes(text: string | undefined, problems: string[]): ReadonlySet<Purpose> {
  if (text === undefined) return new Set(byDefault);
  const asked = text.split(',').map((each) => each.trim()).filter((each) => each !== '');
  const known = asked.filter((each): each is Purpose => (purposes as readonly string[]).includes(each));
  if (known.length < asked.length) problems.push(`WAYBILL_NOTIFY: "${asked.find((each) => !(known as readonly string[]).includes(each)) ?? ''}" is none of ${purposes.join(', ')}; it is left out.`);
  return new Set(known);
}

/** Whether an exception of this severity is told. */
export function reaches(severity: string, least: NoticeSeverity): boolean {
  return severities.indexOf(severity as NoticeSeverity) >= severities.indexOf(least);
}

/** Whether anything is told at all. */
export function anyChannel(settings: NoticeSettings): boolean {
  return settings.mail !== undefined || settings.webhook !== undefined || settings.teamsUrl !== undefined || settings.slackUrl !== undefined;
}

import { createTransport } from 'nodemailer';
import type { Transporter } from 'nodemailer';
import { failed, told } from './told.ts';
import type { Told } from './told.ts';
import { isMailAddress, MAX_SUBJECT, oneLine } from './plain.ts';

/** How mails leave. */
export interface MailSettings {
  readonly host: string; readonly port: number;
  /** TLS from the first byte (`smtps://`). */
  readonly secure: boolean;
  readonly user: string | undefined; readonly password: string | undefined;
  readonly from: MailAddress;
}
export interface MailAddress { readonly name: string; readonly address: string }

/** One mail to one person. */
export interface Mail {
  readonly to: MailAddress;
  readonly subject: string; readonly text: string; readonly html: string;
  /** Without angle brackets; the same for a mail that is sent again, so that a reader shows it once. */
  readonly messageId: string;
  /** Message id of the first mail of the thread. */
  readonly inReplyTo?: string;
  /** `List-Id` without angle brackets (RFC 2919), for rules of the reader. */
  readonly listId: string; readonly listName: string;
  readonly date: Date; readonly language: string;
}

const example = 'smtps://name:password@mail.example.com:465 or smtp://mail.example.com:587';

/** Reads the settings, or says in one sentence what to mend; the sentence holds no password. */
export function readMailSettings(url: string, from: string | undefined): MailSettings | { readonly problem: string } {
  const at = URL.canParse(url) ? new URL(url) : undefined;
  if (at === undefined || (at.protocol !== 'smtp:' && at.protocol !== 'smtps:') || at.hostname === '') return { problem: `WAYBILL_MAIL_URL is no mail server's address; set it to ${example}.` };
  const sender = readSender(from);
  if (sender === undefined) {
    return { problem: from === undefined ? 'WAYBILL_MAIL_FROM is not set: say in whose name mails are sent, for example Waybill <waybill@example.com>.'
      : 'WAYBILL_MAIL_FROM is no mail address; write it like Waybill <waybill@example.com>.' };
  }
  try {
    const secure = at.protocol === 'smtps:';
    return {
      host: at.hostname.replace(/^\[|\]$/g, ''), port: Number(at.port) || (secure ? 465 : 587), secure, from: sender,
      user: at.username === '' ? undefined : decodeURIComponent(at.username), password: at.username === '' ? undefined : decodeURIComponent(at.password),
    };
  } catch (error) {
    if (error instanceof URIError) return { problem: 'WAYBILL_MAIL_URL: write special characters of its name and password with %, for example %40 for @.' };
    throw error;
  }
}

/** `Waybill <a@b.c>` or `a@b.c`. */
function readSender(text: string | undefined): MailAddress | undefined {
  const [, name = '', address = ''] = /^\s*(?:"?([^"<>]*?)"?\s*<)?([^<>\s]+)>?\s*$/.exec(text ?? '') ?? [];
  return isMailAddress(address) ? { name: oneLine(name, 80) || 'Waybill', address } : undefined;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}

/** What the server's answer means. 5yz about a recipient or a message is for good (RFC 5321 §4.2.1). */
function explain(error: NodeJS.ErrnoException & { readonly responseCode?: number; readonly command?: string }): Told {
  const { code = 'error', responseCode } = error;
  if (code === 'EAUTH') return failed('settings', 'not-authorised', 'The mail server refuses the name and password; mend WAYBILL_MAIL_URL.');
  const permanent = responseCode !== undefined && responseCode >= 500;
  if (error.command === 'RCPT TO') return failed(permanent ? 'permanent' : 'transient', `smtp-${responseCode ?? code}`, `The mail server ${permanent ? 'refused' : 'put off'} the recipient (${responseCode ?? code}).`, { recipient: true });
  // Only what was said to the mail itself is about the mail; a sender or a session that is refused is mended in the settings.
  if (permanent && error.command === 'DATA') return failed('permanent', `smtp-${responseCode}`, `The mail server refused the mail (${responseCode}).`, { recipient: true });
  if (responseCode !== undefined) return failed('transient', `smtp-${responseCode}`, `The mail server answered ${responseCode} to ${error.command ?? 'the mail'}.`);
  return failed('transient', code.toLowerCase(), `The mail server could not be reached (${code}).`);
}

/** Sends mails over a few connections that are kept open while there is something to send. */
export class MailSender {
  readonly #settings: MailSettings;
  readonly #transport: Transporter;

  constructor(settings: MailSettings, timeoutMs = 20_000) {
    this.#settings = settings;
    const { host, port, secure, user, password } = settings;
    this.#transport = createTransport({
      host, port, secure, pool: true, maxConnections: 2, maxMessages: 100,
      // A password never passes in clear over a network.
      requireTLS: !secure && user !== undefined && !isLoopback(host),
      ...(user === undefined ? {} : { auth: { user, pass: password ?? '' } }),
      connectionTimeout: timeoutMs, greetingTimeout: timeoutMs, socketTimeout: timeoutMs, dnsTimeout: timeoutMs,
      disableFileAccess: true, disableUrlAccess: true,
    } as object) as Transporter;
  }

  /** Never rejects. */
  async send(mail: Mail): Promise<Told> {
    const { from } = this.#settings;
    if (!isMailAddress(mail.to.address)) return failed('permanent', 'bad-address', 'The person\'s mail address is none; mend it in the account.', { recipient: true });
    try {
      await this.#transport.sendMail({
        from: { name: from.name, address: from.address }, to: { name: oneLine(mail.to.name, 80), address: mail.to.address },
        envelope: { from: from.address, to: [mail.to.address] },
        subject: oneLine(mail.subject, MAX_SUBJECT), text: mail.text, html: mail.html, messageId: `<${mail.messageId}>`, date: mail.date,
        ...(mail.inReplyTo === undefined ? {} : { inReplyTo: `<${mail.inReplyTo}>`, references: [`<${mail.inReplyTo}>`] }),
        headers: {
          // No answering machine answers, and no absence note comes back (RFC 3834 §5).
          'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All',
          'List-Id': `"${oneLine(mail.listName, 60).replace(/["\\]/g, '')}" <${mail.listId.replace(/[^A-Za-z0-9.-]/g, '-')}>`,
          'Content-Language': mail.language,
        },
      });
      return told;
    } catch (error) {
      return explain(error as NodeJS.ErrnoException);
    }
  }

  close(): void {
    this.#transport.close();
  }
}
